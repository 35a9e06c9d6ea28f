"""The log of events: personal rows as they are, and anonymous ones as many as are published, in pages of any size."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from app.actions.drain import drains
from app.disclosure.event_log import log_part, page_of_log
from app.disclosure.event_log_views import Start
from app.disclosure.reader import Reader
from app.domain.global_ids import encode_id
from app.domain.modes import Channel, ClientClass, EventKind, TrackingMode
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.principal import SCOPES, Principal
from app.domain.settings import Withdrawal
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO
ADA, BEN = "ada@example.org", "ben@example.org"
TRANSACTIONAL = Channel.TRANSACTIONAL
ALL = 1_000_000
ANONYMOUS = {"opens": TrackingMode.ANONYMOUS, "clicks": TrackingMode.ANONYMOUS}


def people(count: int) -> list[str]:
    return [f"person{number}@example.org" for number in range(count)]


def other_reader(world: World, user_id: int | None = None, *, without: str = "") -> Reader:
    return Reader(world.instance, Principal(world.account_id, 2, user_id, SCOPES - {without}))


async def log(world: World, channel: Channel = TRANSACTIONAL, reader: Reader | None = None, **more: object):
    """Every row of the log, newest first."""
    reader = reader or world.reader
    part = await log_part(reader, channel, **more)
    if part is None:
        return []
    return await page_of_log(reader, part, Start(), ALL)


def day(world: World) -> datetime:
    return world.now[0].replace(hour=0, minute=0, second=0)


async def test_a_personal_row_says_all_of_it(world: World) -> None:
    """Who, when, of which mail, and where a click led; an opening leads nowhere."""
    await world.subscriber(ADA, YES)
    mailing = await world.mailing(TRANSACTIONAL)
    (message,) = await world.send(mailing, ADA)
    sent_at = world.now[0]
    world.later(minutes=5)
    await world.open(message)
    world.later(minutes=5)
    await world.click(message)
    await world.drain()

    click, opening = await log(world)

    assert (opening.kind, click.kind) == (EventKind.FIRST_OPENING, EventKind.CLICKED)
    assert (opening.occurred_at, click.occurred_at) == (
        sent_at + timedelta(minutes=5),
        sent_at + timedelta(minutes=10),
    )
    assert (click.email, click.sent_at, click.client_class) == (ADA, sent_at, ClientClass.HUMAN_LIKELY)
    assert click.message_id == opening.message_id == str(message.message_id)
    assert (opening.link, click.link) == (None, "https://shop.example.com/a?x=1")
    assert click.template_id == encode_id("Mailing", mailing)


async def test_anonymous_rows_are_as_many_as_is_published_and_all_alike(world: World) -> None:
    """Of 12 people each opens once and 8 click: 10 and 5 rows that say a day, a send day, a template, and nothing else."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing(TRANSACTIONAL)
    messages = await world.send(mailing, *people(12))
    sent_on = day(world)
    world.later(days=1, hours=3)
    for message in messages:
        await world.open(message)
    for message in messages[:8]:
        await world.click(message)
    await world.drain()

    rows = await log(world)

    assert Counter(row.kind for row in rows) == {EventKind.OPENED: 10, EventKind.CLICKED: 5}
    assert {(row.occurred_at, row.sent_at) for row in rows} == {(day(world), sent_on)}
    assert {(row.email, row.message_id, row.link) for row in rows} == {("Anonymized",) * 3}
    assert {(row.client_class, row.template_id) for row in rows} == {(None, encode_id("Mailing", mailing))}


async def test_what_is_not_published_yet_has_no_rows(world: World) -> None:
    """The log moves when figures move: at a refresh."""
    await world.preset(Preset.INXMAIL)
    messages = await world.send(await world.mailing(TRANSACTIONAL), *people(10))
    for message in messages:
        await world.open(message)
    await world.drain()
    before = await log(world)

    for message in messages:
        await world.open(message)
    await drains(world.instance, world.data)[1].once()

    assert len(await log(world)) == len(before) == 10


async def test_first_openings_are_told_where_numbers_are_unlinked(world: World) -> None:
    """Of 15 people 11 open, two of them again on the next day: first openings are rounded like the openings."""
    await world.preset(Preset.BREVO)
    mailing = await world.mailing(TRANSACTIONAL, **ANONYMOUS)
    messages = await world.send(mailing, *people(15))
    for message in (*messages[:11], *messages[:5]):
        await world.open(message)
    await world.drain()
    world.later(days=1)
    for message in (*messages[:2], *messages[:2], *messages[:2]):
        await world.open(message)
    await world.drain()

    rows = await log(world)

    assert [(row.occurred_at, row.kind) for row in rows] == [
        *[(day(world), EventKind.OPENED)] * 5,
        *[(day(world) - timedelta(days=1), EventKind.OPENED)] * 5,
        *[(day(world) - timedelta(days=1), EventKind.FIRST_OPENING)] * 10,
    ]


async def test_no_day_gives_away_that_everybody_opened(world: World) -> None:
    """Ten people open on two days, five on each; together that would be all of them, so no row says which were first."""
    await world.preset(Preset.BREVO)
    mailing = await world.mailing(TRANSACTIONAL, **ANONYMOUS)
    messages = await world.send(mailing, *people(10))
    for half in (messages[:5], messages[5:]):
        for message in half:
            await world.open(message)
        await world.drain()
        world.later(days=1)

    rows = await log(world)

    assert Counter(row.kind for row in rows) == {EventKind.OPENED: 10}
    assert (await world.report(mailing)).unique_opens.shown == "SUPPRESSED"


async def test_where_only_totals_are_shown_there_are_no_anonymous_rows(world: World) -> None:
    await world.preset(Preset.ITALY)
    mailing = await world.mailing()
    for message in await world.send(mailing, *people(12)):
        await world.open(message)
    await world.drain()

    assert (await world.report(mailing)).opens.value == 10
    assert await log(world, Channel.CAMPAIGN) == []


async def test_a_no_hides_rows_as_it_was_promised(world: World) -> None:
    """HIDE takes the person's rows out until a new yes, KEEP leaves them."""
    for email in (ADA, BEN):
        await world.subscriber(email, YES)
    for message in await world.send(await world.mailing(TRANSACTIONAL), ADA, BEN):
        await world.open(message)
    await world.drain()

    await world.answer(ADA, NO)
    hidden = [row.email for row in await log(world)]
    await world.settings(withdrawal=Withdrawal.KEEP)
    await world.answer(BEN, NO)
    kept = [row.email for row in await log(world)]
    world.later(minutes=1)
    await world.answer(ADA, YES)

    assert (hidden, kept) == ([BEN], [BEN])
    assert {row.email for row in await log(world)} == {ADA, BEN}


async def test_a_message_to_several_names_nobody(world: World) -> None:
    """Time, link and message stay; one of them who hides what was recorded takes the rows with them."""
    for email in (ADA, BEN):
        await world.subscriber(email, YES)
    (message,) = await world.send(await world.mailing(TRANSACTIONAL), [ADA, BEN])
    await world.open(message)
    await world.drain()

    (row,) = await log(world)
    await world.answer(BEN, NO)

    assert (row.email, row.message_id) == ("Anonymized", str(message.message_id))
    assert (row.occurred_at, row.client_class) == (world.now[0], ClientClass.HUMAN_LIKELY)
    assert await log(world) == []


async def test_who_may_not_see_people_gets_days_without_names(world: World) -> None:
    """One row for each event of the day, in the shape of anonymous ones; no hour, no order, no class."""
    await world.subscriber(ADA, YES)
    (message,) = await world.send(await world.mailing(TRANSACTIONAL), ADA)
    for _ in range(3):
        await world.open(message)
    await world.click(message)
    await world.drain()

    rows = await log(world, reader=other_reader(world, without="personal:read"))

    assert Counter(row.kind for row in rows) == {"FIRST_OPENING": 1, "OPENED": 2, "CLICKED": 1}
    assert {(row.occurred_at, row.sent_at, row.client_class) for row in rows} == {(day(world), None, None)}
    assert {(row.email, row.message_id, row.link) for row in rows} == {("Anonymized",) * 3}
    assert {row.key.at for row in rows} == {day(world)}


async def test_filters_choose_among_rows_and_change_no_count(world: World) -> None:
    """By mailing and by time; a day that is cut is left out as a whole, whatever the cut."""
    await world.preset(Preset.INXMAIL)
    await world.subscriber(ADA, YES)
    anonymous = await world.mailing(TRANSACTIONAL)
    personal = await world.mailing(TRANSACTIONAL, permission_based=True)
    for message in await world.send(anonymous, *people(10)):
        await world.open(message)
    (own,) = await world.send(personal, ADA)
    await world.open(own)
    await world.drain()
    noon, today = world.now[0], day(world)

    async def rows(**more: object) -> tuple[int, int]:
        found = await log(world, **more)
        return sum(row.email == ADA for row in found), sum(row.email != ADA for row in found)

    assert await rows() == (1, 10)
    assert await rows(mailing_id=anonymous) == (0, 10)
    assert await rows(mailing_id=personal) == (1, 0)
    assert await rows(since=today, until=today + timedelta(days=1)) == (1, 10)
    assert await rows(since=today + timedelta(microseconds=1)) == (1, 0)
    assert await rows(until=today + timedelta(days=1, microseconds=-1)) == (1, 0)
    assert await rows(since=noon, until=noon + timedelta(microseconds=1)) == (1, 0)
    assert await rows(until=noon) == (0, 0)
    assert await rows(since=noon + timedelta(microseconds=1)) == (0, 0)
    far = timezone(timedelta(hours=14))
    assert await rows(since=datetime.min.replace(tzinfo=far), until=datetime.max.replace(tzinfo=UTC)) == (
        1,
        10,
    )


async def test_a_log_is_its_accounts_channels_and_users_own(world: World) -> None:
    """One-to-one mail is logged for its own user; another channel's mailing is no mailing of this log."""
    await world.preset(Preset.PIPEDRIVE)
    mailing = await world.mailing(TRANSACTIONAL)
    elsewhere = Reader(world.instance, replace(world.reader.principal, account_id=999))

    assert await log_part(world.reader, TRANSACTIONAL, mailing) is not None
    assert await log_part(world.reader, Channel.CAMPAIGN, mailing) is None
    assert await log_part(elsewhere, TRANSACTIONAL, mailing) is None
    assert await log_part(world.reader, TRANSACTIONAL, 12345) is None
    assert await log_part(world.reader, Channel.ONE_TO_ONE) is None
    own = await log_part(other_reader(world, user_id=7), Channel.ONE_TO_ONE)
    assert own is not None
    assert own.user_id == 7
