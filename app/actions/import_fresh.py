"""The short way of an import: people who are new, and of whom a single row speaks.

Most people of a first import are. Nothing stands of them, so all of whom the same is said come to stand alike, and
their lines differ in nothing but ids, salts and seals. So what is said is decided once, by the rule (`import_people`),
and each person is two strings of bytes: a row of the subscribers, and the lines of the ledger.

    1  prepare   in a thread, before anybody looks who is new
    2  look      who is known goes the long way (`import_batches`), as does everybody of whom several rows speak
    3  copy      people, then their lines and their places, straight into the tables
    4  look      who was erased or merged away while we waited for them must not come back by this

Both ways write the same: `tests/imports/test_fresh.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from app.actions.import_people import NOBODY, Form, Sealer, encoded, json_of
from app.actions.unit import Unit
from app.domain.import_rows import ImportRow, Said
from app.domain.imports import Flaw
from app.domain.modes import Axis
from app.domain.permission import Permission
from app.domain.precedence import Permissions
from app.domain.settings import Withdrawal
from app.domain.withdrawal import promised
from app.instance import DatabaseAway
from app.storage import imports

_TRIES = 3


@dataclass(slots=True)
class Fresh:
    """People by the bytes of their ids, as they are copied if they are new: their rows, their lines, their flaws.

    All three are in the order of the ids, since two imports that add the same people wait for each other.
    """

    people: dict[bytes, bytes] = field(default_factory=dict)
    lines: dict[bytes, list[bytes]] = field(default_factory=dict)
    flaws: dict[bytes, list[tuple[int, Flaw]]] = field(default_factory=dict)

    def leave_out(self, known: Iterable[bytes]) -> None:
        """Forgets people who are not new."""
        for person in known:
            for of_all in (self.people, self.lines, self.flaws):
                of_all.pop(person, None)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What people have in common of whom the same is said; `forms` are of the lines, by the place of their axis."""

    person: bytes
    forms: Sequence[tuple[int, Form]]
    note: bytes | None
    flaws: Sequence[Flaw]


def prepared_fresh(
    rows_of: Mapping[bytes, Sequence[ImportRow]], sealer: Sealer, in_force: Withdrawal
) -> Fresh:
    """Decides and seals what becomes of these people if they are new; `in_force` is what a NO promises now."""
    fresh = Fresh()
    known: dict[Said, _Shared] = {}
    for person in sorted(rows_of):
        row, *others = rows_of[person]
        if not others:
            shared = known.get(row.said)
            if shared is None:
                shared = known[row.said] = _shared(row.said, sealer, in_force)
            _prepare(fresh, person, row, shared, sealer)
    return fresh


def _shared(said: Said, sealer: Sealer, in_force: Withdrawal) -> _Shared:
    states, flaws = sealer.decide(NOBODY, said)
    axes = tuple(Axis)
    forms = [(axes.index(axis), sealer.form(axis, NOBODY.on(axis), state)) for axis, state in states]
    stands = {
        axis: replace(state, withdrawal=promised(NOBODY.on(axis), in_force))
        if state.value is Permission.NO
        else state
        for axis, state in states
    }
    permissions = Permissions(*(stands.get(axis, NOBODY.on(axis)) for axis in Axis))
    person = imports.shared_fields_of_new(sealer.account_id, permissions, len(forms), sealer.now)
    return _Shared(person, forms, encoded(said.note), flaws)


def _prepare(fresh: Fresh, person: bytes, row: ImportRow, shared: _Shared, sealer: Sealer) -> None:
    seals, head, lines = [b"", b""], b"", []
    for number, (axis, form) in enumerate(shared.forms, 1):
        line, head = sealer.line(form, person, number, shared.note, head)
        seals[axis] = head
        lines.append(line)
    fresh.lines[person] = lines
    address = b"" if row.address is None else row.address.text.encode()
    opens, clicks = seals
    attributes = json_of(row.attributes)
    fresh.people[person] = imports.new_row(shared.person, person, address, attributes, opens, clicks, head)
    if shared.flaws:
        fresh.flaws[person] = [(row.number, flaw) for flaw in shared.flaws]


async def add_fresh(unit: Unit, fresh: Fresh, list_id: int | None) -> None:
    """Adds those who are new; who is not is left out of `fresh`.

    Raises `DatabaseAway` where somebody is erased or merged away at the same time: then try again.
    """
    connection, account_id = unit.connection, unit.account_id
    for _ in range(_TRIES):
        fresh.leave_out(await imports.known_of(connection, account_id, fresh.people))
        if await imports.add_new(connection, list(fresh.people.values())):
            break
    else:
        raise DatabaseAway
    if await imports.gone_of(connection, account_id, fresh.people):
        raise DatabaseAway
    await imports.append_lines(connection, list(chain.from_iterable(fresh.lines.values())))
    if list_id is not None:
        await imports.add_places(connection, account_id, list_id, fresh.people, unit.now)
