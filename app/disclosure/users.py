"""The people who use an account: everybody sees themselves, `tokens:write` sees the others.

A user's tracking switches and last toggles are that user's alone (P7).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.disclosure.reader import Reader
from app.domain.privacy import Anonymized, contact_cell
from app.domain.toggles import Switches
from app.storage import users
from app.storage.users import UserRow

ADMINISTERS = "tokens:write"


@dataclass(frozen=True, slots=True)
class UserView:
    """One user. Another's name is anonymised, and the address None, without `personal:read`.

    `switches` are None for everybody but the user.
    """

    id: int
    name: str
    email: str | None
    switches: Switches | None


async def users_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, UserView]:
    """The users; ids of other accounts are absent, and those of colleagues without `tokens:write`."""
    own, all_of_them = reader.principal.user_id, reader.principal.may(ADMINISTERS)
    asked = [each for each in ids if all_of_them or each == own]
    if not asked:
        return {}
    async with reader.instance.database.connection() as connection:
        rows = await users.by_ids(connection, reader.account_id, asked)
    return {row.id: _view(reader, row) for row in rows.values()}


async def page_of_users(reader: Reader, *, after: int, limit: int, backward: bool = False) -> list[UserView]:
    """A page of the account's users, oldest first; backward pages are read from the end; the door has asked for `tokens:write`."""
    query = users.SQL.page_backwards if backward else users.SQL.page
    rows = await reader.instance.database.fetch(query, reader.account_id, after, limit)
    return [_view(reader, users.from_record(row)) for row in rows]


async def count_users(reader: Reader) -> int:
    """How many users there are, up to 10,001."""
    rows = await reader.instance.database.fetch(users.SQL.count, reader.account_id)
    count: int = rows[0]["count"]
    return count


def _view(reader: Reader, row: UserRow) -> UserView:
    own = row.id == reader.principal.user_id
    seen = reader.sees_people or own
    name = contact_cell(row.name, Anonymized.DATA, may_read_personal=seen)
    return UserView(row.id, name, row.email if seen else None, row.switches if own else None)
