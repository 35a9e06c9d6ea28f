"""What stood for the people behind hits, from the hit until now: a NO in between wins.

Whoever merged since has two chains. Both spoke for mails that were sent under the old id, and only their own for
those that were sent under their present one. Source: domain.md §5 (FROZEN).
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, PermissionState, Reason
from app.storage import ledger
from app.storage.database import Connection, Record

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
States = dict[tuple[UUID, Axis], list[tuple[datetime, PermissionState]]]
"""By chain and axis: since when which state stood."""


async def states_since(connection: Connection, people: Mapping[UUID, Record], earliest: datetime) -> States:
    """What stood from a time on, for those few who changed their answer since the earliest hit.

    `people` are rows of `tracked.people` by the ids that they were asked for with.
    """
    changed = {
        each
        for asked, row in people.items()
        if row["changed_at"] >= earliest
        for each in ({row["id"]} if row["ledger_length"] else set()) | ({asked} - {row["id"]})
    }
    history: States = defaultdict(list)
    if changed:
        for row in await connection.fetch(ledger.SQL.states_since, list(changed)):
            key = row["subscriber_id"], Axis(row["axis"])
            if not history[key]:
                history[key].append((_EPOCH, PermissionState(Permission(row["from_value"]), None)))
            history[key].append((row["server_time"], _state_after(row)))
    return history


def _state_after(row: Record) -> PermissionState:
    return PermissionState(
        value=Permission(row["to_value"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        person_time=row["person_time"],
        server_time=row["server_time"],
        source=PermissionSource(row["source"]),
        by_person=row["by_person"],
    )


def stands(row: Record, axis: Axis) -> PermissionState:
    """What a row of `tracked.people` says of an axis: as much of it as decides about a hit."""
    name = axis.value.lower()
    return PermissionState(
        value=Permission(row[f"{name}_value"]),
        reason=None,
        person_time=row[f"{name}_person_time"],
        by_person=row[f"{name}_by_person"],
    )


def stood_since(
    row: Record, asked: UUID, axis: Axis, hit_at: datetime, states: States
) -> list[list[PermissionState]]:
    """For each chain that spoke for a person asked for by this id: the state at a hit and every later one."""
    return [_since(row, each, axis, hit_at, states) for each in {row["id"]: None, asked: None}]


def _since(row: Record, chain: UUID, axis: Axis, hit_at: datetime, states: States) -> list[PermissionState]:
    """The state at the hit and every later one, the present one included."""
    history = states.get((chain, axis), [])
    at_hit = [state for since, state in history if since <= hit_at][-1:]
    later = [state for since, state in history if since > hit_at]
    return [*at_hit, *later, stands(row, axis)]
