"""Mailing lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.disclosure.reader import Reader
from app.domain.modes import MembershipStatus
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


async def page_of_lists(reader: Reader, *, after: int, limit: int, backward: bool = False) -> list[ListView]:
    """A page of lists, oldest first; backward pages are read from the end."""
    query = lists.SQL.page_backwards if backward else lists.SQL.page
    rows = await reader.instance.database.fetch(query, reader.account_id, after, limit)
    return [ListView(row["id"], row["name"]) for row in rows]


async def count_lists(reader: Reader) -> int:
    """How many lists the account has."""
    rows = await reader.instance.database.fetch(lists.SQL.count, reader.account_id)
    count: int = rows[0]["count"]
    return count


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A subscriber's place on a list."""

    list: ListView
    status: MembershipStatus


async def memberships_of(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, list[MembershipView]]:
    """The lists that each subscriber is or was on, in one statement for all of them."""
    async with reader.instance.database.connection() as connection:
        found = await lists.memberships(connection, reader.account_id, list(ids))
    return {
        each: [
            MembershipView(ListView(row.list_id, row.list_name), row.status) for row in found.get(each, ())
        ]
        for each in ids
    }
