"""What imported rows make of people: decided by the rule for callers, sealed line by line, thousands at a time.

This is `answers` for many: the same decision (`change_by_others`), the same lines, the same seals; only what rows
have in common is decided and encoded once. Nothing here touches the database, so that it can run in a thread.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

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
from app.storage.imports import LineRecord, PersonRecord
from app.storage.subscribers import SubscriberRow

_NOBODY = Permissions(NEVER_ASKED, NEVER_ASKED)
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
    lines: dict[UUID, list[LineRecord]] = field(default_factory=dict)
    flaws: dict[UUID, list[tuple[int, Flaw]]] = field(default_factory=dict)


_Key = tuple[PermissionState, PermissionState, ImportRow]
Decided = tuple[tuple[tuple[Axis, PermissionState], ...], tuple[Flaw, ...]]
"""The new states of those axes that change, and why others do not."""


@dataclass(slots=True)
class Sealer:
    """Decides and seals the rows of one batch of one account, at one time."""

    account_id: int
    keys: AccountKeys
    actor: str
    now: datetime
    _forms: dict[tuple[Any, ...], tuple[LineForm, tuple[Any, ...]]] = field(default_factory=dict)
    _decided: dict[tuple[Any, ...], Decided] = field(default_factory=dict)
    _salts: bytes = b""
    _salt: int = 0

    def apply(self, people: Iterable[tuple[Person, SubscriberRow | None]]) -> Outcome:
        """Applies each person's rows to what stands; None is somebody who is not there yet."""
        outcome = Outcome()
        for person, stands in people:
            self._person(person, stands, outcome)
        return outcome

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
        attributes: dict[str, str] = {} if before is None else json.loads(before.attributes)
        for row in person.rows:
            attributes.update(row.attributes)
            states, flaws = self._decide(permissions, row)
            if flaws:
                outcome.flaws.setdefault(person.id, []).extend((row.number, flaw) for flaw in flaws)
            for axis, state in states:
                line, seal = self._line(owner, length + 1, axis, permissions.on(axis), state, row.note, head)
                lines.append(line)
                length, head = length + 1, seal
                permissions = _with(permissions, axis, replace(state, line_hash=seal, server_time=self.now))
        outcome.people[owner] = PersonRecord(
            owner, person.address, json.dumps(attributes) if attributes else "{}", permissions, length, head
        )

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
    ) -> tuple[LineRecord, bytes]:
        form, shared = self._form(axis, before, state)
        actor_salt = self._next_salt()
        actor_digest = sha256(actor_salt + self.actor.encode()).digest()
        note_salt = note_digest = None
        if note is not None:
            note_salt = self._next_salt()
            note_digest = sha256(note_salt + note.encode()).digest()
        previous = head or None
        seal = form.seal(self.keys.ledger, owner.bytes, number, actor_digest, note_digest, previous)
        texts = (self.actor, actor_salt, actor_digest, note, note_salt, note_digest)
        version = form.shared.version
        return (
            owner,
            number,
            self.account_id,
            *shared,
            *texts,
            state.by_person,
            previous,
            seal,
            version,
        ), seal

    def _form(
        self, axis: Axis, before: PermissionState, state: PermissionState
    ) -> tuple[LineForm, tuple[Any, ...]]:
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
            words = (axis.value, before.value.value, state.value.value, state.reason)
            found = self._forms[key] = (
                LineForm(line),
                (*words, state.person_time, self.now, source.value),
            )
        return found

    def _next_salt(self) -> bytes:
        if self._salt >= len(self._salts):
            # Fresh bytes for a thousand salts at once, since each request for them is a call of the system.
            self._salts, self._salt = secrets.token_bytes(SALT_BYTES * 1000), 0
        start, self._salt = self._salt, self._salt + SALT_BYTES
        return self._salts[start : self._salt]


def _with(permissions: Permissions, axis: Axis, state: PermissionState) -> Permissions:
    if axis is Axis.OPENS:
        return Permissions(state, permissions.clicks)
    return Permissions(permissions.opens, state)


def flaws_by_row(*groups: Iterable[tuple[int, Flaw]]) -> list[tuple[int, Sequence[Flaw]]]:
    """Flaws from several places, together by row and in the order of rows."""
    found: dict[int, list[Flaw]] = {}
    for group in groups:
        for number, flaw in group:
            found.setdefault(number, []).append(flaw)
    return sorted(found.items())
