"""Writes what somebody answered: ledger lines first, then what stands. The one place where a permission changes.

The caller has locked the subscriber, so numbers have no gap and heads follow one another.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.actions.unit import Unit
from app.actions.withdrawal import sever
from app.domain.errors import RequestError
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
)
from app.domain.precedence import Permissions
from app.domain.settings import Withdrawal
from app.domain.withdrawal import promised
from app.storage import ledger, subscribers
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
        own = self.opens if axis is Axis.OPENS else self.clicks
        return self.permission if own is None else own


NOTHING_ASKED = Asked()


async def apply(unit: Unit, row: SubscriberRow, asked: Asked, door: PermissionSource) -> SubscriberRow:
    """Applies what a caller asked, by the rule for callers. Raises what `change_by_others` raises."""

    def change(stands: PermissionState, axis: Axis) -> PermissionState:
        return change_by_others(stands, asked.on(axis), asked.evidence, unit.now, door)

    return await write(unit, row, changed(row, change), door, wording_id=asked.wording_id, note=asked.note)


async def apply_gently(
    unit: Unit, row: SubscriberRow, asked: Asked, door: PermissionSource
) -> tuple[SubscriberRow, RequestError | None]:
    """As `apply`, but where nothing can be changed, nothing is, and the error is reported beside it."""
    try:
        return await apply(unit, row, asked, door), None
    except RequestError as error:
        return row, error


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
) -> SubscriberRow:
    """Appends a line for each new state and stores it; returns the row as it stands then.

    A NO keeps with it what the account's setting of now promises about what was recorded before, and where that is
    SEVER, it is deleted here and now.
    """
    severed = []
    for axis, state in (await _promised(unit, row, states)).items():
        severed += [axis] if state.withdrawal is Withdrawal.SEVER else []
        row = await _append(unit, row, axis, state, door, wording_id=wording_id, note=note)
    if states:
        chain = (row.ledger_length, row.ledger_head)
        await subscribers.save_permission(unit.connection, row.id, row.permissions, unit.now, chain)
    await sever(unit, row.id, severed)
    return row


async def _promised(
    unit: Unit, row: SubscriberRow, states: Mapping[Axis, PermissionState]
) -> Mapping[Axis, PermissionState]:
    if all(state.value is not Permission.NO for state in states.values()):
        return states
    in_force = (await unit.settings()).settings.withdrawal
    return {
        axis: replace(state, withdrawal=promised(row.permissions.on(axis), state.withdrawal or in_force))
        if state.value is Permission.NO
        else state
        for axis, state in states.items()
    }


async def _append(
    unit: Unit,
    row: SubscriberRow,
    axis: Axis,
    state: PermissionState,
    door: PermissionSource,
    *,
    wording_id: int | None,
    note: str | None,
) -> SubscriberRow:
    line = LedgerLine(
        subscriber=row.id.bytes,
        number=row.ledger_length + 1,
        axis=axis,
        from_value=row.permissions.on(axis).value,
        to_value=state.value,
        reason=state.reason,
        person_time=state.person_time,
        server_time=unit.now,
        source=state.source or door,
        by_person=state.by_person,
        actor=_salted(unit.actor),
        note=None if note is None else _salted(note),
        wording_id=None if wording_id is None else wording_id.to_bytes(8, "big"),
        previous_hash=row.ledger_head or None,
    )
    seal = seal_line(line, (await unit.keys()).ledger)
    await ledger.append(unit.connection, unit.account_id, SealedLine(line, seal))
    sealed = replace(state, line_hash=seal, server_time=unit.now)
    permissions = (
        Permissions(sealed, row.permissions.clicks)
        if axis is Axis.OPENS
        else Permissions(row.permissions.opens, sealed)
    )
    return replace(row, permissions=permissions, ledger_length=line.number, ledger_head=seal)


def _salted(text: str) -> SaltedText:
    return salted(text, secrets.token_bytes(SALT_BYTES))
