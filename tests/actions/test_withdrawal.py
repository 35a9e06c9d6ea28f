"""What was recorded before a NO follows the setting in force when it was given: KEEP, HIDE or SEVER."""

import asyncio
from dataclasses import dataclass

import pytest

from app.actions import preferences as person
from app.disclosure.deliveries import DeliveryView, deliveries_of_mailing
from app.disclosure.subscribers import overviews
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import Permission, PermissionChange
from app.domain.privacy import NOT_MEASURED_ON_PAGE, exact
from app.domain.settings import Withdrawal
from tests.world import World

NO, YES = PermissionChange.NO, PermissionChange.YES
ADA, BEN = "ada@example.org", "ben@example.org"


@dataclass
class Sent:
    """A mailing that two people have opened once and clicked twice each."""

    world: World
    mailing: int
    messages: list

    async def figures(self) -> tuple[object, ...]:
        """Opens, unique opens, clicks, unique clicks, and what was measured, as the report says them."""
        report = await self.world.report(self.mailing)
        shown = (report.opens, report.unique_opens, report.clicks, report.unique_clicks)
        return (*(figure.value for figure in shown), report.measured, report.sent)

    async def of_ada(self) -> DeliveryView:
        views = await deliveries_of_mailing(self.world.reader, self.mailing, limit=10)
        (view,) = [view for view in views if view.key == self.messages[0].deliveries[0]]
        return view


@pytest.fixture
async def sent(world: World) -> Sent:
    for email in (ADA, BEN):
        await world.subscriber(email, YES)
    mailing = await world.mailing()
    messages = await world.send(mailing, ADA, BEN)
    world.later(hours=1)
    for message in messages:
        await world.open(message)
        await world.click(message, 0)
        await world.click(message, 1)
    await world.drain()
    world.later(hours=1)
    return Sent(world, mailing, messages)


async def says(world: World, value: Permission, *axes: Axis) -> None:
    """Ada answers on her own page."""
    (row,) = await world.rows("SELECT id FROM subscriber WHERE address = $1", ADA)
    async with person.persons_unit(world.instance, row["id"]) as unit:
        await person.answer(unit, row["id"], dict.fromkeys(axes or Axis, value))


async def test_c7_keep_leaves_everything_where_it_is(world: World, sent: Sent):
    await world.settings(withdrawal=Withdrawal.KEEP)

    await says(world, Permission.NO)

    view = await sent.of_ada()
    assert (view.opens, view.clicks) == (exact(1), exact(2))
    assert await sent.figures() == (2, 2, 4, 2, (2, 2), 2)


async def test_x9_hide_keeps_totals_and_shows_the_rows_again_after_a_yes(world: World, sent: Sent):
    """The person's rows read as not measured while the NO stands."""
    (row,) = await world.rows("SELECT id FROM subscriber WHERE address = $1", ADA)

    await says(world, Permission.NO)

    hidden, overview = await sent.of_ada(), (await overviews(world.reader, [row["id"]]))[row["id"]]
    assert (hidden.opens, hidden.clicks, hidden.clicked_links) == (
        NOT_MEASURED_ON_PAGE,
        NOT_MEASURED_ON_PAGE,
        (),
    )
    assert (overview.sent, overview.opens, overview.clicks) == (
        exact(1),
        NOT_MEASURED_ON_PAGE,
        NOT_MEASURED_ON_PAGE,
    )
    assert await sent.figures() == (2, 2, 4, 2, (2, 2), 2)
    await says(world, Permission.YES)
    shown = await sent.of_ada()
    assert (shown.opens, shown.clicks, shown.first_opened_at) == (
        exact(1),
        exact(2),
        world.now[0].replace(hour=13),
    )


async def test_x9_sever_deletes_events_and_lets_the_figures_fall(world: World, sent: Sent):
    """Sent and delivered stay; opens, uniques, clicks, clickers of links and measured fall by one person."""
    await world.settings(withdrawal=Withdrawal.SEVER)

    await says(world, Permission.NO)

    assert await sent.figures() == (1, 1, 2, 1, (1, 1), 2)
    assert [link.unique_clicks.value for link in (await world.report(sent.mailing)).links] == [1, 1]
    assert [
        row["n"] for row in await world.rows("SELECT count(*) AS n FROM event GROUP BY subscriber_id")
    ] == [3]
    await says(world, Permission.YES)
    view = await sent.of_ada()
    assert (view.opens, view.opens_mode) == (NOT_MEASURED_ON_PAGE, TrackingMode.OFF)


async def test_x9_sever_of_one_axis_leaves_the_other(world: World, sent: Sent):
    await world.settings(withdrawal=Withdrawal.SEVER)

    await says(world, Permission.NO, Axis.OPENS)

    view = await sent.of_ada()
    assert (view.opens, view.clicks) == (NOT_MEASURED_ON_PAGE, exact(2))
    assert await sent.figures() == (1, 1, 4, 2, (1, 2), 2)


@pytest.mark.parametrize("later", [Withdrawal.KEEP, Withdrawal.SEVER])
async def test_x9_a_later_setting_does_not_change_what_was_promised(
    world: World, sent: Sent, later: Withdrawal
):
    """The NO was given under HIDE: it neither shows anything under KEEP, nor deletes anything under SEVER."""
    await says(world, Permission.NO)

    await world.settings(withdrawal=later)

    assert (await sent.of_ada()).opens == NOT_MEASURED_ON_PAGE
    assert await sent.figures() == (2, 2, 4, 2, (2, 2), 2)


async def test_x9_a_no_that_was_given_under_keep_is_not_hidden_later(world: World, sent: Sent):
    await world.settings(withdrawal=Withdrawal.KEEP)
    await says(world, Permission.NO)

    await world.settings(withdrawal=Withdrawal.HIDE)

    assert (await sent.of_ada()).opens == exact(1)


@pytest.mark.parametrize("in_force", Withdrawal)
async def test_x9_what_waits_in_the_journal_never_appears(world: World, sent: Sent, in_force: Withdrawal):
    """A hit that was not drained when the NO came is written nowhere."""
    await world.settings(withdrawal=in_force)
    await world.open(sent.messages[0])
    await world.click(sent.messages[0])
    before = await world.rows(
        "SELECT count(*) FROM event WHERE subscriber_id = $1", sent.messages[0].deliveries[0][0]
    )

    world.later(seconds=1)
    await says(world, Permission.NO)
    world.later(seconds=1)
    await says(world, Permission.YES)
    await world.drain()

    after = await world.rows(
        "SELECT count(*) FROM event WHERE subscriber_id = $1", sent.messages[0].deliveries[0][0]
    )
    assert after[0][0] == (0 if in_force is Withdrawal.SEVER else before[0][0])


async def test_x9_the_person_may_stop_and_erase_whatever_the_account_promises(world: World, sent: Sent):
    """SEVER for this person alone, also where the NO stood already."""
    await world.settings(withdrawal=Withdrawal.KEEP)
    await says(world, Permission.NO, Axis.CLICKS)
    (row,) = await world.rows("SELECT id FROM subscriber WHERE address = $1", ADA)

    for _ in range(2):
        async with person.persons_unit(world.instance, row["id"]) as unit:
            await person.stop_and_erase(unit, row["id"])

    (after,) = await world.rows("SELECT * FROM subscriber WHERE address = $1", ADA)
    assert (after["opens_value"], after["clicks_value"], after["ledger_length"]) == ("NO", "NO", 4)
    assert await sent.figures() == (1, 1, 2, 1, (1, 1), 2)


async def test_x9_severing_twice_takes_nothing_twice(world: World, sent: Sent):
    """The counts equal what is left, however often NO is said, by whomever."""
    await world.settings(withdrawal=Withdrawal.SEVER)
    await says(world, Permission.NO)
    await says(world, Permission.YES)
    await says(world, Permission.NO)
    await world.answer(ADA, NO)

    assert await sent.figures() == (1, 1, 2, 1, (1, 1), 2)
    counts = await world.rows(
        "SELECT sum(sent), sum(openers), sum(clickers), sum(clicked_openers) FROM delivery_rollup"
    )
    assert tuple(map(int, counts[0])) == (2, 1, 1, 1)


async def test_x9_a_no_that_crosses_the_drain_leaves_nothing_behind(world: World, sent: Sent):
    """Whichever of the two comes first, what is counted is what is there."""
    await world.settings(withdrawal=Withdrawal.SEVER)
    for _ in range(20):
        await world.open(sent.messages[0])
    world.later(seconds=1)

    await asyncio.gather(world.drain(), says(world, Permission.NO))
    await world.drain()

    assert await sent.figures() == (1, 1, 2, 1, (1, 1), 2)
    counted = await world.rows(
        "SELECT (SELECT sum(n) FROM event_rollup)::int, (SELECT count(*) FROM event)::int"
    )
    assert tuple(counted[0]) == (3, 3)
