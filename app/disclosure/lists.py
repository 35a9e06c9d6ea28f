"""Mailing lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.disclosure.reader import Reader
from app.storage import lists


@dataclass(frozen=True, slots=True)
class ListView:
    """One mailing list."""

    id: int
    name: str


async def lists_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, ListView]:
    """The lists; ids of other accounts are absent."""
    rows = await reader.instance.database.fetch(lists.SQL.by_ids, reader.account_id, list(ids))
    return {row["id"]: ListView(row["id"], row["name"]) for row in rows}


async def page_of_lists(reader: Reader, *, after: int, limit: int) -> list[ListView]:
    """A page of lists, oldest first."""
    rows = await reader.instance.database.fetch(lists.SQL.page, reader.account_id, after, limit)
    return [ListView(row["id"], row["name"]) for row in rows]


async def count_lists(reader: Reader) -> int:
    """How many lists the account has."""
    rows = await reader.instance.database.fetch(lists.SQL.count, reader.account_id)
    count: int = rows[0]["count"]
    return count
