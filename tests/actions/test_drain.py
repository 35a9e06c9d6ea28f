"""From the prepared mail over real hits to the report, through the verbs and the gate."""

import errno

import pytest

from app.domain.modes import Channel, TrackingMode
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.privacy import NOT_MEASURED, Basis, Shown, exact
from app.domain.settings import Withdrawal
from app.journal.reader import JournalReader
from app.journal.records import PERSONAL
from app.journal.segments import Segment
from app.journal.writer import JournalWriter
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO


async def test_hits_of_somebody_who_permitted_are_their_events(world: World) -> None:
    """A yes is tracked personally: two opens and a click are on the delivery and in the report."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()

    (message,) = await world.send(mailing, "ada@example.org")
    await world.open(message)
    await world.open(message)
    target = await world.click(message)
    await world.drain()

    assert target == "https://shop.example.com/a?x=1"
    report = await world.report(mailing)
    assert (report.sent, report.delivered, report.measured) == (1, 1, (1, 1))
    assert (report.opens, report.unique_opens) == (exact(2), exact(1))
    assert (report.clicks, report.unique_clicks) == (exact(1), exact(1))
    assert (report.open_rate.value, report.open_rate.basis) == (1.0, Basis.UNIQUE)
    assert report.click_to_open_rate.value == 1.0
    kinds = await world.rows("SELECT kind FROM event ORDER BY occurred_at, kind")
    assert sorted(row["kind"] for row in kinds) == ["CLICKED", "FIRST_OPENING", "OPENED"]


async def test_mail_to_somebody_who_refused_is_untouched(world: World) -> None:
    """A no means OFF: no pixel, no rewritten link, sent but not measured, and no event at all."""
    await world.subscriber("ben@example.org", NO)
    mailing = await world.mailing()

    (message,) = await world.send(mailing, "ben@example.org")

    assert "<img" not in message.stamped.html
    assert "https://shop.example.com/a?x=1" in message.stamped.html
    assert "/c/" not in message.stamped.html
    report = await world.report(mailing)
    assert (report.sent, report.measured) == (1, (0, 0))
    assert report.opens == NOT_MEASURED


async def test_a_withdrawal_holds_for_the_next_hit_of_a_mail_already_sent(world: World) -> None:
    """Opened, then no, then opened again: only the first is recorded, and the person's row hides even that."""
    subscriber = await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")

    await world.open(message)
    await world.drain()
    world.later(minutes=1)
    await world.answer("ada@example.org", NO)
    world.later(minutes=1)
    await world.open(message)
    await world.drain()

    assert (await world.report(mailing)).opens == exact(1)
    assert len(await world.rows("SELECT 1 FROM event")) == 1
    (delivery,) = await world.rows("SELECT opens FROM delivery WHERE subscriber_id = $1", subscriber)
    assert delivery["opens"] == 1


async def test_a_no_between_hit_and_writing_wins(world: World) -> None:
    """The journal still holds the hit when the person says no, and yes again: the no in between counts."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")

    await world.open(message)
    world.later(minutes=1)
    await world.answer("ada@example.org", NO)
    world.later(minutes=1)
    await world.answer("ada@example.org", YES)
    await world.drain()

    assert await world.rows("SELECT 1 FROM event") == []


async def test_an_anonymous_mailing_counts_and_names_nobody(world: World) -> None:
    """Twelve people, one token for all: totals rounded down to five, no uniques, no event."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    people = [f"p{number}@example.org" for number in range(12)]

    messages = await world.send(mailing, *people)
    for message in messages[:7]:
        await world.open(message)
    await world.drain()

    tracked = {message.stamped.html.split("<img", 1)[1] for message in messages}
    assert len(tracked) == 1
    report = await world.report(mailing)
    assert report.measured == (12, 12)
    assert (report.opens.value, report.opens.shown) == (5, Shown.ROUNDED)
    assert report.unique_opens == NOT_MEASURED
    assert report.open_rate.basis is Basis.TOTAL
    assert await world.rows("SELECT 1 FROM event") == []


async def test_too_small_an_audience_is_not_measured_at_all(world: World) -> None:
    """Below k nothing is stored, and these people are not in measured."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()

    messages = await world.send(mailing, *[f"p{number}@example.org" for number in range(9)])
    for message in messages:
        await world.open(message)
    await world.drain()

    report = await world.report(mailing)
    assert report.measured == (0, 0)
    assert report.opens == NOT_MEASURED
    assert await world.rows("SELECT 1 FROM anonymous_tally") == []


async def test_unlinked_numbers_give_unique_opens(world: World) -> None:
    """Brevo's preset: people who refused are counted with a random number each, stored as an HMAC only."""
    await world.preset(Preset.BREVO)
    mailing = await world.mailing()
    people = [f"p{number}@example.org" for number in range(14)]
    for email in people:
        await world.subscriber(email, NO)

    messages = await world.send(mailing, *people)
    for message in messages[:11]:
        await world.open(message)
        await world.open(message)
    await world.drain()

    report = await world.report(mailing)
    assert (report.opens.value, report.unique_opens.value) == (20, 10)
    assert report.unique_opens.shown is Shown.ROUNDED
    assert report.open_rate.basis is Basis.UNIQUE


async def test_a_late_refusal_joins_the_anonymous_part_where_the_account_counts_it(world: World) -> None:
    """Mapp's preset: hits of people who refused after sending are counted for the group, and nobody's."""
    await world.preset(Preset.MAPP)
    mailing = await world.mailing()
    people = [f"p{number}@example.org" for number in range(12)]
    messages = await world.send(mailing, *people)
    assert {message.decision.opens.mode for message in messages} == {TrackingMode.PERSONAL}

    world.later(minutes=1)
    for email in people:
        await world.answer(email, NO)
    world.later(minutes=1)
    for message in messages[:6]:
        await world.open(message)
    await world.drain()

    report = await world.report(mailing)
    assert await world.rows("SELECT 1 FROM event") == []
    (row,) = await world.rows("SELECT sum(n) AS n FROM anonymous_tally")
    assert row["n"] == 6
    assert report.opens.value == 5


async def test_a_privacy_signal_lowers_the_hit_and_leaves_no_trace_of_the_delivery(world: World) -> None:
    """Sec-GPC on the hit of a PERSONAL mail: dropped, and the personal journal never saw it."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")

    await world.open(message, **{"Sec-GPC": "1"})

    assert not [path for path in (world.data / "journal" / "personal").glob("*") if path.stat().st_size > 64]
    await world.drain()
    assert await world.rows("SELECT 1 FROM event") == []
    assert (await world.report(mailing)).opens == exact(0)


async def test_a_mail_to_several_people_is_counted_once_and_measures_none_of_them(world: World) -> None:
    """To and Cc share one message: its events count, each delivery of it stays NOT_MEASURED (P5)."""
    for email in ("ada@example.org", "bea@example.org"):
        await world.subscriber(email, YES)
    mailing = await world.mailing(Channel.TRANSACTIONAL)

    (message,) = await world.send(mailing, ["ada@example.org", "bea@example.org"])
    await world.open(message)
    await world.open(message)
    await world.drain()

    report = await world.report(mailing)
    assert (report.sent, report.measured[0]) == (2, 1)
    assert (report.opens, report.unique_opens) == (exact(2), exact(1))
    rows = await world.rows("SELECT opens FROM delivery")
    assert [row["opens"] for row in rows] == [0, 0]


async def test_one_no_among_several_drops_the_later_hits(world: World) -> None:
    """A message to two people: once one of them says no, nothing more of it is recorded."""
    for email in ("ada@example.org", "bea@example.org"):
        await world.subscriber(email, YES)
    mailing = await world.mailing(Channel.TRANSACTIONAL)
    (message,) = await world.send(mailing, ["ada@example.org", "bea@example.org"])

    world.later(minutes=1)
    await world.answer("bea@example.org", NO)
    world.later(minutes=1)
    await world.open(message)
    await world.drain()

    assert await world.rows("SELECT 1 FROM event") == []


async def test_draining_twice_counts_once(world: World) -> None:
    """A segment is drained from where it stands; a second drain finds nothing new."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")
    await world.open(message)

    first, second = await world.drain(), await world.drain()

    assert (first, second) == (1, 0)
    assert (await world.report(mailing)).opens == exact(1)


async def test_a_part_beside_another_mailings_link_redirects_and_records_nothing(world: World) -> None:
    """A delivery part belongs to its mailing; elsewhere the link still leads on."""
    await world.subscriber("ada@example.org", YES)
    first, second = await world.mailing(), await world.mailing()
    (one,), (two,) = await world.send(first, "ada@example.org"), await world.send(second, "ada@example.org")
    link_one = one.stamped.html.split("/c/", 1)[1].split("'", 1)[0]
    link_two = two.stamped.html.split("/c/", 1)[1].split("'", 1)[0]

    mixed = f"/c/{link_one.partition('.')[0]}.{link_two.partition('.')[2]}"
    response = await world.browser.get(mixed)
    await world.drain()

    assert (response.status_code, response.headers["location"]) == (302, "https://shop.example.com/a?x=1")
    assert await world.rows("SELECT 1 FROM event") == []


@pytest.mark.parametrize("withdrawal", [Withdrawal.KEEP, Withdrawal.HIDE])
async def test_the_overview_follows_the_withdrawal_setting(world: World, withdrawal: Withdrawal) -> None:
    """KEEP shows what was recorded before a no, HIDE reads NOT_MEASURED; the report keeps its totals."""
    from app.disclosure.subscribers import overviews

    await world.settings(withdrawal=withdrawal)
    subscriber = await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")
    await world.open(message)
    await world.drain()
    world.later(minutes=1)
    await world.answer("ada@example.org", NO)

    overview = (await overviews(world.reader, [subscriber]))[subscriber]

    expected = (1, Shown.EXACT) if withdrawal is Withdrawal.KEEP else (0, Shown.NOT_MEASURED)
    assert (overview.opens.value, overview.opens.shown) == expected
    assert overview.sent == exact(1)
    assert (await world.report(mailing)).opens == exact(1)


async def test_a_segment_that_cannot_be_read_stops_no_other_and_is_read_later(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk error in one file is logged by the file's own id; the others are drained, and it is when it can be."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")
    await world.open(message)
    reader = JournalReader(world.data, PERSONAL)
    (unreadable,) = reader.segments()
    async with JournalWriter(world.data, PERSONAL, turn_patience=60) as second:
        (_, record), *_ = (each for part in reader.read_parts(unreadable) for each in part.records)
        await second.append(record)
    read = JournalReader.read_parts

    def broken(self: object, segment: Segment, *place: int, **more: int) -> object:
        if segment.id == unreadable.id:
            raise OSError(errno.EIO, "Input/output error", "/data/of/somebody")
        return read(self, segment, *place, **more)

    with monkeypatch.context() as failing:
        failing.setattr(JournalReader, "read_parts", broken)
        assert await world.drain() == 1

    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == [
        f"Segment {unreadable.id} of the journal cannot be read now: Input/output error"
    ]
    assert await world.drain() == 1
