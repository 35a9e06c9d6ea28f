"""Machines that show themselves by several clicks: their counts move, the totals stay, and no tag survives."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.actions.drain_scanners import forget_clicks
from app.domain.modes import ClientClass, EventKind
from app.domain.permission import PermissionChange
from app.domain.privacy import exact
from app.domain.settings import Withdrawal
from app.journal.records import PERSONAL, Manner, PersonalRecord
from app.journal.writer import JournalWriter
from tests.world import World

LINKS = "".join(f'<a href="https://shop.example.com/{number}">{number}</a>' for number in range(1, 10))
MAIL = f'<html><body>{LINKS} <a href="{{{{preferences_url}}}}">Choose</a></body></html>'

BY_PERSON = Manner(EventKind.CLICKED, ClientClass.HUMAN_LIKELY, "ORDINARY_CLIENT", 1, "Firefox")


class Clicks:
    """Clicks on one person's mail, journalled as the door journals them."""

    def __init__(self, world: World, mailing: int, message, journal) -> None:
        self.world, self.mailing, self.message, self.journal = world, mailing, message, journal

    async def add(self, link: int, network: int | None = None, after: float = 0) -> None:
        """One click, so many seconds after the world's time."""
        delivery = self.message.deliveries[0]
        at = self.world.now[0] + timedelta(seconds=after)
        await self.journal.append(
            PersonalRecord(
                at_ms=round(at.timestamp() * 1000),
                mailing=self.mailing,
                link=link,
                delivery=delivery.id,
                subscriber=delivery.subscriber_id.bytes,
                manner=BY_PERSON,
                network=network,
            )
        )

    async def counted(self) -> tuple[int, int, int, int]:
        """Clicks and clickers in the report, hits of all classes, and what the delivery itself has seen."""
        report = await self.world.report(self.mailing)
        (total,) = await self.world.rows("SELECT sum(n)::integer AS n FROM event_rollup")
        (delivery,) = await self.world.rows("SELECT clicks, clicked_links, first_clicked_at FROM delivery")
        assert (delivery["first_clicked_at"] is None) == (delivery["clicked_links"] == [])
        return report.clicks.value, report.unique_clicks.value, total["n"], delivery["clicks"]

    async def classes(self) -> dict[tuple[int, str, str], int]:
        """How many events there are by link, class and rule."""
        rows = await self.world.rows(
            "SELECT link, client_class, rule, count(*)::integer AS n FROM event GROUP BY 1, 2, 3 ORDER BY 1, 2"
        )
        return {(row["link"], row["client_class"], row["rule"]): row["n"] for row in rows}


@pytest.fixture
async def clicks(world: World) -> AsyncIterator[Clicks]:
    """Somebody who permitted has a mail with nine links."""
    await world.subscriber("ada@example.org", PermissionChange.YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org", html=MAIL)
    async with JournalWriter(world.data, PERSONAL, turn_patience=60) as journal:
        yield Clicks(world, mailing, message, journal)


async def test_x13_eight_links_in_ten_seconds_are_a_scanner_in_one_batch(clicks: Clicks) -> None:
    """They are events with class, rule and version, and no clicks of anybody."""
    for link in range(1, 9):
        await clicks.add(link, after=link)
    await clicks.world.drain()

    assert await clicks.counted() == (0, 0, 8, 0)
    assert await clicks.classes() == {(link, "SCANNER", "MANY_LINKS"): 1 for link in range(1, 9)}
    report = await clicks.world.report(clicks.mailing)
    assert report.click_rate.value == 0.0


async def test_x13_a_later_click_moves_the_earlier_ones_and_leaves_the_total(clicks: Clicks) -> None:
    """Five, then three more: the first five counted for some seconds. A click of an hour ago stays a person's."""
    await clicks.add(3)
    await clicks.world.drain()
    clicks.world.later(hours=1)
    for link in range(1, 6):
        await clicks.add(link)
    await clicks.world.drain()
    assert await clicks.counted() == (6, 1, 6, 6)

    for link in range(6, 9):
        await clicks.add(link, after=9)
    await clicks.world.drain()

    assert await clicks.counted() == (1, 1, 9, 1)
    classes = await clicks.classes()
    assert classes.pop((3, "HUMAN_LIKELY", "ORDINARY_CLIENT")) == 1
    assert classes == {(link, "SCANNER", "MANY_LINKS"): 1 for link in range(1, 9)}
    links = await clicks.world.rows("SELECT link, clickers FROM link_rollup WHERE clickers <> 0")
    assert [tuple(row) for row in links] == [(3, 1)]


async def test_x13_one_link_from_three_networks_is_a_scanner_over_three_batches(clicks: Clicks) -> None:
    """Each network comes with a drain of its own; another link stays a person's, and so does what comes later."""
    await clicks.add(2, 7)
    for place, network in enumerate((7, 2**47, 9)):
        await clicks.add(1, network, after=50 * place)
        await clicks.world.drain()
    assert await clicks.counted() == (1, 1, 4, 1)

    await clicks.add(1, 7, after=300)
    await clicks.world.drain()

    assert await clicks.counted() == (2, 1, 5, 2)
    assert await clicks.classes() == {
        (1, "HUMAN_LIKELY", "ORDINARY_CLIENT"): 1,
        (1, "SCANNER", "MANY_NETWORKS"): 3,
        (2, "HUMAN_LIKELY", "ORDINARY_CLIENT"): 1,
    }


async def test_tags_of_networks_are_gone_after_two_minutes(clicks: Clicks) -> None:
    """They lie in one table, which is in no log of the database, and leave it when their window is over."""
    world = clicks.world
    await clicks.add(1, 0x5EC2E7)
    await world.drain()
    assert len(await world.rows("SELECT 1 FROM recent_click")) == 1

    world.later(seconds=119)
    await forget_clicks(world.instance)
    assert [row["network"] for row in await world.rows("SELECT network FROM recent_click")] == [0x5EC2E7]
    world.later(seconds=2)
    await forget_clicks(world.instance)

    assert await world.rows("SELECT 1 FROM recent_click") == []
    with_tags = await world.rows(
        "SELECT table_name FROM information_schema.columns WHERE column_name LIKE '%network%' "
        "AND table_schema = 'public'"
    )
    assert [row["table_name"] for row in with_tags] == ["recent_click"]
    kept = await world.rows(
        "SELECT relpersistence::text AS kind FROM pg_class WHERE relname = 'recent_click'"
    )
    assert kept[0]["kind"] == "u"
    assert await clicks.counted() == (1, 1, 1, 1)


async def test_what_waited_in_the_journal_for_longer_is_judged_and_not_remembered(clicks: Clicks) -> None:
    """After an outage a batch is judged by what it holds, and no tag reaches the database at all."""
    for network in (1, 2, 3):
        await clicks.add(1, network)
    clicks.world.later(minutes=5)
    await clicks.world.drain()

    assert await clicks.counted() == (0, 0, 3, 0)
    assert await clicks.world.rows("SELECT 1 FROM recent_click") == []


async def test_a_withdrawal_takes_the_remembered_clicks_along(clicks: Clicks) -> None:
    """With SEVER nothing of the person's clicks stays, not even for two minutes."""
    world = clicks.world
    await world.settings(withdrawal=Withdrawal.SEVER)
    await clicks.add(1, 7)
    await world.drain()

    world.later(seconds=1)
    await world.answer("ada@example.org", PermissionChange.NO)

    assert await world.rows("SELECT 1 FROM recent_click") == []
    assert await world.rows("SELECT 1 FROM event") == []


async def test_opens_are_not_touched_by_the_clicks_of_a_machine(clicks: Clicks) -> None:
    """Who opened stays an opener, and no clicker among the openers remains."""
    world = clicks.world
    await world.open(clicks.message)
    await clicks.add(9, after=1)
    await world.drain()
    before = await world.report(clicks.mailing)
    assert before.click_to_open_rate.value == 1.0

    for link in range(1, 8):
        await clicks.add(link, after=2)
    await world.drain()

    after = await world.report(clicks.mailing)
    assert (after.opens, after.unique_opens, after.clicks) == (exact(1), exact(1), exact(0))
    assert after.click_to_open_rate.value == 0.0
