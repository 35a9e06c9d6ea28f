"""API tokens: what they are called and what they may do. Secrets are stored nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.disclosure.reader import Reader
from app.storage import tokens
from app.storage.database import Record


@dataclass(frozen=True, slots=True)
class TokenView:
    """One token. `user_id` is None where it acts for the whole account, `expires_at` where it never runs out.

    `last_used_at` is the minute of the last use that was written down, seconds after it; None where there was none.
    """

    id: int
    name: str
    scopes: tuple[str, ...]
    user_id: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


async def tokens_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, TokenView]:
    """The tokens; ids of other accounts are absent."""
    rows = await reader.instance.database.fetch(tokens.SQL.by_ids, reader.account_id, list(ids))
    return {row["id"]: _view(row) for row in rows}


async def page_of_tokens(
    reader: Reader, *, after: int, limit: int, backward: bool = False
) -> list[TokenView]:
    """A page of tokens, oldest first; backward pages are read from the end, those that have ended included."""
    query = tokens.SQL.page_backwards if backward else tokens.SQL.page
    rows = await reader.instance.database.fetch(query, reader.account_id, after, limit)
    return [_view(row) for row in rows]


async def count_tokens(reader: Reader) -> int:
    """How many tokens the account has."""
    rows = await reader.instance.database.fetch(tokens.SQL.count, reader.account_id)
    count: int = rows[0]["count"]
    return count


def _view(row: Record) -> TokenView:
    return TokenView(
        row["id"],
        row["name"],
        tuple(row["scopes"]),
        row["user_id"],
        row["created_at"],
        row["expires_at"],
        row["revoked_at"],
        row["last_used_at"],
    )
