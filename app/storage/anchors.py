"""The anchors of the ledger in the database, and the streams that an anchor and a proof are made from.

A stream reads through a cursor, so the transaction that it was opened in must stay open, and its memory is constant.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from app.domain.anchors import Anchor, Head, SealedAnchor
from app.domain.ledger import SealedLine
from app.storage import ledger
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("anchors")

_AT_ONCE = 1_000


async def heads(connection: Connection, account_id: int) -> AsyncIterator[Head]:
    """The end of every chain that has a line, by subscriber."""
    async for row in connection.cursor(ledger.SQL.heads, account_id, prefetch=_AT_ONCE):
        yield Head(row["id"].bytes, row["ledger_length"], row["ledger_head"])


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One stored line; `sealed` is None where its values are none that a line can have."""

    subscriber: bytes
    number: int
    sealed: SealedLine | None


async def lines(connection: Connection, account_id: int) -> AsyncIterator[KeptLine]:
    """Every line of an account, by subscriber and number."""
    async for row in connection.cursor(ledger.SQL.of_account, account_id, prefetch=_AT_ONCE):
        try:
            sealed = ledger.from_record(row)
        except (ValueError, OverflowError):
            sealed = None
        yield KeptLine(row["subscriber_id"].bytes, row["number"], sealed)


async def all_of(connection: Connection, account_id: int) -> list[SealedAnchor]:
    """The anchors of an account, oldest first."""
    return [_anchor(row) for row in await connection.fetch(SQL.all, account_id)]


async def newest(connection: Connection, account_id: int) -> SealedAnchor | None:
    """The last anchor of an account, if there is one."""
    row = await connection.fetchrow(SQL.newest, account_id)
    return None if row is None else _anchor(row)


def _anchor(row: asyncpg.Record) -> SealedAnchor:
    anchor = Anchor(
        account=row["account_id"],
        number=row["number"],
        at=row["at"],
        subscribers=row["subscribers"],
        lines=row["lines"],
        digest=row["digest"],
        previous=row["previous_seal"],
    )
    return SealedAnchor(anchor, row["seal"])


async def add(connection: Connection, sealed: SealedAnchor) -> bool:
    """Adds an anchor; False where its number is taken."""
    anchor = sealed.anchor
    added = await connection.fetchval(
        SQL.add,
        anchor.account,
        anchor.number,
        anchor.at,
        anchor.subscribers,
        anchor.lines,
        anchor.digest,
        anchor.previous,
        sealed.seal,
    )
    return added is not None
