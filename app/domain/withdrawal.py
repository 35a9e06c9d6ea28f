"""What becomes of what was recorded before a NO: promised when the NO is given, and kept when settings change later.

    in force at the NO    recorded before                                    a new YES
    KEEP                  stays where it is                                  changes nothing
    HIDE                  stays in totals; the person's rows read as         shows the rows again
                          not measured
    SEVER                 is deleted: opens, uniques and measured fall by    begins anew; mail sent before stays
                          it; sent and delivered stay                        unmeasured

A NO that is said again can only promise more: of two settings the stronger holds. Source: domain.md §8.
"""

from app.domain.permission import Permission, PermissionState
from app.domain.settings import Withdrawal

_STRENGTH = {Withdrawal.KEEP: 0, Withdrawal.HIDE: 1, Withdrawal.SEVER: 2}


def promised(stands: PermissionState, in_force: Withdrawal) -> Withdrawal:
    """What a NO given now promises, after what stands; `in_force` is the account's setting of now."""
    if stands.value is not Permission.NO or stands.withdrawal is None:
        return in_force
    return max(stands.withdrawal, in_force, key=_STRENGTH.__getitem__)


def hides(stands: PermissionState, in_force: Withdrawal) -> bool:
    """Whether what was recorded of somebody reads as not measured.

    A NO that no promise was kept with (none was, before there were promises) follows the setting of now.
    """
    return stands.value is Permission.NO and (stands.withdrawal or in_force) is not Withdrawal.KEEP
