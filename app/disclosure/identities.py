"""Who subscribers were before they merged, and the chains of the ledger that closed then.

A merged chain stays where it was, under the id that its subscriber had, and is read by `ledger` with that id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.disclosure.reader import Reader
from app.storage import identities


@dataclass(frozen=True, slots=True)
class FormerView:
    """One merge. `head` is the seal of the closed chain's last line, `length` that line's number."""

    id: UUID
    merged_at: datetime
    length: int
    head: str


async def formers_of(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, list[FormerView]]:
    """The former identities of each subscriber, in the order of the merges."""
    async with reader.instance.database.connection() as connection:
        found = await identities.formers(connection, reader.account_id, ids)
    return {
        each: [
            FormerView(row.id, row.merged_at, row.ledger_length, row.ledger_head.hex())
            for row in found.get(each, ())
        ]
        for each in ids
    }
