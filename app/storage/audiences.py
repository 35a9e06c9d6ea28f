"""How many people an anonymous count is over, and whether they are enough.

Theory: below k nothing is stored, so the question is asked before anything is counted. k is the largest minimum
audience since the mailing was made, which is never less than the frozen or the current one. Where late refusals
are counted, the people who refused belong to the audience too. Source: domain.md §6, §7.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.modes import Axis, TrackingMode
from app.storage import anonymous, mailings
from app.storage.database import Connection

_NAMES = {Axis.OPENS: "opens", Axis.CLICKS: "clicks"}
NEVER = 2**31
"""A minimum audience that nobody reaches: what holds where the settings cannot be read."""


@dataclass(slots=True)
class Audiences:
    """The audiences of some mailings, and what their settings allow."""

    k: dict[int, int] = field(default_factory=dict)
    counts_late: set[int] = field(default_factory=set)
    totals_only: set[int] = field(default_factory=set)
    people: dict[tuple[int, int, Axis], int] = field(default_factory=dict)
    bounced: dict[tuple[int, int, Axis], int] = field(default_factory=dict)
    of_links: dict[tuple[int, int, int], int] = field(default_factory=dict)
    late: dict[tuple[int, int, Axis], int] = field(default_factory=dict)
    late_of_links: dict[tuple[int, int, int], int] = field(default_factory=dict)

    def add_policy(self, mailing_id: int, policy: Mapping[str, Any]) -> None:
        """What its account's settings have allowed since a mailing was made."""
        self.k[mailing_id] = policy["k"]
        if policy["always_counts_late"]:
            self.counts_late.add(mailing_id)
        if policy["totals_only"]:
            self.totals_only.add(mailing_id)

    def add_deliveries(self, mailing_id: int, row: Mapping[str, Any]) -> None:
        """Counts of deliveries that are alike (`delivery_rollup`); those of a send day add up."""
        for axis, name in _NAMES.items():
            key = mailing_id, row["send_day"], axis
            self.people[key] = self.people.get(key, 0) + row[f"audience_{name}"]
            bounced = row["bounced"] if row[f"{name}_mode"] == TrackingMode.ANONYMOUS.value else 0
            self.bounced[key] = self.bounced.get(key, 0) + bounced

    def minimum(self, mailing_id: int) -> int:
        """The k of a mailing."""
        return self.k.get(mailing_id, NEVER)

    def size(self, mailing_id: int, send_day: int, axis: Axis) -> int:
        """The audience of an axis."""
        key = mailing_id, send_day, axis
        return self.people.get(key, 0) + self.late.get(key, 0)

    def suffices(self, mailing_id: int, send_day: int, link: int) -> bool:
        """Whether hits on this link (0: the pixel) may be counted."""
        return self.behind(mailing_id, send_day, link) >= self.minimum(mailing_id)

    def behind(self, mailing_id: int, send_day: int, link: int) -> int:
        """How many people a counter is over: a link's, or for the pixel (0) those of opens."""
        if link:
            return self.size_of_link(mailing_id, send_day, link)
        return self.size(mailing_id, send_day, Axis.OPENS)

    def joined(self, mailing_id: int, send_day: int, link: int) -> int:
        """How many have ever joined the people that a counter is over, so that nobody's leaving hides who joins.

        Whose second mail bounced may be counted twice: that is too many, never too few.
        """
        axis = Axis.CLICKS if link else Axis.OPENS
        return self.behind(mailing_id, send_day, link) + self.bounced.get((mailing_id, send_day, axis), 0)

    def counters(self) -> set[tuple[int, int, int]]:
        """Mailing, send day and link (0: the pixel) of all that enough people are behind."""
        pixels = {(mailing_id, send_day, 0) for mailing_id, send_day, _ in self.people}
        return {key for key in {*pixels, *self.of_links, *self.late_of_links} if self.suffices(*key)}

    def joined_in_all(self) -> Counter[tuple[int, Axis]]:
        """How many have ever joined the people of each mailing's total, who are counted on each send day apart."""
        found: Counter[tuple[int, Axis]] = Counter()
        for mailing_id, send_day, axis in self.people:
            people = self.size(mailing_id, send_day, axis)
            if people >= self.minimum(mailing_id):
                found[mailing_id, axis] += people + self.bounced.get((mailing_id, send_day, axis), 0)
        return found

    def size_of_link(self, mailing_id: int, send_day: int, link: int) -> int:
        """The audience of one link: those in the audience of clicks whose mail had it."""
        key = mailing_id, send_day, link
        had = max(0, self.of_links.get(key, 0)) + self.late_of_links.get(key, 0)
        # Who bounced once and holds another mail has left the audience of clicks, and not that of the link.
        return min(had, max(0, self.size(mailing_id, send_day, Axis.CLICKS)))


async def audiences(connection: Connection, mailing_ids: Sequence[int]) -> Audiences:
    """The audiences of mailings, of whatever account; those that are not there have none."""
    found = Audiences()
    rows = await connection.fetch(mailings.SQL.anywhere, mailing_ids)
    made_under = {row["id"]: (row["account_id"], row["settings_version"]) for row in rows}
    ids = list(made_under)
    for row in await connection.fetch(anonymous.SQL.audiences, ids):
        for axis, name in _NAMES.items():
            found.people[row["mailing_id"], row["send_day"], axis] = row[name]
            found.bounced[row["mailing_id"], row["send_day"], axis] = row[f"{name}_bounced"]
    for row in await connection.fetch(anonymous.SQL.link_audiences, ids):
        found.of_links[row["mailing_id"], row["send_day"], row["link"]] = row["audience"]
    accounts, versions = zip(*made_under.values(), strict=True) if made_under else ((), ())
    counting = []
    for row in await connection.fetch(anonymous.SQL.policies, ids, list(accounts), list(versions)):
        found.add_policy(row["mailing_id"], dict(row))
        counting += [row["mailing_id"]] if row["ever_counts_late"] else []
    await add_late(connection, found, counting)
    return found


async def add_late(connection: Connection, found: Audiences, counting: Sequence[int]) -> None:
    """Adds those who refused later to the audiences of mailings whose settings ever counted late refusals."""
    if counting:
        for row in await connection.fetch(anonymous.SQL.late_audiences, counting):
            for axis, name in _NAMES.items():
                found.late[row["mailing_id"], row["send_day"], axis] = row[name]
        for row in await connection.fetch(anonymous.SQL.late_link_audiences, counting):
            found.late_of_links[row["mailing_id"], row["send_day"], row["link"]] = row["people"]
