"""Mailing lists and the places of subscribers on them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

from app.domain.modes import MembershipStatus
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("lists")
MEMBERSHIPS: SimpleNamespace = load("memberships")


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """One subscriber's place on one list."""

    list_id: int
    list_name: str
    status: MembershipStatus


async def memberships(
    connection: Connection, account_id: int, subscriber_ids: list[UUID]
) -> dict[UUID, list[MembershipRow]]:
    """The lists that each subscriber is or was on; subscribers without any are absent."""
    rows = await connection.fetch(MEMBERSHIPS.of_subscribers, account_id, subscriber_ids)
    found: dict[UUID, list[MembershipRow]] = defaultdict(list)
    for row in rows:
        place = MembershipRow(row["list_id"], row["name"], MembershipStatus(row["status"]))
        found[row["subscriber_id"]].append(place)
    return found


async def set_status(
    connection: Connection,
    account_id: int,
    subscriber_id: UUID,
    list_ids: Sequence[int],
    status: MembershipStatus,
    now: datetime,
) -> None:
    """Gives a subscriber a status on lists, whether or not there was one."""
    if list_ids:
        chosen = list(dict.fromkeys(list_ids))
        await connection.execute(MEMBERSHIPS.set_status, subscriber_id, account_id, chosen, status.value, now)


async def bounce(connection: Connection, places: Collection[tuple[UUID, int | None]], now: datetime) -> None:
    """Ends memberships of (subscriber, list); a list of None means every list."""
    if places:
        ids, list_ids = (list(column) for column in zip(*places, strict=True))
        await connection.execute(MEMBERSHIPS.bounce, ids, list_ids, now)


async def give_up(connection: Connection, subscriber_id: UUID, list_ids: Collection[int]) -> None:
    """Takes memberships away without a trace; the caller has given them to somebody else."""
    await connection.execute(MEMBERSHIPS.give_up, subscriber_id, list(list_ids))


async def leave(connection: Connection, subscriber_id: UUID, list_id: int | None, now: datetime) -> int:
    """Ends memberships; returns how many there were to end."""
    return len(await connection.fetch(MEMBERSHIPS.leave, subscriber_id, list_id, now))
