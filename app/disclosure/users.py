"""The people who use an account: everybody sees themselves, `tokens:write` sees the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.disclosure.reader import Reader
from app.domain.privacy import Anonymized, contact_cell
from app.storage import users

ADMINISTERS = "tokens:write"


@dataclass(frozen=True, slots=True)
class UserView:
    """One user. Another's name is anonymised, and the address None, without `personal:read`."""

    id: int
    name: str
    email: str | None


async def users_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, UserView]:
    """The users; ids of other accounts are absent, and those of colleagues without `tokens:write`."""
    own, all_of_them = reader.principal.user_id, reader.principal.may(ADMINISTERS)
    asked = [each for each in ids if all_of_them or each == own]
    rows = await reader.instance.database.fetch(users.SQL.by_ids, reader.account_id, asked) if asked else []
    views = {}
    for row in rows:
        seen = reader.sees_people or row["id"] == own
        name = contact_cell(row["name"], Anonymized.DATA, may_read_personal=seen)
        views[row["id"]] = UserView(row["id"], name, row["email"] if seen else None)
    return views
