"""Writes what somebody answered: ledger lines first, then what stands. The one place where a permission changes.

The caller has locked the subscriber, so numbers have no gap and heads follow one another.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.actions.unit import Unit
from app.actions.withdrawal import sever
from app.domain.errors import InvalidSource, RequestError
from app.domain.ledger import SALT_BYTES, LedgerLine, SaltedText, SealedLine, salted, seal_line
from app.domain.modes import Axis
from app.domain.permission import (
    NO_EVIDENCE,
    Evidence,
    Permission,
    PermissionChange,
    PermissionSource,
    PermissionState,
    change_by_others,
    check_source,
)
from app.domain.precedence import Permissions
from app.domain.settings import Withdrawal
from app.domain.withdrawal import promised
from app.storage import ledger
from app.storage.subscribers import SubscriberRow


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks for, per axis; `permission` sets both and a single axis wins over it."""

    permission: PermissionChange = PermissionChange.UNCHANGED
    opens: PermissionChange | None = None
    clicks: PermissionChange | None = None
    evidence: Evidence = NO_EVIDENCE
    wording_id: int | None = None
    note: str | None = None

    def on(self, axis: Axis) -> PermissionChange:
        """What is asked for one axis."""
        own = self._own(axis)
        return self.permission if own is None else own

    def named_on(self, axis: Axis) -> str:
        """The input that says so."""
        return "permission" if self._own(axis) is None else axis.value.lower()

    def _own(self, axis: Axis) -> PermissionChange | None:
        return self.opens if axis is Axis.OPENS else self.clicks


NOTHING_ASKED = Asked()


@dataclass(frozen=True, slots=True)
class Merged:
    """That a state came from another chain; `head` is the seal of that chain's last line, empty if it has none."""

    head: bytes


async def apply(
    unit: Unit, row: SubscriberRow, asked: Asked, door: PermissionSource
) -> tuple[SubscriberRow, list[RequestError]]:
    """Applies what a caller asked, each axis for itself, and reports what was not possible beside it.

    A NO always counts: where its source is not a caller's to name, it is written as the door's own. What was not possible
    names the input that asked for it.
    """
    errors = list(_foreign_source(asked.evidence))
    evidence = replace(asked.evidence, source=None) if errors else asked.evidence
    states: dict[Axis, PermissionState] = {}
    for axis in Axis:
        stands = row.permissions.on(axis)
        try:
            state = change_by_others(stands, asked.on(axis), evidence, unit.now, door)
        except RequestError as error:
            if not any(type(error) is type(known) for known in errors):
                errors.append(error if error.path else error.under(asked.named_on(axis)))
        else:
            if state is not stands:
                states[axis] = state
    if errors and isinstance(errors[0], InvalidSource):
        # Without a source of its own a YES has no evidence; the foreign source is the reason to tell.
        errors = errors[:1]
    row = await write(unit, row, states, door, wording_id=asked.wording_id, note=asked.note)
    return row, errors


def _foreign_source(evidence: Evidence) -> Iterator[RequestError]:
    try:
        check_source(evidence.source)
    except InvalidSource as error:
        yield error


def changed(
    row: SubscriberRow, change: Callable[[PermissionState, Axis], PermissionState]
) -> dict[Axis, PermissionState]:
    """The new states of those axes that `change` changes."""
    states = {axis: change(row.permissions.on(axis), axis) for axis in Axis}
    return {axis: state for axis, state in states.items() if state is not row.permissions.on(axis)}


async def write(
    unit: Unit,
    row: SubscriberRow,
    states: Mapping[Axis, PermissionState],
    door: PermissionSource,
    *,
    wording_id: int | None = None,
    note: str | None = None,
    merged: "Merged | None" = None,
) -> SubscriberRow:
    """Appends a line for each new state and stores it; returns the row as it stands then.

    A state keeps the source that it came with. Its line names that source too, and MERGE where it was `merged`.
    A NO keeps with it what the account's setting of now promises about what was recorded before, and where that is
    SEVER, it is deleted here and now.
    """
    if not states:
        return row
    severed, lines, ledger_key = [], [], (await unit.keys()).ledger
    promises = await _promises(unit, row, states)
    for axis, state in states.items():
        severed += [axis] if promises[axis] is Withdrawal.SEVER else []
        line = _line(unit, row, axis, state, door, wording_id=wording_id, note=note, merged=merged)
        lines.append(SealedLine(line, seal_line(line, ledger_key)))
        row = _after(row, lines[-1], state, promises[axis])
    await ledger.answer(unit.connection, unit.account_id, lines, row.permissions)
    await sever(unit, row.id, severed)
    return row


async def _promises(
    unit: Unit, row: SubscriberRow, states: Mapping[Axis, PermissionState]
) -> Mapping[Axis, Withdrawal | None]:
    """What each NO promises; None for every other answer."""
    if all(state.value is not Permission.NO for state in states.values()):
        return dict.fromkeys(states)
    in_force = (await unit.settings_of(row)).withdrawal
    return {
        axis: promised(row.permissions.on(axis), state.withdrawal or in_force)
        if state.value is Permission.NO
        else None
        for axis, state in states.items()
    }


def _line(
    unit: Unit,
    row: SubscriberRow,
    axis: Axis,
    state: PermissionState,
    door: PermissionSource,
    *,
    wording_id: int | None,
    note: str | None,
    merged: "Merged | None",
) -> LedgerLine:
    return LedgerLine(
        subscriber=row.id.bytes,
        number=row.ledger_length + 1,
        axis=axis,
        from_value=row.permissions.on(axis).value,
        to_value=state.value,
        reason=state.reason,
        person_time=state.person_time,
        server_time=unit.now,
        source=PermissionSource.MERGE if merged else state.source or door,
        by_person=state.by_person,
        actor=_salted(unit.actor),
        note=None if note is None else _salted(note),
        wording_id=None if wording_id is None else wording_id.to_bytes(8, "big"),
        merged_head=merged.head or None if merged else None,
        previous_hash=row.ledger_head or None,
    )


def _after(
    row: SubscriberRow, sealed: SealedLine, state: PermissionState, promise: Withdrawal | None
) -> SubscriberRow:
    """The row as it stands when the line is in the ledger."""
    line, seal = sealed.line, sealed.seal
    proven = replace(state, line_hash=seal, server_time=line.server_time, withdrawal=promise)
    permissions = (
        Permissions(proven, row.permissions.clicks)
        if line.axis is Axis.OPENS
        else Permissions(row.permissions.opens, proven)
    )
    return replace(row, permissions=permissions, ledger_length=line.number, ledger_head=seal)


def _salted(text: str) -> SaltedText:
    return salted(text, secrets.token_bytes(SALT_BYTES))
