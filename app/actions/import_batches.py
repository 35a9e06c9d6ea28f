"""Writes one batch of an import: thousands of rows in a handful of statements, in the transaction of the caller.

    1  who is meant     the ids of the addresses, through aliases
    2  who is there     these people, locked in the order of their ids
    3  who is not       added as the rows say; who was added by somebody else meanwhile is then locked as well
    4  lines            of the ledger, for everybody whose permission changed
    5  who was there    gets what stands now
    6  places           on the list; who left it stays off

Whatever takes time without the database is done in a thread, since the drain shares this process.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.actions.import_people import NO_ATTRIBUTES, Outcome, Person, Sealer, flaws_by_row, people_of
from app.actions.unit import Unit
from app.domain.imports import Flaw, FlawCode, ImportRow
from app.instance import DatabaseAway
from app.storage import imports, subscribers
from app.storage.imports import SQL
from app.storage.subscribers import SubscriberRow

_LEFT = "This person left the list, or was taken off it, and is not put back by an import."


@dataclass(slots=True)
class Written:
    """What became of a batch; `flaws` are those of its rows, in their order."""

    rows: int = 0
    landed: int = 0
    created: int = 0
    changed: int = 0
    lines: int = 0
    joined: int = 0
    flaws: list[tuple[int, Sequence[Flaw]]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """The counts as callers see them."""
        return {
            "rows": self.rows,
            "landed": self.landed,
            "rejected": self.rows - self.landed,
            "created": self.created,
            "changed": self.changed,
            "lines": self.lines,
            "joined": self.joined,
            "errors": sum(len(found) for _, found in self.flaws),
        }


@dataclass(slots=True)
class Batch:
    """Rows, the people of them, and what they make of these if nobody is there yet; None where that is not known."""

    rows: Sequence[ImportRow]
    people: dict[UUID, Person]
    fresh: Outcome | None


def prepared(rows: Sequence[ImportRow], sealer: Sealer, *, mostly_new: bool) -> Batch:
    """Does beforehand, in a thread, what needs no database. Most people of a first import are new."""
    people = people_of(rows, sealer.keys)
    if not mostly_new:
        return Batch(rows, people, None)
    fresh = Outcome()
    sealer.apply(((person, None) for person in people.values()), fresh)
    return Batch(rows, people, fresh)


async def write_batch(unit: Unit, batch: Batch, list_id: int | None) -> Written:
    """Writes the rows. Raises `DatabaseAway` where others merged the same people meanwhile: then try again."""
    rows, people = batch.rows, batch.people
    await unit.connection.execute(SQL.make_batch)
    owners, known = await _locked(unit, list(people))
    sealer = Sealer(unit.account_id, await unit.keys(), unit.actor, unit.now)
    new = [person for born, person in people.items() if owners[born] not in known]
    fresh = batch.fresh
    if fresh is None:
        fresh = Outcome()
        await asyncio.to_thread(sealer.apply, [(person, None) for person in new], fresh)
    added = await _add(unit, fresh, new)
    if len(added) < len(new):
        _, late = await _locked(unit, [person.id for person in new if person.id not in added])
        known |= late
    there = [(person, known[owners[born]]) for born, person in people.items() if owners[born] in known]
    stands = Outcome()
    await asyncio.to_thread(sealer.apply, there, stands)
    await _update(unit, stands, known)
    lines = [line for born in added for line in fresh.lines[born]]
    lines += [line for each in stands.lines.values() for line in each]
    await imports.append_lines(unit.connection, lines)
    joined, left = await _join(unit, list_id, {*added, *stands.people}, people, owners)
    flaws = flaws_by_row(
        ((row.number, flaw) for row in rows for flaw in row.flaws),
        (flaw for born in added for flaw in fresh.flaws.get(born, ())),
        (flaw for each in stands.flaws.values() for flaw in each),
        left,
    )
    return Written(
        rows=len(rows),
        landed=sum(row.address is not None for row in rows),
        created=len(added),
        changed=sum(bool(each) for each in stands.lines.values()),
        lines=len(lines),
        joined=joined,
        flaws=flaws,
    )


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
    if any(born != owner for born, owner in owners.items()):
        # Between the look and the writing somebody was merged away: nobody may be there twice.
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


async def _join(
    unit: Unit,
    list_id: int | None,
    ids: set[UUID],
    people: Mapping[UUID, Person],
    owners: Mapping[UUID, UUID],
) -> tuple[int, list[tuple[int, Flaw]]]:
    if list_id is None or not ids:
        return 0, []
    rows = await unit.connection.fetch(SQL.left_list, list_id, list(ids))
    left = {row["subscriber_id"] for row in rows}
    status = await unit.connection.execute(
        SQL.join_list, list(ids - left), list_id, unit.account_id, unit.now
    )
    flaw = Flaw("", FlawCode.LEFT_LIST, _LEFT)
    flaws = [
        (row.number, flaw)
        for born, person in (people.items() if left else ())
        if owners[born] in left
        for row in person.rows
    ]
    return int(status.rpartition(" ")[2]), flaws
