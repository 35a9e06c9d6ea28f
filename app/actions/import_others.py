"""The long way of an import: everybody of a batch who is not plainly new, in a handful of statements.

    1  who is meant     the ids of the addresses, through aliases
    2  who is there     these people, locked in the order of their ids; who was erased is kept out
    3  who is not       added as the rows say; who was added by somebody else meanwhile is then locked as well
    4  lines            of the ledger, for everybody whose permission changed
    5  who was there    gets what stands now
    6  places           on the list; who left it stays off; a YES of who was on none any more lapses

Whatever takes time without the database is done in a thread, since the drain shares this process.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.actions import answers
from app.actions import people as people_behind
from app.actions.import_people import NO_ATTRIBUTES, Outcome, Person, Sealer
from app.actions.unit import Unit
from app.actions.withdrawal import sever
from app.domain.errors import ErasedEarlier
from app.domain.imports import Flaw, FlawCode
from app.domain.modes import Axis
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, PermissionState, lapse
from app.domain.settings import Withdrawal
from app.domain.withdrawal import promised
from app.instance import DatabaseAway
from app.storage import erasure, imports, subscribers
from app.storage.imports import SQL, PersonRecord
from app.storage.subscribers import SubscriberRow

_ERASED = Flaw("", FlawCode.ERASED_EARLIER, ErasedEarlier().message)
_LEFT = "This person left the list, or was taken off it, and is not put back by an import."


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of people; `gone` counts the rows of those who were erased, `flaws` are by row number."""

    created: int = 0
    changed: int = 0
    lines: int = 0
    joined: int = 0
    gone: int = 0
    flaws: Sequence[tuple[int, Flaw]] = ()


async def write_others(unit: Unit, people: Mapping[UUID, Person], list_id: int | None) -> Landed:
    """Writes what is said of people. Raises `DatabaseAway` where others merged them meanwhile: then try again."""
    await unit.connection.execute(SQL.make_batch)
    owners, known = await _there(unit, people)
    sealer = Sealer(unit.account_id, await unit.keys(), unit.actor, unit.now)
    missing = {born: owners[born] for born in people if owners[born] not in known}
    erased = await erasure.erased(unit.connection, unit.account_id, missing.values())
    new = [people[born] for born, owner in missing.items() if owner not in erased]
    gone = [row.number for born, owner in missing.items() if owner in erased for row in people[born].rows]
    fresh, stands = Outcome(), Outcome()
    await asyncio.to_thread(sealer.apply, [(person, None) for person in new], fresh)
    added = await _add(unit, fresh, new)
    if len(added) < len(new):
        _, late = await _locked(unit, [person.id for person in new if person.id not in added])
        known |= late
    there = [(person, known[owners[born]]) for born, person in people.items() if owners[born] in known]
    await asyncio.to_thread(sealer.apply, there, stands)
    await _update(unit, stands, known)
    await _promise(unit, {born: fresh.people[born] for born in added}, stands, known)
    lines = [line for born in added for line in fresh.lines[born]]
    lines += [line for each in stands.lines.values() for line in each]
    await imports.append_lines(unit.connection, lines)
    lapsed = await _lapse(unit, list_id, stands, known)
    joined, left = await _join(unit, list_id, (added, set(stands.people)), people, owners)
    flaws = [flaw for born in added for flaw in fresh.flaws.get(born, ())]
    flaws += [flaw for each in stands.flaws.values() for flaw in each]
    return Landed(
        created=len(added),
        changed=sum(bool(each) for each in stands.lines.values()),
        lines=len(lines) + lapsed,
        joined=joined,
        gone=len(gone),
        flaws=[*flaws, *left, *((number, _ERASED) for number in gone)],
    )


async def _there(
    unit: Unit, batch: Mapping[UUID, Person]
) -> tuple[dict[UUID, UUID], dict[UUID, SubscriberRow]]:
    """Whom each address belongs to, and those who are there, locked; whoever is new at an address left by another.

    Such an address leads to an id of its own, and a NO may have stayed on it, so its people are made one by one.
    """
    owners, known = await _locked(unit, list(batch))
    moved = {born for born, owner in owners.items() if owner != born and owner not in known}
    gone = await erasure.erased(unit.connection, unit.account_id, {owners[born] for born in moved})
    left = [batch[born].address for born in moved if owners[born] not in gone]
    if left:
        try:
            await people_behind.found(unit, [people_behind.address_of(text) for text in left])
        except ErasedEarlier:
            # Somebody was erased while we waited to add them; the next try finds their tombstone.
            raise DatabaseAway from None
        owners, known = await _locked(unit, list(batch))
    if any(known[owner].address_id != born for born, owner in owners.items() if owner in known):
        # Somebody's address changed while we waited for the lock.
        raise DatabaseAway
    return owners, known


async def _promise(
    unit: Unit, fresh: Mapping[UUID, PersonRecord], stands: Outcome, known: Mapping[UUID, SubscriberRow]
) -> None:
    """Keeps with each NO that was said what the account promises now, and where that is SEVER, does it.

    A NO that is said again can only promise more, as `answers.write` has it.
    """
    in_force = (await unit.settings()).settings.withdrawal
    said = {born: _promises(None, person, in_force) for born, person in fresh.items()}
    again = {owner: _promises(known[owner], person, in_force) for owner, person in stands.people.items()}
    rows = [(each, *found) for each, found in {**said, **again}.items() if any(found)]
    if rows:
        await unit.connection.execute(SQL.promise, *(list(column) for column in zip(*rows, strict=True)))
    for owner, found in sorted(again.items()):
        await sever(
            unit, owner, [axis for axis, each in zip(Axis, found, strict=True) if each is Withdrawal.SEVER]
        )


def _promises(
    before: SubscriberRow | None, person: PersonRecord, in_force: Withdrawal
) -> tuple[Withdrawal | None, ...]:
    """What the NO of each axis promises; None where the batch said none."""
    return tuple(
        _promise_of(NEVER_ASKED if before is None else before.permissions.on(axis), state, in_force)
        for axis in Axis
        for state in (person.permissions.on(axis),)
    )


def _promise_of(before: PermissionState, state: PermissionState, in_force: Withdrawal) -> Withdrawal | None:
    said = state.value is Permission.NO and state.line_hash != before.line_hash
    return promised(before, in_force) if said else None


async def _locked(unit: Unit, born: list[UUID]) -> tuple[dict[UUID, UUID], dict[UUID, SubscriberRow]]:
    """Whom each address belongs to, and those of them who are there, locked."""
    owners = await subscribers.resolve(unit.connection, unit.account_id, born)
    rows = await subscribers.lock(unit.connection, unit.account_id, list(set(owners.values())))
    return owners, rows


async def _add(unit: Unit, fresh: Outcome, new: Sequence[Person]) -> set[UUID]:
    if not new:
        return set()
    records = [fresh.people[person.id] for person in new]
    added = await imports.write_people(unit.connection, unit.account_id, records, unit.now, known=False)
    owners = await subscribers.resolve(unit.connection, unit.account_id, [person.id for person in new])
    erased = await erasure.erased(unit.connection, unit.account_id, added)
    if erased or any(born != owner for born, owner in owners.items()):
        # Between the look and the writing somebody was erased or merged away: they must not come back by this.
        raise DatabaseAway
    return added


async def _update(unit: Unit, stands: Outcome, known: Mapping[UUID, SubscriberRow]) -> None:
    changed = [
        person
        for owner, person in stands.people.items()
        if person.ledger_length > known[owner].ledger_length or person.attributes != NO_ATTRIBUTES
    ]
    if changed:
        await imports.write_people(unit.connection, unit.account_id, changed, unit.now, known=True)


async def _lapse(
    unit: Unit, list_id: int | None, stands: Outcome, known: Mapping[UUID, SubscriberRow]
) -> int:
    """Who was on lists, is on none any more and comes back lets a YES lapse, as in `lists.join`; how many lines.

    A YES that the import itself brings was asked for again. Who left this very list stays off it, and keeps theirs.
    """
    ids = list(stands.people) if list_id is not None else []
    rows = await unit.connection.fetch(SQL.on_no_list, ids) if ids else []
    left = (
        {row["subscriber_id"] for row in await unit.connection.fetch(SQL.left_list, list_id, ids)}
        if rows
        else set()
    )
    back = sorted({row["subscriber_id"] for row in rows} - left)
    written = 0
    for row in (await subscribers.by_ids(unit.connection, unit.account_id, back)).values():
        before = known[row.id].permissions
        states = {
            axis: lapse(state, PermissionSource.RESUBSCRIBE, unit.now)
            for axis in Axis
            for state in (row.permissions.on(axis),)
            if state.value is Permission.YES and state.line_hash == before.on(axis).line_hash
        }
        await answers.write(unit, row, states, PermissionSource.RESUBSCRIBE)
        written += len(states)
    return written


async def _join(
    unit: Unit,
    list_id: int | None,
    ids: tuple[set[UUID], set[UUID]],
    people: Mapping[UUID, Person],
    owners: Mapping[UUID, UUID],
) -> tuple[int, list[tuple[int, Flaw]]]:
    """Puts those who were added, and those who were there, on the list; only the latter can have left it."""
    added, there = ids
    if list_id is None or not (added or there):
        return 0, []
    rows = await unit.connection.fetch(SQL.left_list, list_id, list(there)) if there else []
    left = {row["subscriber_id"] for row in rows}
    status = await unit.connection.execute(
        SQL.join_list, list((added | there) - left), list_id, unit.account_id, unit.now
    )
    flaw = Flaw("", FlawCode.LEFT_LIST, _LEFT)
    flaws = [
        (row.number, flaw)
        for born, person in (people.items() if left else ())
        if owners[born] in left
        for row in person.rows
    ]
    return int(status.rpartition(" ")[2]), flaws
