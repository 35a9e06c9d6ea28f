"""What imported rows make of people: decided by the rule for callers, sealed line by line, thousands at a time.

This is `answers` for many: the same decision (`change_by_others`), the same lines, the same seals; only what lines
have in common is encoded once. Nothing here touches the database, so that it can run in a thread.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from app.domain.errors import EvidenceMissing, RefusalKept
from app.domain.import_rows import ImportRow, Said
from app.domain.imports import Flaw, FlawCode
from app.domain.keyed import Keyed, keyed
from app.domain.ledger import SALT_BYTES, LedgerLine
from app.domain.ledger_forms import LineForm
from app.domain.modes import Axis
from app.domain.permission import (
    NEVER_ASKED,
    PermissionChange,
    PermissionSource,
    PermissionState,
    change_by_others,
)
from app.domain.precedence import Permissions
from app.instance import AccountKeys
from app.storage.imports import PersonRecord, Salted, line_row, shared_fields
from app.storage.subscribers import SubscriberRow

NO_ATTRIBUTES = b"{}"
NOBODY = Permissions(NEVER_ASKED, NEVER_ASKED)
_SALTS_AT_ONCE = 1000
_ENCODER = msgspec.json.Encoder()
_REFUSED = {EvidenceMissing: FlawCode.EVIDENCE_MISSING, RefusalKept: FlawCode.REFUSAL_KEPT}


@dataclass(slots=True)
class Person:
    """One address of a batch, and the rows that speak of it, in their order."""

    id: UUID
    address: str
    rows: list[ImportRow] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What a batch makes of people: how they stand, their new lines, and what could not be done, by row number."""

    people: dict[UUID, PersonRecord] = field(default_factory=dict)
    lines: dict[UUID, list[bytes]] = field(default_factory=dict)
    flaws: dict[UUID, list[tuple[int, Flaw]]] = field(default_factory=dict)


Decided = tuple[tuple[tuple[Axis, PermissionState], ...], tuple[Flaw, ...]]
"""The new states of those axes that change, and why others do not."""

Form = tuple[LineForm, bytes]
"""What lines have in common: for their seals, and as the fields that are copied."""


def _salts() -> Iterator[bytes]:
    # A thousand at once, since each request for random bytes is a call of the system.
    while True:
        fresh = secrets.token_bytes(SALT_BYTES * _SALTS_AT_ONCE)
        for start in range(0, len(fresh), SALT_BYTES):
            yield fresh[start : start + SALT_BYTES]


@dataclass(slots=True)
class Sealer:
    """Decides and seals the rows of one batch of one account, at one time."""

    account_id: int
    keys: AccountKeys
    actor: str
    now: datetime
    salts: Iterator[bytes] = field(default_factory=_salts)
    _forms: dict[tuple[Any, ...], Form] = field(default_factory=dict)
    _ledger: Keyed = field(init=False)
    _actor: bytes = field(init=False)

    def __post_init__(self) -> None:
        """The actor's name is hashed with a fresh salt in every line."""
        self._ledger = keyed(self.keys.ledger)
        self._actor = self.actor.encode()

    def apply(self, people: Iterable[tuple[Person, SubscriberRow | None]], outcome: Outcome) -> None:
        """Applies each person's rows to what stands, into `outcome`; None is somebody who is not there yet.

        What a thread returns stays in a cycle of futures until the next collection; so it returns nothing.
        """
        for person, stands in people:
            self._person(person, stands, outcome)

    def _person(self, person: Person, stands: SubscriberRow | None, outcome: Outcome) -> None:
        owner = person.id if stands is None else stands.id
        before = outcome.people.get(owner)
        if before is not None:
            permissions, length, head = before.permissions, before.ledger_length, before.ledger_head
        elif stands is not None:
            permissions, length, head = stands.permissions, stands.ledger_length, stands.ledger_head
        else:
            permissions, length, head = NOBODY, 0, b""
        lines = outcome.lines.setdefault(owner, [])
        attributes: dict[str, str] = {} if before is None else msgspec.json.decode(before.attributes)
        for row in person.rows:
            if row.attributes:
                attributes = {**attributes, **row.attributes}
            states, flaws = self.decide(permissions, row.said)
            if flaws:
                outcome.flaws.setdefault(person.id, []).extend((row.number, flaw) for flaw in flaws)
            note = encoded(row.said.note)
            for axis, state in states:
                length += 1
                form = self.form(axis, permissions.on(axis), state)
                line, head = self.line(form, owner.bytes, length, note, head)
                lines.append(line)
                permissions = _with(permissions, axis, state, head)
        text = json_of(attributes)
        outcome.people[owner] = PersonRecord(owner, person.address, text, permissions, length, head)

    def decide(self, permissions: Permissions, said: Said) -> Decided:
        """What somebody who stands so becomes by what a row says."""
        if said.opens is PermissionChange.UNCHANGED and said.clicks is PermissionChange.UNCHANGED:
            return (), ()
        states: list[tuple[Axis, PermissionState]] = []
        flaws: dict[FlawCode, Flaw] = {}
        for axis, asked in ((Axis.OPENS, said.opens), (Axis.CLICKS, said.clicks)):
            stands = permissions.on(axis)
            try:
                state = change_by_others(stands, asked, said.evidence, self.now, PermissionSource.IMPORT)
            except (EvidenceMissing, RefusalKept) as refused:
                code = _REFUSED[type(refused)]
                # Where both axes are refused for the same reason, the row says so once.
                column = "permission" if code in flaws else f"permission_{axis.value.lower()}"
                flaws[code] = Flaw(column, code, refused.message)
            else:
                if state is not stands:
                    states.append((axis, state))
        return tuple(states), tuple(flaws.values())

    def form(self, axis: Axis, before: PermissionState, state: PermissionState) -> Form:
        """What all lines have in common that change one state into another."""
        source = state.source or PermissionSource.IMPORT
        key = (axis, before.value, state.value, state.reason, state.person_time, source, state.by_person)
        found = self._forms.get(key)
        if found is None:
            line = LedgerLine(
                subscriber=bytes(16),
                number=1,
                axis=axis,
                from_value=before.value,
                to_value=state.value,
                reason=state.reason,
                person_time=state.person_time,
                server_time=self.now,
                source=source,
                by_person=state.by_person,
            )
            found = self._forms[key] = (LineForm(line), shared_fields(self.account_id, line, self.actor))
        return found

    def line(
        self, form: Form, owner: bytes, number: int, note: bytes | None, head: bytes
    ) -> tuple[bytes, bytes]:
        """One line as it is copied, and its seal; `head` is the seal of the line before, empty for the first."""
        salt = next(self.salts)
        digest = sha256(salt + self._actor).digest()
        kept = None if note is None else self._salted(note)
        bare, shared = form
        seal = bare.seal(
            self._ledger, owner, number, digest, None if kept is None else kept.digest, head or None
        )
        return line_row(shared, owner, number, salt, digest, kept, head, seal), seal

    def _salted(self, text: bytes) -> Salted:
        salt = next(self.salts)
        return Salted(text, salt, sha256(salt + text).digest())


def encoded(note: str | None) -> bytes | None:
    """A note as it is sealed and kept."""
    return None if note is None else note.encode()


def json_of(attributes: Mapping[str, str]) -> bytes:
    """Attributes as they are kept."""
    return _ENCODER.encode(attributes) if attributes else NO_ATTRIBUTES


def _with(permissions: Permissions, axis: Axis, state: PermissionState, seal: bytes) -> Permissions:
    sealed = PermissionState(
        state.value,
        state.reason,
        state.person_time,
        state.server_time,
        state.source,
        state.by_person,
        seal,
    )
    return (
        Permissions(sealed, permissions.clicks)
        if axis is Axis.OPENS
        else Permissions(permissions.opens, sealed)
    )
