"""Letters that wait to be mailed. A row names a person by ids alone; whoever mails it looks the address up then."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.domain.letters import LetterFate, LetterKind
from app.storage import queue
from app.storage.database import Connection, Database
from app.storage.queries import load

SQL = load("letters")
QUEUE = "letter"
"""The name under which letters wait in the queue."""


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that waits. `address_id` is the id of the one address that it may go to; `language` is a tag.

    `sign_up_id` is what a CONFIRM confirms, `job_id` the request for permission that an ASK belongs to.
    """

    id: int
    account_id: int
    kind: LetterKind
    subscriber_id: UUID
    address_id: UUID
    language: str
    created_at: datetime
    sign_up_id: UUID | None = None
    job_id: int | None = None
    attempts: int = 0


async def add(connection: Connection, row: LetterRow) -> None:
    """Adds a letter and queues it: it exists when the transaction commits."""
    ids = (row.id, row.account_id, row.kind.value, row.subscriber_id, row.address_id)
    await connection.execute(SQL.insert, *ids, row.language, row.sign_up_id, row.job_id, row.created_at)
    await queue.add(connection, QUEUE, row.id)


async def by_id(database: Database, letter_id: int) -> LetterRow | None:
    """A letter that waits; None where it has ended or its person was erased."""
    rows = await database.fetch(SQL.by_id, letter_id)
    return _row(rows[0]) if rows else None


async def forgotten(connection: Connection, before: datetime) -> list[LetterRow]:
    """Letters from before a time that should have ended."""
    return [_row(row) for row in await connection.fetch(SQL.forgotten, before)]


async def end(connection: Connection, row: LetterRow, fate: LetterFate, now: datetime) -> bool:
    """Forgets a letter and counts what became of it; False where that had happened already."""
    if await connection.fetchval(SQL.delete, row.id) is None:
        return False
    await connection.execute(SQL.count, now.date(), row.kind.value, fate.value)
    return True


def _row(row: asyncpg.Record) -> LetterRow:
    return LetterRow(**{**row, "kind": LetterKind(row["kind"])})
