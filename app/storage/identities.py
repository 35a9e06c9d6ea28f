"""Identities over time: who became whom, whose an address is, and which NO stays on an address that was left.

Two questions that look alike have two answers. An id (of a token, of the API) is asked for with `current`: it finds
the person, whatever address they have now. An address is asked for with `subscribers.resolve`: it finds whoever has
that address now, which after a change is not who had it before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, PermissionState, Reason
from app.storage import kept_addresses
from app.storage.database import Connection
from app.storage.deliveries import DeliveryKey, DeliveryRow, from_record
from app.storage.packed import listed_ids
from app.storage.queries import load
from app.storage.subscribers import SubscriberRow

SQL = load("identities")


@dataclass(frozen=True, slots=True)
class FormerRow:
    """An id that a subscriber had before a merge, with the length and the head of the chain that closed then."""

    id: UUID
    merged_at: datetime
    ledger_length: int
    ledger_head: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A NO that stays on an address which nobody has; `left_by` is who had the address."""

    state: PermissionState
    left_by: UUID


async def successors(connection: Connection, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Who the holders of former ids have become, in any account; ids that are nobody's former one are absent."""
    if not ids:
        return {}
    rows = await connection.fetch(SQL.successors, listed_ids(each.bytes for each in ids))
    return {row["id"]: row["subscriber_id"] for row in rows}


async def successors_of(connection: Connection, ids: Collection[bytes]) -> dict[bytes, bytes]:
    """As `successors`, for many ids in their 16 bytes."""
    rows = await connection.fetch(SQL.successors, listed_ids(ids)) if ids else []
    return {row["id"].bytes: row["subscriber_id"].bytes for row in rows}


async def current(connection: Connection, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The present id for each id that somebody has or had."""
    moved = await successors(connection, ids)
    return {each: moved.get(each, each) for each in ids}


async def current_keys(
    connection: Connection, keys: Collection[DeliveryKey]
) -> dict[DeliveryKey, DeliveryKey]:
    """Where deliveries lie now, by the keys that they were made or moved with."""
    moved = await successors(connection, {key.subscriber_id for key in keys})
    return {key: DeliveryKey(moved.get(key.subscriber_id, key.subscriber_id), key.id) for key in keys}


async def formers(
    connection: Connection, account_id: int, ids: Collection[UUID]
) -> dict[UUID, list[FormerRow]]:
    """The former ids of each subscriber, in the order of the merges; subscribers without any are absent."""
    found: dict[UUID, list[FormerRow]] = defaultdict(list)
    for row in await connection.fetch(SQL.formers, account_id, list(ids)):
        former = FormerRow(row["id"], row["merged_at"], row["ledger_length"], row["ledger_head"])
        found[row["subscriber_id"]].append(former)
    return found


async def refusals(
    connection: Connection, account_id: int, address_ids: Collection[UUID]
) -> dict[UUID, dict[Axis, Refusal]]:
    """The NOs on addresses that nobody has; addresses without any are absent."""
    found: dict[UUID, dict[Axis, Refusal]] = defaultdict(dict)
    for row in await connection.fetch(SQL.refusals, account_id, list(address_ids)):
        found[row["address_id"]][Axis(row["axis"])] = Refusal(_state(row), row["left_by"])
    return found


def _state(row: asyncpg.Record) -> PermissionState:
    return PermissionState(
        value=Permission.NO,
        reason=None if row["reason"] is None else Reason(row["reason"]),
        person_time=row["person_time"],
        server_time=row["server_time"],
        source=None if row["source"] is None else PermissionSource(row["source"]),
        by_person=row["by_person"],
        line_hash=row["line_hash"],
    )


async def keep_refusals(connection: Connection, row: SubscriberRow, now: datetime) -> None:
    """Leaves each NO of a subscriber on the address that the subscriber is about to leave."""
    for axis in Axis:
        state = row.permissions.on(axis)
        if state.value is Permission.NO:
            await connection.execute(
                SQL.keep_refusal,
                row.address_id,
                axis.value,
                row.account_id,
                state.reason,
                state.person_time,
                state.server_time,
                state.source,
                state.by_person,
                state.line_hash,
                row.id,
                now,
            )


async def lock_deliveries(connection: Connection, subscriber_id: UUID) -> list[DeliveryRow]:
    """Everything that somebody was sent, locked in a fixed order."""
    return [from_record(record) for record in await connection.fetch(SQL.lock_deliveries, subscriber_id)]


async def audiences_of(
    connection: Connection, subscriber_id: UUID, mailing_ids: Collection[int]
) -> Mapping[tuple[int, int], frozenset[Axis]]:
    """The axes on which somebody is counted anonymously, by mailing and send day."""
    rows = await connection.fetch(SQL.audiences_of, subscriber_id, list(mailing_ids))
    return {
        (row["mailing_id"], row["send_day"]): frozenset(
            axis for axis, name in ((Axis.OPENS, "opens"), (Axis.CLICKS, "clicks")) if row[name]
        )
        for row in rows
    }


async def move_deliveries(
    connection: Connection, old: UUID, new: UUID, counted_twice: Mapping[Axis, Sequence[int]]
) -> None:
    """Moves deliveries and their events; `counted_twice` are the ids that leave the audience of an axis.

    A shard key never changes, so to move is to insert and to delete. Of a message to both, one delivery stays.
    """
    await connection.execute(
        SQL.copy_deliveries, old, new, list(counted_twice[Axis.OPENS]), list(counted_twice[Axis.CLICKS])
    )
    await connection.execute(SQL.drop_deliveries, old)
    await connection.execute(SQL.copy_events, old, new)
    await connection.execute(SQL.drop_events, old)
    await connection.execute(kept_addresses.SQL.hand_on, old, new)
    await connection.execute(kept_addresses.SQL.forget_person, old)
