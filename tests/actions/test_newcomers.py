"""Few people who join an audience do not move what is published of it by themselves."""

import pytest

from app.actions.erase import erase
from app.actions.record_deliveries import DeliveryEvent, DeliveryEventKind, record_deliveries
from app.domain.modes import Channel
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.privacy import NOT_MEASURED, Basis, Figure, Shown
from tests.world import HTML, World

PEOPLE = [f"p{number}@example.org" for number in range(12)]
MORE = [f"q{number}@example.org" for number in range(12)]


def rounded(value: int) -> Figure:
    return Figure(value, Shown.ROUNDED)


async def opened(world: World, mailing: int, *emails: str, times: int = 1) -> None:
    """Sends these people a mail, which each of them opens."""
    for message in await world.send(mailing, *emails):
        for _ in range(times):
            await world.open(message)
    await world.drain()


@pytest.mark.parametrize("channel", [Channel.CAMPAIGN, Channel.TRANSACTIONAL])
async def test_x5_one_more_person_between_two_readings_moves_nothing_that_day(
    world: World, channel: Channel
) -> None:
    """Ten opens of twelve people; a thirteenth opens five times, and the figure stays until the day is over."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing(channel)
    await opened(world, mailing, *PEOPLE)

    await opened(world, mailing, MORE[0], times=5)
    same_day = await world.report(mailing)
    world.later(days=1)
    await world.drain()
    day_after = await world.report(mailing)

    assert (same_day.opens, day_after.opens) == (rounded(10), rounded(15))


async def test_x5_who_joins_on_a_later_day_waits_for_its_end(world: World) -> None:
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await opened(world, mailing, *PEOPLE)
    world.later(days=3)

    await opened(world, mailing, MORE[0], times=5)
    that_day = await world.report(mailing)
    world.later(days=1)
    await world.drain()

    assert that_day.opens == rounded(10)
    assert (await world.report(mailing)).opens == rounded(15)


async def test_as_many_newcomers_as_an_audience_needs_move_it_at_once(world: World) -> None:
    """Nine wait, and with the tenth all of them are shown."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await opened(world, mailing, *PEOPLE)

    await opened(world, mailing, *MORE[:9])
    nine = await world.report(mailing)
    await opened(world, mailing, MORE[9])

    assert nine.opens == rounded(10)
    assert (await world.report(mailing)).opens == rounded(20)


async def test_reading_early_pins_nothing(world: World) -> None:
    """As long as nothing is shown but zero, whoever joins is one of all."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    messages = await world.send(mailing, *PEOPLE[:10])
    await world.open(messages[0])
    await world.drain()
    early = await world.report(mailing)

    await opened(world, mailing, *PEOPLE[10:], times=2)

    assert (early.opens, (await world.report(mailing)).opens) == (rounded(0), rounded(5))


async def test_x5_a_link_waits_for_those_who_get_it_late(world: World) -> None:
    """All of forty are in the audience of clicks; one of them gets another template later, with a link of ten others."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await world.send(mailing, *(f"r{number}@example.org" for number in range(30)), *PEOPLE[:10])
    other = HTML.replace("/b", "/c")
    for message in await world.send(mailing, *PEOPLE[:10], html=other):
        await world.click(message, 1)
    await world.drain()
    before = await world.report(mailing)

    (late,) = await world.send(mailing, "r1@example.org", html=other)
    for _ in range(5):
        await world.click(late, 1)
    await world.drain()

    assert [link.clicks for link in before.links] == [rounded(0), rounded(0), rounded(10)]
    assert (await world.report(mailing)).clicks == before.clicks == rounded(10)


async def test_x5_who_bounces_changes_no_figure_but_takes_it_away_with_too_few(world: World) -> None:
    """What eleven did stays what it was when one of them leaves, and is gone when ten become nine."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    messages = await world.send(mailing, *PEOPLE[:11])
    for message in messages:
        await world.open(message)
    await world.drain()

    readings = [(await world.report(mailing)).opens]
    for message in messages[:2]:
        await bounced(world, message)
        await world.drain()
        readings.append((await world.report(mailing)).opens)

    assert readings == [rounded(10), rounded(10), NOT_MEASURED]


async def test_x5_who_leaves_makes_no_room_for_who_joins(world: World) -> None:
    """One of twelve bounces and another joins: as many people as before, and the figure stays all the same."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    messages = await world.send(mailing, *PEOPLE)
    for message in messages:
        await world.open(message)
    await world.drain()

    await bounced(world, messages[0])
    await opened(world, mailing, MORE[0], times=5)
    joined = await world.report(mailing)
    world.later(days=1)
    await world.drain()

    assert (joined.opens, (await world.report(mailing)).opens) == (rounded(10), rounded(15))


async def test_who_bounces_holds_nothing_up(world: World) -> None:
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    messages = await world.send(mailing, *PEOPLE)
    for message in messages[:6]:
        await world.open(message)
    await world.drain()

    await bounced(world, messages[0])
    for message in messages[6:]:
        await world.open(message)
    await world.drain()

    assert (await world.report(mailing)).opens == rounded(10)


async def test_x5_who_withdraws_or_is_erased_moves_no_anonymous_figure(world: World) -> None:
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await opened(world, mailing, *PEOPLE)
    before = await world.report(mailing)

    world.later(minutes=1)
    await world.answer(PEOPLE[0], PermissionChange.NO)
    await erased(world, PEOPLE[1])
    await world.drain()

    assert await world.report(mailing) == before


async def test_x5_the_minimum_of_any_time_holds(world: World) -> None:
    """Raised, it takes figures away; lowered again, it does not bring back what it took."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await opened(world, mailing, *PEOPLE)

    readings = [(await world.report(mailing)).opens]
    for k in (13, 2):
        await world.settings(minimum_audience=k)
        readings.append((await world.report(mailing)).opens)

    assert readings == [rounded(10), NOT_MEASURED, NOT_MEASURED]


@pytest.mark.parametrize("order", [(Preset.BREVO, Preset.MAPP), (Preset.MAPP, Preset.BREVO)])
async def test_x5_unique_figures_of_a_mixed_audience_are_none(world: World, order) -> None:
    """Ten people with numbers and ten without: a unique ten would say of everybody with a number that they opened."""
    mailing = None
    for preset, people in zip(order, (PEOPLE[:10], MORE[:10]), strict=True):
        await world.preset(preset)
        mailing = mailing or await world.mailing()
        for email in people:
            await world.subscriber(email, PermissionChange.NO)
        for message in await world.send(mailing, *people):
            await world.open(message)
    await world.drain()

    report = await world.report(mailing)

    assert (report.opens, report.unique_opens) == (rounded(20), NOT_MEASURED)
    assert report.open_rate.basis is Basis.TOTAL


async def bounced(world: World, message) -> None:
    async with world.unit() as work:
        key = message.deliveries[0]
        assert await record_deliveries(work, [DeliveryEvent(key, DeliveryEventKind.BOUNCED)]) == []


async def erased(world: World, email: str) -> None:
    subscriber_id = await world.subscriber(email)
    async with world.unit() as work:
        await erase(work, subscriber_id)
