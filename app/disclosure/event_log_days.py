"""The rows of the log that name nobody: as many equal ones a day as the published size of each count.

    count of                              size                                          kind
    anonymous hits                        as published: rounded down to 5 where k > 1   OPENED, CLICKED, LOADED_BY_PROXY
    of these, unlinked numbers first      as published, where those of the send day     FIRST_OPENING instead of OPENED
    seen on the day                       are not SUPPRESSED
    personal hits, to who sees nobody     exact                                         as recorded

A count is of a mailing, a send day (TRANSACTIONAL and RELAY), a kind and a day. Links and classes of clients are added
up, so a row is never about fewer people than a total of the mailing is. Unique counts are rounded like all others;
where everybody of an audience opened, no day says so. Source: domain.md §7.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.disclosure.event_log_views import NOBODY, EventView, LogKey, LogPart
from app.disclosure.reader import Reader
from app.domain.global_ids import encode_id
from app.domain.modes import Axis, Channel, EventKind
from app.domain.privacy import ROUNDING_STEP, Anonymized, AnonymousPart, Shown, published, rows_shown
from app.storage import accounts, mailings
from app.storage.audiences import Audiences, audiences
from app.storage.database import Connection
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


async def days(reader: Reader, part: LogPart, after: LogKey | None) -> AsyncGenerator[Day, None]:
    """The days that may have rows behind a place, newest first; only those that a filter by time holds as a whole."""
    if part.channel is Channel.ONE_TO_ONE:
        return
    newest, oldest = _limits(part, after)
    while newest >= oldest:
        async with reader.instance.database.connection() as connection:
            rows = await connection.fetch(*_day_query(reader, part, newest))
        found = max((row["day"] for row in rows if row["day"] is not None), default=None)
        if found is None or found < oldest:
            return
        yield Day(found)
        newest = found - 1


def _limits(part: LogPart, after: LogKey | None) -> tuple[int, int]:
    newest = _NEWEST if part.until is None else (part.until - _EPOCH) // _DAY - 1
    if after is not None:
        newest = min(newest, (after.at - _EPOCH) // _DAY)
    oldest = 0 if part.since is None else -((_EPOCH - part.since) // _DAY)
    return min(newest, _NEWEST), max(oldest, 0)


def _day_query(reader: Reader, part: LogPart, newest: int) -> tuple[Any, ...]:
    ends, counted = Day(newest + 1).begins, not reader.sees_people
    if part.mailing_id is not None:
        return SQL.day_of_mailing, part.mailing_id, newest, ends, counted
    return SQL.day_of_channel, reader.account_id, part.channel.value, newest, ends, counted


async def views(
    reader: Reader, part: LogPart, day: Day, after: LogKey | None
) -> AsyncGenerator[EventView, None]:
    """The rows of a day behind a place."""
    async with aclosing(_counts(reader, part, day, _last(after, day))) as counts:
        async for count in counts:
            for view in _equal_rows(count, day, after):
                yield view


async def sized_views(reader: Reader, part: LogPart, day: Day) -> AsyncGenerator[tuple[EventView, int], None]:
    """One of each of a day's equal rows, and how many there are of it, for who shows them all at once."""
    async with aclosing(_counts(reader, part, day, _last(None, day))) as counts:
        async for count in counts:
            place = LogKey(day.begins, NOBODY, count.mailing_id, count.send_day, count.kind)
            for kind, rows in (
                (EventKind(count.kind), count.rows - count.firsts),
                (EventKind.FIRST_OPENING, count.firsts),
            ):
                if rows:
                    yield _row(place, kind), rows


async def _counts(reader: Reader, part: LogPart, day: Day, last: int) -> AsyncGenerator[_Count, None]:
    """The counts of a day, up to a mailing. The audiences of a few mailings are looked up at a time."""
    async with reader.instance.database.connection() as connection:
        least = await _least(connection, reader)
        counts = await connection.fetch(*_count_query(reader, part, day, least))
    ids = sorted({row["mailing_id"] for row in counts if row["mailing_id"] <= last}, reverse=True)
    for start in range(0, len(ids), _MAILINGS_AT_ONCE):
        some = ids[start : start + _MAILINGS_AT_ONCE]
        async with reader.instance.database.connection() as connection:
            over, firsts = await _looked_up(connection, some, day)
        raw = [row for row in counts if row["mailing_id"] in some]
        for count in sorted((_sized(row, over, firsts) for row in raw), reverse=True):
            yield count


def _last(after: LogKey | None, day: Day) -> int:
    """Mailings are in falling order: where the place lies in this day, larger ids are done."""
    inside = after is not None and (after.at, after.id) == (day.begins, NOBODY)
    return after.mailing_id if after is not None and inside else 2**63


async def _least(connection: Connection, reader: Reader) -> int:
    """Counts below this show nothing, whatever their mailing's k, which is never less than the present one."""
    settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    return 1 if settings.minimum_audience == 1 else ROUNDING_STEP


def _count_query(reader: Reader, part: LogPart, day: Day, least: int) -> tuple[Any, ...]:
    hours = day.begins, day.begins + _DAY, not reader.sees_people
    if part.mailing_id is not None:
        return SQL.counts_of_mailing, part.mailing_id, day.number, least, *hours
    return SQL.counts_of_channel, reader.account_id, part.channel.value, day.number, least, *hours


_Firsts = dict[tuple[int, int], tuple[int, int]]
"""By mailing and send day: unlinked numbers seen at all, and first seen on the day."""


async def _looked_up(connection: Connection, ids: Sequence[int], day: Day) -> tuple[Audiences, _Firsts]:
    rows = await connection.fetch(mailings.SQL.anywhere, list(ids))
    over = await audiences(
        connection, {row["id"]: (row["account_id"], row["settings_version"]) for row in rows}
    )
    seen = await connection.fetch(SQL.first_openings, list(ids), day.number)
    return over, {(row["mailing_id"], row["send_day"]): (row["n"], row["on_day"]) for row in seen}


def _sized(row: Any, over: Audiences, firsts: _Firsts) -> _Count:
    mailing_id, send_day, kind, n = row["mailing_id"], row["send_day"], row["kind"], row["n"]
    if send_day < 0:
        return _Count(mailing_id, send_day, kind, n)
    if mailing_id in over.totals_only:
        return _Count(mailing_id, send_day, kind, 0)
    axis = Axis.CLICKS if kind == EventKind.CLICKED else Axis.OPENS
    audience, k = max(over.size(mailing_id, send_day, axis), 0), over.minimum(mailing_id)
    rows = rows_shown(AnonymousPart(n, audience, k))
    if kind != EventKind.OPENED:
        return _Count(mailing_id, send_day, kind, rows)
    of_all, on_day = firsts.get((mailing_id, send_day), (0, 0))
    if published(AnonymousPart(of_all, audience, k, unique=True)).shown is Shown.SUPPRESSED:
        on_day = 0
    first = rows_shown(AnonymousPart(on_day, audience, k, unique=True))
    return _Count(mailing_id, send_day, kind, rows, min(first, rows))


def _equal_rows(count: _Count, day: Day, after: LogKey | None) -> Iterator[EventView]:
    place = LogKey(day.begins, NOBODY, count.mailing_id, count.send_day, count.kind)
    start = count.rows
    if after is not None and after[:5] == place[:5]:
        start = min(start, after.number)
    elif after is not None and place >= after:
        return
    # The last ones are the first openings: which row of a count one is says nothing, and must say the same on each page.
    for number in range(start - 1, -1, -1):
        kind = EventKind.FIRST_OPENING if number < count.firsts else EventKind(count.kind)
        yield _row(place._replace(number=number), kind)


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
