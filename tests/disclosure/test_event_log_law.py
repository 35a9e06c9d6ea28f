"""What the report withholds has no rows in the log: no number of rows says more than the report does."""

from collections import Counter

from app.actions.record_deliveries import DeliveryEvent, DeliveryEventKind, record_deliveries
from app.domain.modes import Channel, EventKind
from app.domain.presets import Preset
from tests.disclosure.test_event_log import ANONYMOUS, TRANSACTIONAL, log, people
from tests.world import World

ONE, TWO = ('<a href="https://shop.example.com/1">1</a>', '<a href="https://shop.example.com/2">2</a>')


def mail(*links: str) -> str:
    return f'<p>Hello</p>{"".join(links)}<a href="{{{{preferences_url}}}}">Choose</a>'


async def kinds(world: World, channel: Channel = TRANSACTIONAL) -> Counter[EventKind]:
    return Counter(row.kind for row in await log(world, channel))


async def test_x5_clicks_on_a_link_that_too_few_people_had_have_no_rows(world: World) -> None:
    """Five of fifteen had a link and clicked; one of them bounces, and they are too few for a row or a figure."""
    await world.preset(Preset.INXMAIL)
    await world.settings(minimum_audience=5)
    mailing = await world.mailing()
    await world.send(mailing, *people(15)[5:], html=mail(TWO))
    messages = await world.send(mailing, *people(5), html=mail(ONE))
    for message in messages:
        await world.click(message)
    await world.drain()
    assert await kinds(world, Channel.CAMPAIGN) == {EventKind.CLICKED: 5}

    async with world.unit() as unit:
        await record_deliveries(unit, [DeliveryEvent(messages[0].deliveries[0], DeliveryEventKind.BOUNCED)])

    assert (await world.report(mailing)).clicks.value == 0
    assert await log(world, Channel.CAMPAIGN) == []


async def test_x5_a_send_day_and_a_link_do_not_tell_of_a_few_people(world: World) -> None:
    """On the first day 5 of 7 had a link that nobody had on the next: the day less the link would be about two."""
    await world.preset(Preset.INXMAIL)
    await world.settings(minimum_audience=5)
    mailing = await world.mailing(TRANSACTIONAL)
    messages = await world.send(mailing, *people(5), html=mail(ONE, TWO))
    await world.send(mailing, *people(7)[5:], html=mail(TWO))
    for message in messages:
        await world.click(message)
    await world.drain()
    world.later(days=1)
    for message in await world.send(mailing, *people(12)[7:], html=mail(TWO)):
        await world.click(message)
        await world.open(message)
    await world.drain()

    report = await world.report(mailing)
    assert [(each.url, each.clicks.value) for each in report.links] == [
        ("https://shop.example.com/1", 5),
        ("https://shop.example.com/2", 5),
    ]
    assert await kinds(world) == {EventKind.OPENED: 5}


async def test_x5_numbers_that_only_some_mails_had_tell_of_no_first_opening(world: World) -> None:
    """Six mails had numbers, six had none: together they are enough people, those with numbers are not."""
    await world.preset(Preset.BREVO)
    mailing = await world.mailing(**ANONYMOUS)
    messages = await world.send(mailing, *people(6))
    await world.preset(Preset.INXMAIL)
    await world.send(mailing, *people(12)[6:])
    for message in messages:
        await world.open(message)
    await world.drain()

    assert (await world.report(mailing)).unique_opens.shown == "NOT_MEASURED"
    assert await kinds(world, Channel.CAMPAIGN) == {EventKind.OPENED: 5}
