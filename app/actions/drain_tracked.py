"""Finds what a batch of hits belongs to, and whose mail it was, both locked until its events are written.

People are locked before deliveries, as everywhere, and nobody's answer changes between reading and writing it. Firsts
are firsts even where several drains run. What lies elsewhere since a merge is found there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.modes import Axis, TrackingMode
from app.journal.records import PersonalRecord
from app.storage import events, identities
from app.storage.database import Connection, Record
from app.storage.deliveries import RollupKey
from app.storage.events import Seen

Key = tuple[UUID, int]
People = dict[UUID, Record]
"""Rows of `events.people` by the ids that people have or had."""

_MERGES_TO_WAIT_FOR = 2


@dataclass(slots=True)
class Tracked:
    """A delivery, or a message to several people, while a batch is applied to it."""

    record: Record
    gathered: bool
    recipients: Sequence[UUID]
    seen: Seen
    changed: bool = False

    @property
    def key(self) -> Key:
        """Where it lies."""
        return self.seen.subscriber_id, self.seen.id

    def people(self, hit: PersonalRecord) -> Sequence[UUID]:
        """Whose mail it was, by the ids of when it was sent."""
        return self.recipients if self.gathered else [hit.subscriber]

    def mode(self, axis: Axis) -> TrackingMode:
        """The mode frozen at sending."""
        return TrackingMode(self.record["opens_mode" if axis is Axis.OPENS else "clicks_mode"])

    @property
    def rollup_key(self) -> RollupKey:
        """Where it is counted."""
        modes = self.mode(Axis.OPENS), self.mode(Axis.CLICKS)
        return RollupKey(self.record["mailing_id"], self.record["send_day"], *modes, gathered=self.gathered)


async def held_people(connection: Connection, keys: set[Key]) -> People:
    """What stands for everybody whom the hits may be about, by the ids that they have or had."""
    asked = {key[0] for key in keys}
    groups = await connection.fetch(events.SQL.recipients, list(asked))
    asked.update(person for group in groups for person in group["recipients"])
    found: People = {}
    for _ in range(_MERGES_TO_WAIT_FOR):
        missing = asked - found.keys()
        if not missing:
            break
        # Asked again after waiting for a lock: a merge may have moved somebody meanwhile.
        owners = await identities.successors(connection, missing)
        rows = await connection.fetch(events.SQL.people, list((missing - owners.keys()) | {*owners.values()}))
        found |= {row["id"]: row for row in rows}
        found |= {each: found[owner] for each, owner in owners.items() if owner in found}
    return found


async def held_deliveries(connection: Connection, keys: set[Key]) -> dict[Key, Tracked]:
    """What hits belong to, by the keys that their tokens carry; what two keys name is one."""
    found = await _locked(connection, keys)
    # Asked after locking, so that a merge that we waited for is seen: what it moved is not where the token says.
    moved = await identities.successors(connection, {key[0] for key in keys - found.keys()})
    now = {key: (moved[key[0]], key[1]) for key in keys - found.keys() if key[0] in moved}
    found |= await _locked(connection, set(now.values()) - found.keys())
    return found | {key: found[there] for key, there in now.items() if there in found}


async def _locked(connection: Connection, keys: set[Key]) -> dict[Key, Tracked]:
    found: dict[Key, Tracked] = {}
    for query, gathered in ((events.SQL.lock_deliveries, False), (events.SQL.lock_gathered, True)):
        # Nobody's delivery has the key of a message to several people.
        wanted = keys - found.keys()
        if wanted:
            for record in await connection.fetch(query, *_columns(wanted)):
                recipients = record["recipients"] if gathered else ()
                seen = _seen(record)
                found[seen.subscriber_id, seen.id] = Tracked(record, gathered, recipients, seen)
    return found


def _columns(keys: set[Key]) -> tuple[list[UUID], list[int]]:
    return [key[0] for key in keys], [key[1] for key in keys]


def _seen(record: Record) -> Seen:
    return Seen(
        record["subscriber_id"],
        record["id"],
        record["opens"],
        record["clicks"],
        record["first_opened_at"],
        record["last_opened_at"],
        record["first_clicked_at"],
        record["clicked_links"],
    )
