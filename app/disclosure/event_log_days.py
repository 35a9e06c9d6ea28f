"""The rows of the log that name nobody: as many equal ones a day as the published size of each count.

    count of                              size                                          kind
    anonymous hits                        as published: rounded down to 5 where k > 1   OPENED, CLICKED, LOADED_BY_PROXY
    of these, unlinked numbers first      as published, where those of the send day     FIRST_OPENING instead of OPENED
    seen on the day                       are not SUPPRESSED
    personal hits, to who sees nobody     exact                                         as recorded

A count is of a mailing, a send day (TRANSACTIONAL and RELAY), a kind and a day. Links that enough people had and classes
of clients are added up, and clicks that the report withholds have no rows (`report_send_days`), so no row says more than
the report does. Unique counts are rounded like all others;
where everybody of an audience opened, no day says so. Source: domain.md §7.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.disclosure.event_log_views import NOBODY, EventView, LogKey, LogPart, Start
from app.disclosure.reader import Reader
from app.disclosure.report_counts import MailingCounts
from app.disclosure.report_send_days import Tally, part_of_send_day, parts_of_send_days
from app.disclosure.reports import counted
from app.domain.global_ids import encode_id
from app.domain.modes import Axis, Channel, EventKind
from app.domain.privacy import ROUNDING_STEP, Anonymized, AnonymousPart, Shown, published, rows_shown
from app.storage import accounts
from app.storage.database import Connection, Record
from app.storage.event_log import SQL

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_NEWEST = 2_932_000
"""A day of the year 9997."""
_MAILINGS_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Day:
    """A day that something may have been counted on, by its number since 1970."""

    number: int

    @property
    def begins(self) -> datetime:
        """Its beginning in UTC."""
        return _EPOCH + self.number * _DAY


class _Count(NamedTuple):
    """How many rows there are of one count, and how many of them, at their end, are first openings."""

    mailing_id: int
    send_day: int
    kind: str
    rows: int
    firsts: int = 0


async def days(reader: Reader, part: LogPart, start: Start) -> AsyncGenerator[Day, None]:
    """The days that may have rows beyond a place, in reading order; only those that a filter by time holds as a whole."""
    if part.channel is Channel.ONE_TO_ONE:
        return
    newest, oldest = _limits(part, start)
    while newest >= oldest:
        found = await _next_day(reader, part, newest, oldest, backward=start.backward)
        if found is None:
            return
        yield Day(found)
        newest, oldest = (newest, found + 1) if start.backward else (found - 1, oldest)


async def _next_day(reader: Reader, part: LogPart, newest: int, oldest: int, *, backward: bool) -> int | None:
    query = _day_query_backwards(reader, part, oldest) if backward else _day_query(reader, part, newest)
    async with reader.instance.database.connection() as connection:
        rows = await connection.fetch(*query)
    numbers = [row["day"] for row in rows if row["day"] is not None]
    found: int | None = (min if backward else max)(numbers, default=None)
    return found if found is not None and oldest <= found <= newest else None


def _limits(part: LogPart, start: Start) -> tuple[int, int]:
    newest = _NEWEST if part.until is None else (part.until - _EPOCH) // _DAY - 1
    oldest = 0 if part.since is None else -((_EPOCH - part.since) // _DAY)
    if start.key is not None:
        there = (start.key.at - _EPOCH) // _DAY
        newest, oldest = (newest, max(oldest, there)) if start.backward else (min(newest, there), oldest)
    return min(newest, _NEWEST), max(oldest, 0)


def _day_query_backwards(reader: Reader, part: LogPart, oldest: int) -> tuple[Any, ...]:
    begins, counted = Day(oldest).begins, not reader.sees_people
    if part.mailing_id is not None:
        return SQL.day_of_mailing_backwards, part.mailing_id, oldest, begins, counted
    return SQL.day_of_channel_backwards, reader.account_id, part.channel.value, oldest, begins, counted


def _day_query(reader: Reader, part: LogPart, newest: int) -> tuple[Any, ...]:
    ends, counted = Day(newest + 1).begins, not reader.sees_people
    if part.mailing_id is not None:
        return SQL.day_of_mailing, part.mailing_id, newest, ends, counted
    return SQL.day_of_channel, reader.account_id, part.channel.value, newest, ends, counted


async def views(reader: Reader, part: LogPart, day: Day, start: Start) -> AsyncGenerator[EventView, None]:
    """The rows of a day beyond a place, in reading order."""
    async with aclosing(_counts(reader, part, day, start)) as counts:
        async for count in counts:
            for view in _equal_rows(count, day, start):
                yield view


async def sized_views(reader: Reader, part: LogPart, day: Day) -> AsyncGenerator[tuple[EventView, int], None]:
    """One of each of a day's equal rows, and how many there are of it, for who shows them all at once."""
    async with aclosing(_counts(reader, part, day, Start())) as counts:
        async for count in counts:
            place = LogKey(day.begins, NOBODY, count.mailing_id, count.send_day, count.kind)
            for kind, rows in (
                (EventKind(count.kind), count.rows - count.firsts),
                (EventKind.FIRST_OPENING, count.firsts),
            ):
                if rows:
                    yield _row(place, kind), rows


async def _counts(reader: Reader, part: LogPart, day: Day, start: Start) -> AsyncGenerator[_Count, None]:
    """The counts of a day from a place's mailing on, in reading order. A few mailings are looked into at a time."""
    async with reader.instance.database.connection() as connection:
        least = await _least(connection, reader)
        rows = await connection.fetch(*_count_query(reader, part, day, least))
    ids = _to_read({row["mailing_id"] for row in rows}, day, start)
    for first in range(0, len(ids), _MAILINGS_AT_ONCE):
        some = ids[first : first + _MAILINGS_AT_ONCE]
        nobodys = {row["mailing_id"] for row in rows if row["send_day"] >= 0}.intersection(some)
        found = [
            _Count(row["mailing_id"], row["send_day"], row["kind"], row["n"])
            for row in rows
            if row["send_day"] < 0 and row["mailing_id"] in some
        ]
        async with reader.instance.database.connection() as connection:
            found += await _anonymous(reader, connection, sorted(nobodys), day)
        for count in sorted(found, reverse=not start.backward):
            yield count


async def _anonymous(reader: Reader, connection: Connection, ids: Sequence[int], day: Day) -> list[_Count]:
    """What is published of anonymous hits on a day, where it shows by day at all."""
    counts = await counted(reader, connection, ids, audiences_alone=True)
    tallies: dict[int, list[Record]] = defaultdict(list)
    for row in await connection.fetch(SQL.tallies_of_day, list(ids), day.number):
        tallies[row["mailing_id"]].append(row)
    seen = await connection.fetch(SQL.first_openings, list(ids), day.number)
    firsts = {(row["mailing_id"], row["send_day"]): (row["n"], row["on_day"]) for row in seen}
    return [
        _sized(found, tally, part, firsts.get((each, tally.send_day), (0, 0)))
        for each, found in counts.items()
        if found.per_part
        for tally, part in parts_of_send_days(found, tallies[each]).items()
    ]


def _to_read(ids: set[int], day: Day, start: Start) -> list[int]:
    """The mailings in reading order, which is the falling one forward; where the place lies in this day, from its own on."""
    key = start.key
    if key is not None and (key.at, key.id) == (day.begins, NOBODY):
        ids = {each for each in ids if (each >= key.mailing_id if start.backward else each <= key.mailing_id)}
    return sorted(ids, reverse=not start.backward)


async def _least(connection: Connection, reader: Reader) -> int:
    """Counts below this show nothing, whatever their mailing's k, which is never less than the present one."""
    settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    return 1 if settings.minimum_audience == 1 else ROUNDING_STEP


def _count_query(reader: Reader, part: LogPart, day: Day, least: int) -> tuple[Any, ...]:
    hours = day.begins, day.begins + _DAY, not reader.sees_people
    if part.mailing_id is not None:
        return SQL.counts_of_mailing, part.mailing_id, day.number, least, *hours
    return SQL.counts_of_channel, reader.account_id, part.channel.value, day.number, least, *hours


def _sized(counts: MailingCounts, tally: Tally, part: AnonymousPart, seen: tuple[int, int]) -> _Count:
    """`seen` are the unlinked numbers of the send day seen at all, and first seen on the day."""
    rows = rows_shown(part)
    if tally.kind != EventKind.OPENED:
        return _Count(counts.mailing_id, tally.send_day, tally.kind, rows)
    whole, on_day = (part_of_send_day(counts, tally.send_day, Axis.OPENS, n, unique=True) for n in seen)
    first = 0 if published(whole).shown is Shown.SUPPRESSED else rows_shown(on_day)
    return _Count(counts.mailing_id, tally.send_day, tally.kind, rows, min(first, rows))


def _equal_rows(count: _Count, day: Day, start: Start) -> Iterator[EventView]:
    place = LogKey(day.begins, NOBODY, count.mailing_id, count.send_day, count.kind)
    # The last ones are the first openings: which row of a count one is says nothing, and must say the same on each page.
    for number in _numbers(count.rows, place, start):
        kind = EventKind.FIRST_OPENING if number < count.firsts else EventKind(count.kind)
        yield _row(place._replace(number=number), kind)


def _numbers(rows: int, place: LogKey, start: Start) -> range:
    """The numbers of the equal rows of a count that are still to be read, in reading order."""
    lowest, above = 0, rows
    if start.key is not None and start.key[:5] == place[:5]:
        number = start.key.number
        lowest, above = (max(0, number + 1), rows) if start.backward else (0, min(rows, number))
    elif not start.reaches(place):
        return range(0)
    return range(lowest, above) if start.backward else range(above - 1, -1, -1)


def _row(place: LogKey, kind: EventKind) -> EventView:
    return EventView(
        key=place,
        kind=kind,
        occurred_at=place.at,
        sent_at=Day(place.send_day).begins if place.send_day > 0 else None,
        mailing_id=place.mailing_id,
        template_id=encode_id("Mailing", place.mailing_id),
        email=Anonymized.LOG.value,
        message_id=Anonymized.LOG.value,
        link=Anonymized.LOG.value,
        client_class=None,
    )
