"""How many people an anonymous count is over, and whether they are enough.

Theory: below k nothing is stored, so the question is asked before anything is counted. k is the largest minimum
audience since the mailing was made, which is never less than the frozen or the current one. Where late refusals
are counted, the people who refused belong to the audience too. Source: domain.md §6, §7.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.modes import Axis
from app.domain.settings import LateRefusal
from app.storage import accounts, anonymous
from app.storage.database import Connection


@dataclass(slots=True)
class Audiences:
    """The audiences of some mailings. `late_refusal` is that of the account now."""

    k: dict[int, int] = field(default_factory=dict)
    late_refusal: dict[int, LateRefusal] = field(default_factory=dict)
    people: dict[tuple[int, int, Axis], int] = field(default_factory=dict)
    of_links: dict[tuple[int, int, int], int] = field(default_factory=dict)
    late: dict[tuple[int, int, Axis], int] = field(default_factory=dict)

    def size(self, mailing_id: int, send_day: int, axis: Axis) -> int:
        """The audience of an axis."""
        key = mailing_id, send_day, axis
        return self.people.get(key, 0) + self.late.get(key, 0)

    def suffices(self, mailing_id: int, send_day: int, link: int) -> bool:
        """Whether hits on this link (0: the pixel) may be counted."""
        axis = Axis.CLICKS if link else Axis.OPENS
        size, k = self.size(mailing_id, send_day, axis), self.k.get(mailing_id)
        if k is None:
            return False
        if link:
            # People who refused later had the link as well, if anybody had.
            late = self.late.get((mailing_id, send_day, axis), 0)
            size = min(size, self.of_links.get((mailing_id, send_day, link), 0) + late)
        return size >= k


async def audiences(connection: Connection, account_of: dict[int, tuple[int, int]]) -> Audiences:
    """The audiences of mailings; `account_of` maps each to its account and the settings version it was made under."""
    found = Audiences()
    ids = list(account_of)
    for row in await connection.fetch(anonymous.SQL.audiences, ids):
        found.people[row["mailing_id"], row["send_day"], Axis.OPENS] = row["opens"]
        found.people[row["mailing_id"], row["send_day"], Axis.CLICKS] = row["clicks"]
    for row in await connection.fetch(anonymous.SQL.link_audiences, ids):
        found.of_links[row["mailing_id"], row["send_day"], row["link"]] = row["audience"]
    accounts_of, versions = zip(*account_of.values(), strict=True) if account_of else ((), ())
    for row in await connection.fetch(anonymous.SQL.largest_ks, ids, list(accounts_of), list(versions)):
        found.k[row["mailing_id"]] = row["k"]
    policies = await _policies(connection, set(accounts_of))
    found.late_refusal = {mailing_id: policies[account] for mailing_id, (account, _) in account_of.items()}
    await _add_late(connection, found)
    return found


async def _add_late(connection: Connection, found: Audiences) -> None:
    counting = [each for each, policy in found.late_refusal.items() if policy is LateRefusal.COUNT]
    if counting:
        for row in await connection.fetch(anonymous.SQL.late_audiences, counting):
            found.late[row["mailing_id"], row["send_day"], Axis.OPENS] = row["opens"]
            found.late[row["mailing_id"], row["send_day"], Axis.CLICKS] = row["clicks"]


async def _policies(connection: Connection, account_ids: Iterable[int]) -> dict[int, LateRefusal]:
    return {
        account_id: (await accounts.latest_settings(connection, account_id)).settings.late_refusal
        for account_id in account_ids
    }
