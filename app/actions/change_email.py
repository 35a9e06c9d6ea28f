r"""Gives a subscriber another address, for all lists or for some.

    the new address     for all lists (`list_ids` None)               for some lists
    nobody has it       the subscriber keeps id, ledger and tokens,   somebody is made there, who gets those
                        and is at the new address from now on         memberships and, by the table, the answer
    somebody has it     the two merge (`merge`)                       those memberships move there, and the table
                                                                      decides there; who moves stays as they are
    the same address    nothing                                       nothing
    an erased person's  ERASED_EARLIER: only the person comes back    the same

The address that is left belongs to nobody then: whoever turns up there is somebody new, since mailboxes change
hands. A NO stays on it and meets them (`people.inherited`), except the same person coming back. Saying it again
changes nothing. Of crossing changes one comes first, and the other finds the world as that one left it.
Source: domain.md §3 (address change).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.actions import lists, merge, people
from app.actions.unit import Unit
from app.domain.addresses import Address
from app.domain.errors import Conflict, ErasedEarlier, InvalidValue, NotFound
from app.storage import erasure, identities, subscribers
from app.storage import lists as stored_lists
from app.storage.subscribers import SubscriberRow


@dataclass(frozen=True, slots=True)
class _Pair:
    """Who changes, and who has the new address, both locked. `made` says that nobody had it until just now."""

    mine: SubscriberRow
    other: SubscriberRow
    made: bool


class _TooLate(Exception):
    """Somebody else merged or moved one of the two while we waited."""


async def change_subscriber_email(
    unit: Unit, subscriber_id: UUID, email: str, list_ids: Sequence[int] | None = None
) -> UUID:
    """Changes the address; returns the id of the subscriber who has the new one.

    Where only some lists were named and none of them was there to move, nothing changes, and nobody is made.
    Raises `NotFound`, `InvalidEmail`, `InvalidValue`, `ErasedEarlier` and `Conflict`.
    """
    address = people.address_of(email, "email")
    if list_ids is not None:
        await _check_lists(unit, list_ids)
    for _ in range(people.TRIES):
        try:
            # A savepoint: a try that came too late gives its locks back before the next one takes them in order.
            async with unit.connection.transaction():
                return await _change(unit, await _pair(unit, subscriber_id, address), address, list_ids)
        except _TooLate:
            continue
    raise Conflict


async def _check_lists(unit: Unit, list_ids: Sequence[int]) -> None:
    if not list_ids:
        message = "Name at least one list, or leave lists out to change the address for all of them."
        raise InvalidValue(message, path=("lists",))
    await lists.check_lists(unit, list_ids, "lists")


async def _pair(unit: Unit, subscriber_id: UUID, address: Address) -> _Pair:
    connection = unit.connection
    address_id = (await unit.keys()).subscriber_id(address)
    mine_id = (await identities.current(connection, [subscriber_id]))[subscriber_id]
    owners, made = await people.make_missing(unit, {address_id: address.text})
    if owners is None:
        raise _TooLate
    rows = await subscribers.lock(connection, unit.account_id, list({mine_id, *owners.values()}))
    mine, other = rows.get(mine_id), rows.get(owners[address_id])
    if mine is None:
        if (await identities.current(connection, [subscriber_id]))[subscriber_id] == mine_id:
            raise NotFound(path=("subscriberId",))
        raise _TooLate
    if other is None and await erasure.erased(connection, unit.account_id, [owners[address_id]]):
        raise ErasedEarlier(path=("email",))
    if other is None or other.address_id != address_id:
        raise _TooLate
    return _Pair(mine, other, other.id in made)


async def _change(unit: Unit, pair: _Pair, address: Address, list_ids: Sequence[int] | None) -> UUID:
    if pair.mine.id == pair.other.id:
        return pair.mine.id
    if list_ids is not None:
        return await _change_some(unit, pair, list_ids)
    if not pair.made:
        return await merge.merge(unit, pair.mine, pair.other)
    return await _take(unit, pair, address)


async def _change_some(unit: Unit, pair: _Pair, list_ids: Sequence[int]) -> UUID:
    places = await stored_lists.memberships(unit.connection, unit.account_id, [pair.mine.id])
    moving = {place.list_id for place in places.get(pair.mine.id, ())} & set(list_ids)
    if not moving and pair.made:
        await unit.connection.execute(identities.SQL.remove, [pair.other.id])
        return pair.mine.id
    if moving:
        other = pair.other
        if pair.made:
            other = (await people.inherited(unit, {other.address_id: other}))[other.address_id]
        await merge.take_answers(unit, pair.mine, other)
        await merge.move_places(unit, pair.mine.id, other.id, moving)
    return pair.other.id


async def _take(unit: Unit, pair: _Pair, address: Address) -> UUID:
    """Nobody has the address: it becomes this subscriber's, whose place there was held by a row made just now."""
    connection, mine, address_id = unit.connection, pair.mine, pair.other.address_id
    await connection.execute(identities.SQL.remove, [pair.other.id])
    mine = await _meet_refusals(unit, mine, address_id)
    await people.leave_address(unit, mine)
    await connection.execute(identities.SQL.set_alias, address_id, unit.account_id, mine.id)
    await connection.execute(identities.SQL.take_address, mine.id, address_id, address.text, unit.now)
    return mine.id


async def _meet_refusals(unit: Unit, mine: SubscriberRow, address_id: UUID) -> SubscriberRow:
    """A NO that somebody else left on the address counts by the table; one's own from earlier is outlived."""
    kept = (await identities.refusals(unit.connection, unit.account_id, [address_id])).get(address_id, {})
    if not kept:
        return mine
    who = await identities.current(unit.connection, {refusal.left_by for refusal in kept.values()})
    for axis, refusal in kept.items():
        if who[refusal.left_by] != mine.id:
            mine = await merge.take_state(unit, mine, axis, refusal.state, refusal.state.line_hash)
    await unit.connection.execute(identities.SQL.drop_refusals, [address_id])
    return mine
