"""What imported rows make of people: decided by the rule for callers, sealed line by line, thousands at a time.

This is `answers` for many: the same decision (`change_by_others`), the same lines, the same seals; only what rows
have in common is decided and encoded once. Nothing here touches the database, so that it can run in a thread.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from struct import Struct
from typing import Any
from uuid import UUID

import msgspec

from app.domain.errors import EvidenceMissing, RefusalKept
from app.domain.imports import Flaw, FlawCode, ImportRow
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
_NOBODY = Permissions(NEVER_ASKED, NEVER_ASKED)
_SALTS = Struct(f"{SALT_BYTES}s")
_ENCODER = msgspec.json.Encoder()
_REFUSED = {EvidenceMissing: FlawCode.EVIDENCE_MISSING, RefusalKept: FlawCode.REFUSAL_KEPT}


@dataclass(slots=True)
class Person:
    """One address of a batch, and the rows that speak of it, in their order."""

    id: UUID
    address: str
    rows: list[ImportRow] = field(default_factory=list)


def people_of(rows: Iterable[ImportRow], keys: AccountKeys) -> dict[UUID, Person]:
    """The people whom rows speak of, by the id that their address is born with."""
    people: dict[UUID, Person] = {}
    for row in rows:
        if row.address is not None:
            born = keys.subscriber_id(row.address)
            person = people.get(born)
            if person is None:
                person = people[born] = Person(born, row.address.text)
            person.rows.append(row)
    return people


@dataclass(slots=True)
class Outcome:
    """What a batch makes of people: how they stand, their new lines, and what could not be done, by row number."""

    people: dict[UUID, PersonRecord] = field(default_factory=dict)
    lines: dict[UUID, list[bytes]] = field(default_factory=dict)
    flaws: dict[UUID, list[tuple[int, Flaw]]] = field(default_factory=dict)


Decided = tuple[tuple[tuple[Axis, PermissionState], ...], tuple[Flaw, ...]]
"""The new states of those axes that change, and why others do not."""


@dataclass(slots=True)
class Sealer:
    """Decides and seals the rows of one batch of one account, at one time."""

    account_id: int
    keys: AccountKeys
    actor: str
    now: datetime
    _forms: dict[tuple[Any, ...], tuple[LineForm, bytes]] = field(default_factory=dict)
    _decided: dict[tuple[Any, ...], Decided] = field(default_factory=dict)
    _salts: Iterator[tuple[bytes]] = field(default_factory=lambda: iter(()))
    _actor: bytes = field(init=False)

    def __post_init__(self) -> None:
        """The actor's name is hashed with a fresh salt in every line."""
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
            permissions, length, head = _NOBODY, 0, b""
        lines = outcome.lines.setdefault(owner, [])
        attributes: dict[str, str] = {} if before is None else msgspec.json.decode(before.attributes)
        for row in person.rows:
            if row.attributes:
                attributes = {**attributes, **row.attributes}
            states, flaws = self._decide(permissions, row)
            if flaws:
                outcome.flaws.setdefault(person.id, []).extend((row.number, flaw) for flaw in flaws)
            for axis, state in states:
                length += 1
                line, head = self._line(owner, length, axis, permissions.on(axis), state, row.note, head)
                lines.append(line)
                permissions = _with(permissions, axis, state, head)
        text = _ENCODER.encode(attributes) if attributes else NO_ATTRIBUTES
        outcome.people[owner] = PersonRecord(owner, person.address, text, permissions, length, head)

    def _decide(self, permissions: Permissions, row: ImportRow) -> Decided:
        if row.opens is PermissionChange.UNCHANGED and row.clicks is PermissionChange.UNCHANGED:
            return (), ()
        if permissions is not _NOBODY:
            return self._decide_anew(permissions, row)
        # Most people of an import are new, and what a row makes of them depends on nothing but these four.
        key = (row.opens, row.clicks, row.evidence.source, row.evidence.at)
        decided = self._decided.get(key)
        if decided is None:
            decided = self._decided[key] = self._decide_anew(permissions, row)
        return decided

    def _decide_anew(self, permissions: Permissions, row: ImportRow) -> Decided:
        states: list[tuple[Axis, PermissionState]] = []
        flaws: dict[FlawCode, Flaw] = {}
        for axis, asked in ((Axis.OPENS, row.opens), (Axis.CLICKS, row.clicks)):
            stands = permissions.on(axis)
            try:
                state = change_by_others(stands, asked, row.evidence, self.now, PermissionSource.IMPORT)
            except (EvidenceMissing, RefusalKept) as refused:
                code = _REFUSED[type(refused)]
                # Where both axes are refused for the same reason, the row says so once.
                column = "permission" if code in flaws else f"permission_{axis.value.lower()}"
                flaws[code] = Flaw(column, code, refused.message)
            else:
                if state is not stands:
                    states.append((axis, state))
        return tuple(states), tuple(flaws.values())

    def _line(
        self,
        owner: UUID,
        number: int,
        axis: Axis,
        before: PermissionState,
        state: PermissionState,
        note: str | None,
        head: bytes,
    ) -> tuple[bytes, bytes]:
        form, shared = self._form(axis, before, state)
        actor_salt = self._next_salt()
        actor_digest = sha256(actor_salt + self._actor).digest()
        kept = None if note is None else self._salted(note.encode())
        own = (owner.bytes, number)
        digest = None if kept is None else kept.digest
        seal = form.seal(self.keys.ledger, *own, actor_digest, digest, head or None)
        return line_row(shared, *own, actor_salt, actor_digest, kept, head, seal), seal

    def _salted(self, text: bytes) -> Salted:
        salt = self._next_salt()
        return Salted(text, salt, sha256(salt + text).digest())

    def _form(self, axis: Axis, before: PermissionState, state: PermissionState) -> tuple[LineForm, bytes]:
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
            found = (LineForm(line), shared_fields(self.account_id, line, self.actor))
            self._forms[key] = found
        return found

    def _next_salt(self) -> bytes:
        for (salt,) in self._salts:
            return salt
        # Fresh bytes for a thousand salts at once, since each request for them is a call of the system.
        self._salts = _SALTS.iter_unpack(secrets.token_bytes(SALT_BYTES * 1000))
        return self._next_salt()


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


def flaws_by_row(*groups: Iterable[tuple[int, Flaw]]) -> list[tuple[int, Sequence[Flaw]]]:
    """Flaws from several places, together by row and in the order of rows."""
    found: dict[int, list[Flaw]] = {}
    for group in groups:
        for number, flaw in group:
            found.setdefault(number, []).append(flaw)
    return sorted(found.items())
