"""The ledger of permissions: lines are added and read, never changed."""

from collections.abc import Sequence
from itertools import chain
from typing import Any
from uuid import UUID

import asyncpg

from app.domain.ledger import LedgerLine, SaltedText, SealedLine
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, PermissionState, Reason
from app.domain.precedence import Permissions
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("ledger")


async def answer(
    connection: Connection, account_id: int, lines: Sequence[SealedLine], permissions: Permissions
) -> None:
    """Adds the next lines of one subscriber, who is locked, and writes what stands after them, in one round trip.

    There are one or two lines, of one answer: they share their time, their texts and where they come from. A number
    that is taken raises a unique violation: the subscriber was not locked.
    """
    last = lines[-1]
    line = last.line
    await connection.execute(
        SQL.answer_on_one if len(lines) == 1 else SQL.answer_on_both,
        UUID(bytes=line.subscriber),
        line.server_time,
        line.number,
        last.seal,
        *_state(permissions.opens),
        *_state(permissions.clicks),
        account_id,
        (line.actor or _NO_TEXT).text,
        (line.note or _NO_TEXT).text,
        None if line.wording_id is None else int.from_bytes(line.wording_id, "big"),
        line.merged_head,
        line.version,
        *chain.from_iterable(map(_own, lines)),
    )


def _state(state: PermissionState) -> tuple[Any, ...]:
    return (
        state.value,
        state.reason,
        state.person_time,
        state.server_time,
        state.source,
        state.by_person,
        state.line_hash,
        state.withdrawal,
    )


def _own(sealed: SealedLine) -> tuple[Any, ...]:
    """What a line does not share with the other one of its answer."""
    line = sealed.line
    actor, note = line.actor or _NO_TEXT, line.note or _NO_TEXT
    return (
        line.number,
        line.axis,
        line.from_value,
        line.to_value,
        line.reason,
        line.person_time,
        line.source,
        line.by_person,
        actor.salt,
        actor.digest or None,
        note.salt,
        note.digest or None,
        line.previous_hash,
        sealed.seal,
    )


_NO_TEXT = SaltedText(digest=b"")


def from_record(record: asyncpg.Record) -> SealedLine:
    """A stored line with its stored seal."""
    wording, reason = record["wording_id"], record["reason"]
    line = LedgerLine(
        subscriber=record["subscriber_id"].bytes,
        number=record["number"],
        axis=Axis(record["axis"]),
        from_value=Permission(record["from_value"]),
        to_value=Permission(record["to_value"]),
        reason=None if reason is None else Reason(reason),
        person_time=record["person_time"],
        server_time=record["server_time"],
        source=PermissionSource(record["source"]),
        by_person=record["by_person"],
        actor=_text(record, "actor"),
        note=_text(record, "note"),
        wording_id=None if wording is None else wording.to_bytes(8, "big"),
        merged_head=record["merged_head"],
        previous_hash=record["previous_hash"],
        version=record["version"],
    )
    return SealedLine(line, record["hash"])


def _text(record: asyncpg.Record, name: str) -> SaltedText | None:
    digest = record[f"{name}_digest"]
    return None if digest is None else SaltedText(digest, record[f"{name}_salt"], record[name])


async def page(
    connection: Connection, account_id: int, subscriber_id: UUID, *, after: int, limit: int
) -> list[SealedLine]:
    """One subscriber's lines with a number above `after`, oldest first."""
    rows = await connection.fetch(SQL.forwards, subscriber_id, account_id, after, limit)
    return [from_record(row) for row in rows]


async def page_backwards(
    connection: Connection, account_id: int, subscriber_id: UUID, *, before: int, limit: int
) -> list[SealedLine]:
    """One subscriber's lines with a number below `before`, newest first."""
    rows = await connection.fetch(SQL.backwards, subscriber_id, account_id, before, limit)
    return [from_record(row) for row in rows]
