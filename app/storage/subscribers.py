"""Subscribers: rows in, rows out, with what stands of their permissions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import asyncpg

from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, PermissionState, Reason
from app.domain.precedence import Permissions
from app.domain.settings import Withdrawal
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("subscribers")


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """One subscriber as stored. Personal: only `disclosure` lets anything of it out.

    `settings_version` is that of the account's settings when the row was locked, None where it was only read.
    """

    id: UUID
    account_id: int
    address_id: UUID
    address: str
    address_since: datetime | None
    attributes: dict[str, Any]
    locale: str | None
    created_at: datetime
    changed_at: datetime
    permissions: Permissions
    ledger_length: int
    ledger_head: bytes
    asked_at: datetime | None = None
    settings_version: int | None = None


def from_record(record: asyncpg.Record) -> SubscriberRow:
    """A row of the subscriber table."""
    return SubscriberRow(
        id=record["id"],
        account_id=record["account_id"],
        address_id=record["address_id"],
        address=record["address"],
        address_since=record["address_since"],
        attributes=record["attributes"],
        locale=record["locale"],
        created_at=record["created_at"],
        changed_at=record["changed_at"],
        permissions=Permissions(opens=_state(record, "opens"), clicks=_state(record, "clicks")),
        ledger_length=record["ledger_length"],
        ledger_head=record["ledger_head"],
        asked_at=record.get("asked_at"),
        settings_version=record.get("settings_version"),
    )


def _state(record: asyncpg.Record, axis: str) -> PermissionState:
    return replace(shown_state(record, Axis[axis.upper()]), line_hash=record[f"{axis}_hash"])


def shown_state(record: asyncpg.Record, axis: Axis) -> PermissionState:
    """What stands on an axis, without the hash of its line, which nobody is shown."""
    value, reason, person_time, server_time, source, by_person, withdrawal = _STATES[axis](record)
    return PermissionState(
        _PERMISSIONS[value],
        None if reason is None else _REASONS[reason],
        person_time,
        server_time,
        None if source is None else _SOURCES[source],
        by_person,
        b"",
        None if withdrawal is None else Withdrawal(withdrawal),
    )


def shown_value(record: asyncpg.Record, axis: Axis) -> Permission:
    """The answer on an axis, as it is stored."""
    return _PERMISSIONS[record[_VALUES[axis]]]


_VALUES = {axis: f"{axis.value.lower()}_value" for axis in Axis}
_COLUMNS = ("value", "reason", "person_time", "server_time", "source", "by_person", "withdrawal")
_STATES = {axis: itemgetter(*(f"{axis.value.lower()}_{each}" for each in _COLUMNS)) for axis in Axis}
# Looking a member up is several times quicker than asking its class for it, and pages hold thousands.
_PERMISSIONS = {each.value: each for each in Permission}
_REASONS = {each.value: each for each in Reason}
_SOURCES = {each.value: each for each in PermissionSource}


async def resolve(connection: Connection, account_id: int, address_ids: list[UUID]) -> dict[UUID, UUID]:
    """Whose each address is: the subscriber born with it, unless an alias says otherwise.

    Nobody needs to be there yet. For ids that a subscriber has or had, ask `identities.current`.
    """
    rows = await connection.fetch(SQL.aliases, account_id, address_ids)
    aliases = {row["address_id"]: row["subscriber_id"] for row in rows}
    return {each: aliases.get(each, each) for each in address_ids}


async def insert_missing(
    connection: Connection,
    account_id: int,
    wanted: Sequence[tuple[UUID, UUID, str]],
    now: datetime,
    locale: str | None = None,
) -> set[UUID]:
    """Adds those of `wanted` (id, address id, address) that are not there; returns the ids that were added."""
    if not wanted:
        return set()
    columns = [list(column) for column in zip(*wanted, strict=True)]
    rows = await connection.fetch(SQL.insert, account_id, *columns, locale, now)
    return {row["id"] for row in rows}


async def lock(connection: Connection, account_id: int, ids: list[UUID]) -> dict[UUID, SubscriberRow]:
    """The subscribers, locked until the transaction ends; ids of other accounts are absent."""
    rows = await connection.fetch(SQL.lock, account_id, ids)
    return {row["id"]: from_record(row) for row in rows}


async def expired(
    connection: Connection, account_id: int, given_by: datetime, *, after: UUID, limit: int
) -> list[UUID]:
    """Ids above `after`, in order, of people with a YES from `given_by` or earlier, or from an unknown time."""
    rows = await connection.fetch(SQL.expired, account_id, given_by, after, limit)
    return [row["id"] for row in rows]


async def by_ids(connection: Connection, account_id: int, ids: list[UUID]) -> dict[UUID, SubscriberRow]:
    """The subscribers; ids of other accounts are absent."""
    rows = await connection.fetch(SQL.by_ids, account_id, ids)
    return {row["id"]: from_record(row) for row in rows}


async def records(connection: Connection, account_id: int, ids: list[UUID]) -> dict[UUID, asyncpg.Record]:
    """The same as they come, for views that read a column only when it is asked for."""
    return {row["id"]: row for row in await connection.fetch(SQL.by_ids, account_id, ids)}


async def anywhere(connection: Connection, subscriber_id: UUID) -> SubscriberRow | None:
    """The subscriber that a sealed link names, by the id that they have or had; the link is the caller's right."""
    row = await connection.fetchrow(SQL.by_id_anywhere, subscriber_id)
    return None if row is None else from_record(row)


async def everywhere(connection: Connection, address_ids: list[UUID]) -> list[SubscriberRow]:
    """The subscribers that these ids of one address belong to, at most one in an account, found through aliases too."""
    rows = await connection.fetch(SQL.by_address_ids_anywhere, address_ids)
    found = [from_record(row) for row in rows]
    # Who was born with an address may have left it since; it is whoever has it now that is meant.
    wanted = set(address_ids)
    return list({row.account_id: row for row in found if row.address_id in wanted}.values())
