"""API tokens: what they are called and what they may do. Secrets are stored nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.disclosure.reader import Reader
from app.storage import tokens


@dataclass(frozen=True, slots=True)
class TokenView:
    """One token. `user_id` is None where it acts for the whole account."""

    id: int
    name: str
    scopes: tuple[str, ...]
    user_id: int | None


async def tokens_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, TokenView]:
    """The tokens; ids of other accounts are absent."""
    rows = await reader.instance.database.fetch(tokens.SQL.by_ids, reader.account_id, list(ids))
    return {
        row["id"]: TokenView(row["id"], row["name"], tuple(row["scopes"]), row["user_id"]) for row in rows
    }
