"""Makes one subscriber of two: the one whose address changes goes into the one who has the new address.

    what             becomes
    permission       the table of `domain/clashes`, with a MERGE line for each axis that changes by it
    the old chain    closes with a MERGE line for each axis, which names the other chain's head
    the old id       a former id: tokens of mails already sent, and ids that callers kept, find the person
    memberships      move; where both have one, `clashes.merge_places`
    deliveries       move, and their events; who was in one anonymous audience twice is counted once from then on
    recent clicks    go: they name the old id
    attributes       those of the existing subscriber, and from the other what they lack
    the old address  is left (`people.leave_address`): a NO stays on it

The caller has both locked. Source: domain.md §3 (address change), §7 (audience).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from app.actions import answers, people
from app.actions.answers import Merged
from app.actions.record_deliveries import shrink_links
from app.actions.unit import Unit
from app.domain import clashes
from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import PermissionSource, PermissionState
from app.storage import deliveries, exports, identities, ledger, recent_clicks
from app.storage import lists as stored_lists
from app.storage.deliveries import DeliveryRow, RollupKey
from app.storage.subscribers import SubscriberRow


async def merge(unit: Unit, mine: SubscriberRow, other: SubscriberRow) -> UUID:
    """Merges `mine` into `other`; returns the id that both have from then on."""
    connection = unit.connection
    await people.leave_address(unit, mine)
    other = await take_answers(unit, mine, other)
    closed = await _close(unit, mine, other)
    await connection.execute(identities.SQL.hand_on, mine.id, other.id)
    await connection.execute(
        identities.SQL.add_former,
        mine.id,
        unit.account_id,
        other.id,
        unit.now,
        closed.ledger_length,
        closed.ledger_head,
    )
    await connection.execute(exports.SQL.hand_on, mine.id, other.id)
    places = await stored_lists.memberships(connection, unit.account_id, [mine.id])
    await move_places(unit, mine.id, other.id, {place.list_id for place in places.get(mine.id, ())})
    await recent_clicks.forget_person(connection, mine.id)
    await _move_deliveries(unit, mine.id, other.id)
    await connection.execute(identities.SQL.take_profile, other.id, mine.attributes, mine.locale, unit.now)
    await connection.execute(identities.SQL.remove, [mine.id])
    return other.id


async def take_answers(unit: Unit, mine: SubscriberRow, other: SubscriberRow) -> SubscriberRow:
    """What stands at `other` once the answers of `mine` count there, by the table; `mine` stays as it is."""
    for axis in Axis:
        state, wording_id = mine.permissions.on(axis), await _wording(unit, mine, axis)
        other = await take_state(unit, other, axis, state, mine.ledger_head, wording_id=wording_id)
    return other


async def take_state(
    unit: Unit,
    row: SubscriberRow,
    axis: Axis,
    state: PermissionState,
    head: bytes,
    *,
    wording_id: int | None = None,
) -> SubscriberRow:
    """Merges one state from the chain with this head into what stands; writes a line where that changes it."""
    stands = row.permissions.on(axis)
    becomes = clashes.merge(state, stands)
    if clashes.same_answer(becomes, stands):
        return row
    # The wording goes with the evidence: a yes covers the purposes of its wording only.
    named = wording_id if becomes.line_hash == state.line_hash else await _wording(unit, row, axis)
    return await answers.write(
        unit, row, {axis: becomes}, PermissionSource.MERGE, wording_id=named, merged=Merged(head)
    )


async def _wording(unit: Unit, row: SubscriberRow, axis: Axis) -> int | None:
    found: int | None = await unit.connection.fetchval(ledger.SQL.last_wording, row.id, axis.value)
    return found


async def _close(unit: Unit, mine: SubscriberRow, other: SubscriberRow) -> SubscriberRow:
    states = {axis: other.permissions.on(axis) for axis in Axis}
    return await answers.write(unit, mine, states, PermissionSource.MERGE, merged=Merged(other.ledger_head))


async def move_places(unit: Unit, mine: UUID, other: UUID, list_ids: Collection[int]) -> None:
    """Moves memberships of these lists from one subscriber to the other."""
    found = await stored_lists.memberships(unit.connection, unit.account_id, [mine, other])
    there = {place.list_id: place.status for place in found.get(other, ())}
    by_status: dict[MembershipStatus, list[int]] = defaultdict(list)
    for place in found.get(mine, ()):
        if place.list_id in list_ids:
            becomes = clashes.merge_places(place.status, there.get(place.list_id, place.status))
            if there.get(place.list_id) is not becomes:
                by_status[becomes].append(place.list_id)
    for status, chosen in by_status.items():
        await stored_lists.set_status(unit.connection, unit.account_id, other, chosen, status, unit.now)
    await stored_lists.give_up(unit.connection, mine, list_ids)


async def _move_deliveries(unit: Unit, mine: UUID, other: UUID) -> None:
    rows = await identities.lock_deliveries(unit.connection, mine)
    if not rows:
        return
    counted = [row for row in rows if row.bounced_at is None and _axes(row)]
    there = await identities.audiences_of(unit.connection, other, {row.mailing_id for row in counted})
    twice = {
        axis: [
            row for row in counted if axis in _axes(row) & there.get((row.mailing_id, row.send_day), set())
        ]
        for axis in Axis
    }
    ids = {axis: [row.key.id for row in found] for axis, found in twice.items()}
    await identities.move_deliveries(unit.connection, mine, other, ids)
    await deliveries.add_rollup(unit.connection, _fewer(twice))
    await shrink_links(unit, twice[Axis.CLICKS])


def _axes(row: DeliveryRow) -> frozenset[Axis]:
    counted = {Axis.OPENS: row.in_audience_opens, Axis.CLICKS: row.in_audience_clicks}
    return frozenset(axis for axis, is_in in counted.items() if is_in)


def _fewer(twice: Mapping[Axis, Sequence[DeliveryRow]]) -> dict[RollupKey, Counter[str]]:
    deltas: dict[RollupKey, Counter[str]] = defaultdict(Counter)
    for axis, name in ((Axis.OPENS, "audience_opens"), (Axis.CLICKS, "audience_clicks")):
        for row in twice[axis]:
            deltas[row.rollup_key][name] -= 1
    return deltas
