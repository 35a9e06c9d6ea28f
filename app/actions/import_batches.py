"""Writes one batch of an import: thousands of rows in a handful of statements, in the transaction of the caller.

Who is plainly new goes the short way (`import_fresh`), everybody else the long one (`import_others`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from uuid import UUID

from app.actions.import_fresh import Fresh, add_fresh, prepared_fresh
from app.actions.import_others import Landed, write_others
from app.actions.import_people import Person, Sealer
from app.actions.unit import Unit
from app.domain.import_rows import ImportRow
from app.domain.imports import Flaw
from app.domain.settings import Withdrawal


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
    """Rows, those of each person by the bytes of the id, and what the short way makes of people where it is tried."""

    rows: Sequence[ImportRow]
    people: dict[bytes, list[ImportRow]]
    fresh: Fresh


def prepared(rows: Sequence[ImportRow], sealer: Sealer, in_force: Withdrawal, *, mostly_new: bool) -> Batch:
    """Does beforehand, in a thread, what needs no database. Most people of a first import are new.

    `in_force` is what a NO of now promises.
    """
    name = sealer.keys.namer()
    people: dict[bytes, list[ImportRow]] = {}
    for row in rows:
        if row.address is not None:
            people.setdefault(name(row.address.text), []).append(row)
    return Batch(rows, people, prepared_fresh(people, sealer, in_force) if mostly_new else Fresh())


async def write_batch(unit: Unit, batch: Batch, list_id: int | None) -> Written:
    """Writes the rows. Raises `DatabaseAway` where others merged the same people meanwhile: then try again."""
    fresh = batch.fresh
    if fresh.people:
        await add_fresh(unit, fresh, list_id)
    rest = _people(batch, batch.people.keys() - fresh.people)
    others = await write_others(unit, rest, list_id) if rest else Landed()
    return Written(
        rows=len(batch.rows),
        landed=sum(row.address is not None for row in batch.rows) - others.gone,
        created=len(fresh.people) + others.created,
        changed=others.changed,
        lines=sum(map(len, fresh.lines.values())) + others.lines,
        joined=(0 if list_id is None else len(fresh.people)) + others.joined,
        flaws=_by_row(
            ((row.number, flaw) for row in batch.rows if row.flaws for flaw in row.flaws),
            chain.from_iterable(fresh.flaws.values()),
            others.flaws,
        ),
    )


def _people(batch: Batch, rest: Collection[bytes]) -> dict[UUID, Person]:
    people = {}
    for born, rows in batch.people.items() if rest else ():
        if born in rest and rows[0].address is not None:
            person = Person(UUID(bytes=born), rows[0].address.text, rows)
            people[person.id] = person
    return people


def _by_row(*groups: Iterable[tuple[int, Flaw]]) -> list[tuple[int, Sequence[Flaw]]]:
    found: dict[int, list[Flaw]] = {}
    for number, flaw in chain(*groups):
        found.setdefault(number, []).append(flaw)
    return sorted(found.items())
