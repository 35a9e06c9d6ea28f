"""Finds what a batch of hits belongs to, and whose mail it was, both locked until its events are written.

People are locked before deliveries, as everywhere, and nobody's answer changes between reading and writing it. Firsts
are firsts even where several drains run. What lies elsewhere since a merge is found there.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.storage import identities, tracked
from app.storage.database import Connection, Record
from app.storage.tracked import Key, Steady, Tracked

_MERGES_TO_WAIT_FOR = 2


@dataclass(frozen=True, slots=True)
class People:
    """Everybody whom the hits may be about: `steady` who said nothing new since the earliest of them, by their id.

    `others` are rows of `tracked.people` by the ids that people have or had. Who is in neither is gone.
    """

    steady: Mapping[bytes, Steady]
    others: Mapping[UUID, Record]


async def held_people(connection: Connection, keys: Collection[Key], earliest: datetime) -> People:
    """What stands for everybody whom hits on these keys may be about, of which none is older than `earliest`."""
    asked = {key[0] for key in keys}
    asked |= await tracked.recipients(connection, asked)
    owners = await identities.successors_of(connection, asked)
    steady = await tracked.steady_people(connection, (asked - owners.keys()) | {*owners.values()}, earliest)
    return People(steady, await _others(connection, {UUID(bytes=each) for each in asked - steady.keys()}))


async def _others(connection: Connection, asked: set[UUID]) -> dict[UUID, Record]:
    found: dict[UUID, Record] = {}
    for _ in range(_MERGES_TO_WAIT_FOR):
        missing = asked - found.keys()
        if not missing:
            break
        # Asked again after waiting for a lock: a merge may have moved somebody meanwhile.
        owners = await identities.successors(connection, missing)
        present = (missing - owners.keys()) | {*owners.values()}
        rows = await connection.fetch(tracked.SQL.people, list(present))
        found |= {row["id"]: row for row in rows}
        found |= {each: found[owner] for each, owner in owners.items() if owner in found}
    return found


async def held_deliveries(connection: Connection, keys: set[Key]) -> dict[Key, Tracked]:
    """What hits belong to, by the keys that their tokens carry; what two keys name is one."""
    found = await _locked(connection, keys)
    # Asked after locking, so that a merge that we waited for is seen: what it moved is not where the token says.
    missing = keys - found.keys()
    moved = await identities.successors_of(connection, {key[0] for key in missing})
    now = {key: (moved[key[0]], key[1]) for key in missing if key[0] in moved}
    found |= await _locked(connection, set(now.values()) - found.keys())
    return found | {key: found[there] for key, there in now.items() if there in found}


async def _locked(connection: Connection, keys: set[Key]) -> dict[Key, Tracked]:
    found: dict[Key, Tracked] = {}
    for gathered in (False, True):
        # Nobody's delivery has the key of a message to several people.
        wanted = keys - found.keys()
        if wanted:
            found |= await tracked.lock(connection, wanted, gathered=gathered)
    return found
