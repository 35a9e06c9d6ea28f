"""Mailing lists: making them, joining them, leaving them."""

from collections.abc import Sequence
from uuid import UUID

from app.actions import answers
from app.actions.unit import Unit
from app.domain.errors import NotFound
from app.domain.modes import MembershipStatus
from app.domain.permission import PermissionSource, lapse
from app.domain.texts import checked_name
from app.storage import lists
from app.storage.subscribers import SubscriberRow

ENDED = frozenset({MembershipStatus.UNSUBSCRIBED, MembershipStatus.BOUNCED})
"""Who was on a list and is not any more."""


async def create_list(unit: Unit, name: str) -> int:
    """Makes a list and returns its id."""
    list_id = unit.instance.new_id()
    await unit.connection.execute(lists.SQL.insert, list_id, unit.account_id, checked_name(name), unit.now)
    return list_id


async def check_lists(unit: Unit, list_ids: Sequence[int], *path: str | int) -> None:
    """Raises `NotFound` unless all of these lists are the account's."""
    rows = await unit.connection.fetch(lists.SQL.by_ids, unit.account_id, list(list_ids))
    if len(rows) != len(set(list_ids)):
        raise NotFound(path=path)


async def join(
    unit: Unit,
    row: SubscriberRow,
    list_ids: Sequence[int],
    status: MembershipStatus,
    *,
    asked_again: bool,
) -> SubscriberRow:
    """Puts a subscriber on lists. Who was on lists, is on none any more and comes back, to any, lets a YES lapse.

    A place that bounced is none. `asked_again` says that the question came with it. Source: domain.md §3.
    """
    memberships = await lists.memberships(unit.connection, unit.account_id, [row.id])
    there = {each.list_id: each.status for each in memberships.get(row.id, ())}
    was_here, is_here = not ENDED.isdisjoint(there.values()), MembershipStatus.SUBSCRIBED in there.values()
    if list_ids and was_here and not is_here and not asked_again:
        source = PermissionSource.RESUBSCRIBE
        states = answers.changed(row, lambda state, _axis: lapse(state, source, unit.now))
        row = await answers.write(unit, row, states, source)
    await lists.set_status(unit.connection, unit.account_id, row.id, list_ids, status, unit.now)
    return row


async def leave(unit: Unit, subscriber_id: UUID, list_id: int | None) -> int:
    """Takes a subscriber off one list, or off all where none is named; returns how many were left."""
    return await lists.leave(unit.connection, subscriber_id, list_id, unit.now)
