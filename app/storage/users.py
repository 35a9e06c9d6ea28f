"""The people who use an account, with their own tracking switches."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from app.domain.toggles import Switches
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("users")


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user as stored."""

    id: int
    name: str
    email: str | None
    switches: Switches


def from_record(record: asyncpg.Record) -> UserRow:
    """A row of the user table."""
    switches = Switches(
        opens=record["track_opens"],
        clicks=record["track_clicks"],
        notifications=record["notify"],
        last_opens=record["last_opens"],
        last_clicks=record["last_clicks"],
    )
    return UserRow(record["id"], record["name"], record["email"], switches)


async def by_ids(connection: Connection, account_id: int, ids: Sequence[int]) -> dict[int, UserRow]:
    """The users; ids of other accounts are absent."""
    rows = await connection.fetch(SQL.by_ids, account_id, list(ids))
    return {row["id"]: from_record(row) for row in rows}


async def locked(connection: Connection, account_id: int, user_id: int) -> UserRow | None:
    """One user, locked until the transaction ends."""
    row = await connection.fetchrow(SQL.lock, account_id, user_id)
    return None if row is None else from_record(row)
