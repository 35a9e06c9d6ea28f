"""Addresses that accounts keep of personal hits, apart from the events, and the accounts' word whether they do."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.storage import packed
from app.storage.database import Connection, Record
from app.storage.queries import load

SQL = load("kept_addresses")

EventKey = tuple[UUID, datetime, UUID]
"""Where an event lies: its subscriber, its time, its id."""


class KeptAddress(NamedTuple):
    """The address of one event, as people write it; ids have 16 bytes, `at` is as in `packed`."""

    subscriber: bytes
    at: int
    event_id: bytes
    account_id: int
    delivery_id: int
    ip: str


async def hold_keepers(connection: Connection, accounts: Collection[int]) -> set[int]:
    """Those of these accounts that keep addresses; none of them stops before the transaction ends."""
    rows = await connection.fetch(SQL.hold_keepers, list(accounts))
    return {row["id"] for row in rows}


async def insert(connection: Connection, kept: Sequence[KeptAddress]) -> None:
    """Keeps addresses; known ones change nothing."""
    if kept:
        await connection.execute(
            SQL.insert,
            packed.listed_ids(each.subscriber for each in kept),
            packed.listed(each.at for each in kept),
            packed.listed_ids(each.event_id for each in kept),
            packed.listed(each.account_id for each in kept),
            packed.listed(each.delivery_id for each in kept),
            packed.listed_words(each.ip for each in kept),
            packed.EPOCH,
        )


async def of_events(
    connection: Connection, account_id: int, since: datetime, events: Sequence[Record]
) -> dict[EventKey, str]:
    """The addresses that were kept of events since a time, by the events' keys."""
    keys = [(event["subscriber_id"], event["occurred_at"], event["id"]) for event in events]
    columns = [list(column) for column in zip(*keys, strict=True)]
    rows = await connection.fetch(SQL.of_events, account_id, since, *columns)
    return {(row["subscriber_id"], row["occurred_at"], row["event_id"]): row["ip"] for row in rows}


async def forget(connection: Connection, before: datetime) -> int:
    """Deletes addresses from before a time, and all of accounts that keep none any more; returns how many they were."""
    done = [await connection.execute(SQL.forget_left), await connection.execute(SQL.forget_old, before)]
    return sum(int(each.rpartition(" ")[2]) for each in done)
