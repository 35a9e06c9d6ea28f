"""Hits at odd times: the same one again a year later, and those of a machine whose clock was set back."""

import pytest

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


@pytest.mark.parametrize("days", [1, 400, 20_000])
async def test_hits_of_a_clock_that_was_set_back_are_in_the_report(world: World, days: int) -> None:
    """They came before their mail was sent, as far as the clock says, and are drained while it still says so."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")

    world.later(days=-days)
    await world.open(message)
    await world.click(message)
    await world.drain()
    world.later(days=days, minutes=5)
    await world.open(message)
    await world.drain()

    report = await world.report(mailing)
    assert (report.opens, report.unique_opens) == (exact(2), exact(1))
    assert (report.clicks, report.unique_clicks) == (exact(1), exact(1))


async def test_a_no_since_the_mail_wins_whatever_the_clock_says(world: World) -> None:
    """Nobody knows whether the hit came before the NO or behind the YES that followed it."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")
    for answer in (PermissionChange.NO, YES):
        world.later(minutes=1)
        await world.answer("ada@example.org", answer)

    world.later(days=-1)
    await world.open(message)
    await world.drain()

    assert await world.rows("SELECT 1 FROM event") == []


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
