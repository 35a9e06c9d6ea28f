"""Personal events, the progress of the drain, and the counts of events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from app.storage.database import Connection
from app.storage.queries import load

SQL = load("events")

COLUMNS = (
    "subscriber_id",
    "occurred_at",
    "id",
    "account_id",
    "mailing_id",
    "delivery_id",
    "kind",
    "link",
    "client_class",
    "rule",
    "rule_version",
    "client_family",
)


class EventRow(NamedTuple):
    """One personal event, in the order of `COLUMNS`. `subscriber_id` is the message's where it has several."""

    subscriber_id: UUID
    occurred_at: datetime
    id: UUID
    account_id: int
    mailing_id: int
    delivery_id: int
    kind: str
    link: int
    client_class: str
    rule: str
    rule_version: int
    client_family: str


class EventCount(NamedTuple):
    """What personal events are counted by; `hour` is its beginning in UTC."""

    mailing_id: int
    hour: datetime
    kind: str
    link: int
    client_class: str


class Seen(NamedTuple):
    """What a delivery, or a message to several people, has seen so far."""

    subscriber_id: UUID
    id: int
    opens: int
    clicks: int
    first_opened_at: datetime | None
    last_opened_at: datetime | None
    first_clicked_at: datetime | None
    clicked_links: tuple[int, ...]


async def insert(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Writes events, whatever their number, by COPY and one statement."""
    await connection.execute(SQL.make_batch)
    await connection.copy_records_to_table("event_batch", records=rows, columns=COLUMNS)
    await connection.execute(SQL.insert_batch)
    await connection.execute("DROP TABLE event_batch")


async def save_seen(connection: Connection, rows: Sequence[Seen], *, gathered: bool) -> None:
    """Writes what deliveries have seen; the caller has them locked."""
    if rows:
        *columns, links = (list(column) for column in zip(*rows, strict=True))
        joined = [",".join(map(str, each)) for each in links]
        await connection.execute(SQL.save_gathered if gathered else SQL.save_deliveries, *columns, joined)


async def add_rollup(connection: Connection, counts: Mapping[EventCount, int]) -> None:
    """Adds to the counts of events."""
    if counts:
        keys = [list(column) for column in zip(*counts, strict=True)]
        await connection.execute(SQL.add_rollup, *keys, list(counts.values()))


async def position(connection: Connection, segment_id: UUID, now: datetime) -> int:
    """How far a segment is drained, in bytes; the row stays locked until the transaction ends."""
    await connection.execute(SQL.start_segment, segment_id, now)
    drained: int = await connection.fetchval(SQL.position, segment_id)
    return drained


def deliveries_of(records: Sequence[asyncpg.Record]) -> dict[tuple[UUID, int], asyncpg.Record]:
    """Rows of deliveries or gathered messages by the key that tokens carry."""
    return {(record["subscriber_id"], record["id"]): record for record in records}
