"""Personal events, the progress of the drain, and the counts of events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

from app.storage import copying
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("events")

COLUMNS = (
    "subscriber_id",
    "occurred_at",
    "id",
    "delivery_id",
    "account_id",
    "mailing_id",
    "kind",
    "link",
    "client_class",
    "rule",
    "rule_version",
    "client_family",
    "country",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_subscriber = itemgetter(0)
_OWN = Struct(">hi16siqi16siq")
"""The head of a row and its own fields, each behind its length (`copying`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """What events have in common. Two are the same only if they are one object, so that it is packed once for many."""

    account_id: int
    mailing_id: int
    kind: str
    link: int
    client_class: str
    rule: str
    rule_version: int
    client_family: str
    country: str


class EventRow(NamedTuple):
    """One personal event. `subscriber` is the message's where it has several; ids have 16 bytes, `at` is as in `packed`."""

    subscriber: bytes
    at: int
    id: bytes
    delivery_id: int
    alike: Alike


class EventCount(NamedTuple):
    """What personal events are counted by; `hour` is its beginning in UTC."""

    mailing_id: int
    hour: datetime
    kind: str
    link: int
    client_class: str


async def insert(
    connection: Connection, rows: Sequence[EventRow], now: datetime, moved: Mapping[EventCount, int]
) -> None:
    """Writes and counts events, whatever their number, by COPY and one statement; known ones change nothing.

    `now` is when they arrive: a time of this transaction, read after it began. `moved` are counts of earlier events that
    change with them (`reclassify`).
    """
    await connection.execute(SQL.make_batch)
    await copying.copy(connection, "event_batch", COLUMNS, _packed(rows))
    await connection.execute(SQL.insert_batch, _EPOCH, now, *_columns(moved))
    await connection.execute("DROP TABLE event_batch")


def _packed(rows: Sequence[EventRow]) -> list[bytes]:
    shared = {alike: _shared(alike) for alike in {row.alike for row in rows}}
    pack, fields = _OWN.pack, len(COLUMNS)
    return [
        pack(fields, 16, subscriber, 8, at, 16, event_id, 8, delivery_id) + shared[alike]
        # In the order of the index, where neighbours lie on one page.
        for subscriber, at, event_id, delivery_id, alike in sorted(rows, key=_subscriber)
    ]


def _shared(alike: Alike) -> bytes:
    return b"".join((
        copying.number(alike.account_id, 8),
        copying.number(alike.mailing_id, 8),
        copying.text(alike.kind),
        copying.number(alike.link, 4),
        copying.text(alike.client_class),
        copying.text(alike.rule),
        copying.number(alike.rule_version, 4),
        copying.text(alike.client_family),
        copying.text(alike.country),
    ))  # fmt: skip


async def add_rollup(connection: Connection, counts: Mapping[EventCount, int]) -> None:
    """Adds to the counts of events, by hour and in all."""
    if counts:
        await connection.execute(SQL.add_rollup, *_columns(counts))


def _columns(counts: Mapping[EventCount, int]) -> list[list[Any]]:
    """The fields of the keys one after the other, and last how much is counted of each."""
    keys = [list(column) for column in zip(*counts, strict=True)] or [[] for _ in EventCount._fields]
    return [*keys, list(counts.values())]


async def positions(connection: Connection, segment_id: UUID) -> dict[int, int]:
    """How far each part of a segment is drained, in bytes; parts that nobody has begun are absent."""
    rows = await connection.fetch(SQL.positions, segment_id)
    return {row["part"]: row["position"] for row in rows}


async def hold(connection: Connection, segment_id: UUID, part: int, position: int, now: datetime) -> bool:
    """Locks how far a part of a segment is drained until the transaction ends; whether that is still `position`."""
    found: int = await connection.fetchval(SQL.hold_position, segment_id, part, now)
    return found == position


class Click(NamedTuple):
    """A recorded click; `client_class` is what it is counted as."""

    subscriber_id: UUID
    delivery_id: int
    id: UUID
    occurred_at: datetime
    mailing_id: int
    kind: str
    link: int
    client_class: str


async def clicks_of(connection: Connection, keys: Sequence[tuple[UUID, int]]) -> list[Click]:
    """Every recorded click on these deliveries; the caller has them locked."""
    rows = await connection.fetch(SQL.clicks_of, [key[0] for key in keys], [key[1] for key in keys])
    return [Click(**row) for row in rows]


class Verdict(NamedTuple):
    """The class that an event has from now on, and the rule that says so."""

    subscriber_id: UUID
    occurred_at: datetime
    id: UUID
    client_class: str
    rule: str
    rule_version: int


async def reclassify(connection: Connection, verdicts: Sequence[Verdict]) -> None:
    """Gives events another class; what they are counted as is the caller's to move (`insert`)."""
    if verdicts:
        columns = [list(column) for column in zip(*verdicts, strict=True)]
        await connection.execute(SQL.reclassify, *columns)
