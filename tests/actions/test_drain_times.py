"""Hits at odd times: the same one again a year later, and those of a machine whose clock was set back."""

from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.privacy import Shown, exact
from tests.world import World

YES = PermissionChange.YES


async def test_a_replayed_hit_raises_totals_and_no_unique(world: World) -> None:
    """At once, after a drain, and a year later, when the events of then lie in another partition."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")

    for days in (0, 0, 1, 400):
        world.later(days=days)
        await world.open(message)
        await world.click(message)
        if days:
            await world.drain()

    report = await world.report(mailing)
    assert (report.opens, report.unique_opens) == (exact(4), exact(1))
    assert (report.clicks, report.unique_clicks) == (exact(4), exact(1))
    kinds = await world.rows("SELECT kind, count(*) FROM event GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in kinds] == [("CLICKED", 4), ("FIRST_OPENING", 1), ("OPENED", 3)]


async def test_anonymous_hits_of_a_clock_that_was_set_back_are_in_the_report(world: World) -> None:
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    messages = await world.send(mailing, *[f"p{number}@example.org" for number in range(12)])

    world.later(days=-400)
    for message in messages:
        await world.open(message)
    await world.drain()
    world.later(days=401)
    await world.drain()

    opens = (await world.report(mailing)).opens
    assert (opens.value, opens.shown) == (10, Shown.ROUNDED)
