"""Mailings, their links, and the templates that they were sent with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from app.domain.modes import Channel, TrackingMode
from app.domain.precedence import MailingTracking
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("mailings")


@dataclass(frozen=True, slots=True)
class MailingRow:
    """One mailing as stored."""

    id: int
    account_id: int
    name: str
    channel: Channel
    list_id: int | None
    user_id: int | None
    tracking: MailingTracking
    protected: bool
    list_name: str | None = None


def from_record(record: asyncpg.Record) -> MailingRow:
    """A row of the mailing table, with its list's name where the query brings it."""
    return MailingRow(
        id=record["id"],
        account_id=record["account_id"],
        name=record["name"],
        channel=Channel(record["channel"]),
        list_id=record["list_id"],
        user_id=record["user_id"],
        tracking=MailingTracking(
            opens=_mode(record["opens"]),
            clicks=_mode(record["clicks"]),
            permission_based=record["permission_based"],
        ),
        protected=record["protected"],
        list_name=record.get("list_name"),
    )


def _mode(text: str | None) -> TrackingMode | None:
    return None if text is None else TrackingMode(text)


async def by_ids(connection: Connection, account_id: int, ids: Sequence[int]) -> dict[int, MailingRow]:
    """The mailings; ids of other accounts are absent."""
    rows = await connection.fetch(SQL.by_ids, account_id, list(ids))
    return {row["id"]: from_record(row) for row in rows}


async def locked(connection: Connection, account_id: int, mailing_id: int) -> MailingRow | None:
    """One mailing, locked until the transaction ends."""
    row = await connection.fetchrow(SQL.lock, account_id, mailing_id)
    return None if row is None else from_record(row)


async def held(connection: Connection, account_id: int, mailing_id: int) -> MailingRow | None:
    """One mailing as it stands now, held until the transaction ends: `lift` sees that it is being sent."""
    row = await connection.fetchrow(SQL.hold, account_id, mailing_id)
    return None if row is None else from_record(row)


class Dispatching(Exception):
    """Another transaction is sending this mailing."""


async def locked_undispatched(connection: Connection, account_id: int, mailing_id: int) -> MailingRow | None:
    """One mailing, locked while nobody sends it. Raises `Dispatching` without waiting."""
    try:
        async with connection.transaction():
            row = await connection.fetchrow(SQL.lock_undispatched, account_id, mailing_id)
    except asyncpg.LockNotAvailableError as taken:
        raise Dispatching from taken
    return None if row is None else from_record(row)


_UNSAID: Any = object()


async def save(
    connection: Connection,
    row: MailingRow,
    *,
    opens: TrackingMode | None = _UNSAID,
    clicks: TrackingMode | None = _UNSAID,
    permission_based: bool | None = _UNSAID,
    name: str = _UNSAID,
    list_id: int | None = _UNSAID,
) -> None:
    """Writes what is named; the rest stays as in `row`."""
    stated = row.tracking

    def chosen(new: Any, old: Any) -> Any:
        return old if new is _UNSAID else new

    await connection.execute(
        SQL.set_tracking,
        row.id,
        chosen(opens, stated.opens),
        chosen(clicks, stated.clicks),
        chosen(permission_based, stated.permission_based),
        chosen(name, row.name),
        chosen(list_id, row.list_id),
    )


async def links(connection: Connection, ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """The targets of each mailing's links by their numbers, which begin at 1."""
    rows = await connection.fetch(SQL.links, list(ids))
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for row in rows:
        found[row["mailing_id"]][row["number"]] = row["url"]
    return found
