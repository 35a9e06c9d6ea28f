"""What readers see of counters is published beside the drain and the closing of windows, and none spoils the other."""

import asyncio
from contextvars import Context

from app.actions.publish import close_windows, publish_anonymous
from app.domain.presets import Preset
from app.storage import anonymous
from app.storage.anonymous import SeenNumber, Tally
from tests.world import World

DAY = 20_000
SEEN = "SELECT count(*) AS n, count(*) FILTER (WHERE shown) AS shown FROM unlinked_seen"


async def counted(world: World, mailing: int, links: list[int]) -> None:
    """Hits on links, each in a transaction of its own, so that they lie in the order in which they are given."""
    for link in links:
        async with world.unit() as unit:
            tally = Tally(mailing, DAY, "CLICKED", link, DAY, "HUMAN_LIKELY")
            await anonymous.add_tallies(unit.connection, {tally: 7})
            seen = SeenNumber(mailing, DAY, link, bytes([link]) * 16, DAY)
            await anonymous.add_seen(unit.connection, {seen: 7})


async def test_x5_counters_are_locked_in_the_order_in_which_hits_are_added(world: World) -> None:
    """Publishing waits for the first counter of a drain, and holds none that this drain comes to later."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await counted(world, mailing, [3, 2, 1])

    async with world.unit() as drain:
        await drain.connection.execute("UPDATE anonymous_tally SET n = n + 1 WHERE link = 1")
        publishing = asyncio.create_task(publish_anonymous(world.instance), context=Context())
        await world.somebody_waits()
        free = await drain.connection.fetch(
            "SELECT link FROM anonymous_tally WHERE link > 1 ORDER BY link FOR UPDATE NOWAIT"
        )
    await publishing

    assert [row["link"] for row in free] == [2, 3]
    assert [row["shown"] for row in await world.rows("SELECT shown FROM anonymous_tally ORDER BY link")] == [
        8,
        7,
        7,
    ]


async def test_numbers_that_are_published_while_their_window_closes_stay_published(world: World) -> None:
    """Closing waits for the publishing, and puts back what is published by then."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await counted(world, mailing, [1, 2])
    await world.rows(
        "INSERT INTO unlinked_window (mailing_id, send_day, secret, closes_on) VALUES ($1, $2, 'x', $2)",
        mailing,
        DAY,
    )

    async with world.unit() as publishing:
        await publishing.connection.fetch(anonymous.SQL.claim_interval, "publish_anonymous", 1)
        closing = asyncio.create_task(close_windows(world.instance), context=Context())
        await world.somebody_waits()
        columns = [[DAY, DAY], [1, 2]]
        await publishing.connection.execute(anonymous.SQL.publish_tallies, mailing, *columns)
        await publishing.connection.execute(anonymous.SQL.publish_seen, mailing, *columns)
    await closing

    (seen,) = await world.rows(SEEN)
    (days,) = await world.rows("SELECT sum(n)::integer AS n FROM unlinked_day")
    assert (seen["n"], seen["shown"], days["n"]) == (2, 2, 2)


async def test_x5_counters_of_an_earlier_release_count_newcomers_from_their_next_publishing(
    world: World,
) -> None:
    """It is not known over whom they were published last, so they wait once, and what comes later is measured by that."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await counted(world, mailing, [1])
    await world.rows("UPDATE anonymous_tally SET shown = 6")

    shown = []
    for _ in range(2):
        await publish_anonymous(world.instance)
        shown += [row["shown"] for row in await world.rows("SELECT shown FROM anonymous_tally")]
        world.later(hours=2)

    assert shown == [6, 7]
    assert len(await world.rows("SELECT 1 FROM published_audience WHERE link > 0")) == 1
