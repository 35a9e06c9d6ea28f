"""Pages of what an account has, by id: which is by age, oldest first.

key     the row that a page starts behind, or ends ahead of; None for the end of the list
order   forward pages come oldest first, backward ones newest first: as they are read
"""

from typing import TypedDict

from app.disclosure.reader import Reader
from app.storage.database import Record

NEWEST = 2**63 - 1


class Beyond(TypedDict):
    """Which rows: beyond `key`, in which direction, at most how many."""

    key: int | None
    backward: bool
    limit: int


async def rows_beyond(reader: Reader, forward: str, backward: str, asked: Beyond) -> list[Record]:
    """The rows of the caller's account, by one of the two queries; both take account, id and limit."""
    query, end = (backward, NEWEST) if asked["backward"] else (forward, 0)
    key = end if asked["key"] is None else asked["key"]
    return await reader.instance.database.fetch(query, reader.account_id, key, asked["limit"])
