"""Writes into the ledger that a YES has outlived its lifetime.

Whoever decides computes that anyway (`permission.standing`), from the time at which the person answered; so nothing
depends on when this runs. It makes the ledger say it too. Source: domain.md §3.
"""

from datetime import timedelta
from uuid import UUID

from app.actions import answers
from app.actions.unit import Unit, unit
from app.domain.permission import PermissionSource, PermissionState, lapse, standing
from app.instance import Instance
from app.storage import subscribers

BATCH = 500
ACTOR = "expiry"
"""How the ledger names whoever writes these lines: nobody asked for them."""

_FIRST = UUID(int=0)


async def write_expiries(instance: Instance, account_id: int) -> int:
    """Writes an EXPIRY line for each axis whose YES is over; returns how many lines that were.

    Each batch is a transaction of its own and locks its people in order, so it can stop anywhere and go on later,
    and an answer given meanwhile counts.
    """
    written, last = 0, _FIRST
    while True:
        async with unit(instance, account_id, ACTOR) as work:
            lifetime = (await work.settings()).settings.permission_lifetime_days
            if lifetime is None:
                return written
            given_by = work.now - timedelta(days=lifetime)
            found = await subscribers.expired(work.connection, account_id, given_by, after=last, limit=BATCH)
            written += await _write(work, found, lifetime)
        if len(found) < BATCH:
            return written
        last = found[-1]


async def _write(work: Unit, ids: list[UUID], lifetime_days: int) -> int:
    def ended(state: PermissionState) -> PermissionState:
        over = standing(state, lifetime_days, work.now) is not state
        return lapse(state, PermissionSource.EXPIRY, work.now) if over else state

    written = 0
    rows = await subscribers.lock(work.connection, work.account_id, ids)
    for row in rows.values():
        states = answers.changed(row, lambda state, _axis: ended(state))
        await answers.write(work, row, states, PermissionSource.EXPIRY)
        written += len(states)
    return written
