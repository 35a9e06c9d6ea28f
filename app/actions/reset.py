"""Resets a permission to UNKNOWN, with a reason that the ledger keeps.

For answers that should never have counted: a wrong import, a test, a mix-up. A NO that the person gave us is not
among them. Source: domain.md §3.
"""

from uuid import UUID

from app.actions import answers, people
from app.actions.unit import Unit
from app.domain.errors import InvalidValue, RefusalKept
from app.domain.permission import PermissionSource, reset

LONGEST_REASON = 500


async def reset_permission(unit: Unit, subscriber_id: UUID, reason: str) -> UUID:
    """Makes both axes UNKNOWN (NEVER_ASKED); returns the subscriber's id. An axis that is UNKNOWN stays as it is.

    Raises `InvalidValue` without a reason, `NotFound`, and `RefusalKept` where the person said no on either axis;
    then nothing has changed.
    """
    note = reason.strip()
    if not 0 < len(note) <= LONGEST_REASON:
        message = f"A reset needs a reason of 1 to {LONGEST_REASON} characters; the ledger keeps it."
        raise InvalidValue(message, path=("reason",))
    row = await people.locked(unit, subscriber_id)
    try:
        states = answers.changed(row, lambda state, _axis: reset(state, unit.now))
    except RefusalKept as kept:
        raise kept.under("subscriberId") from None
    await answers.write(unit, row, states, PermissionSource.RESET, note=note)
    return row.id
