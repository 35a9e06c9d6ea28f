r"""What holds when two identities with two answers become one.

Theory: merging takes the maximum of `UNKNOWN < YES < NO`, so a refusal survives every merge.

    one \ other  UNKNOWN   YES   NO
    UNKNOWN      UNKNOWN   YES   NO
    YES          YES       YES   NO
    NO           NO        NO    NO

Of two states with the same value the one with the later time of the person stands, then the one with the
larger line hash, then (where a state has no line) the larger of what is left; so the order is total over
everything but `by_person`, and the greater state brings its own reason, times, source and hash along.
`by_person` is true if it was true in either of the states with the winning value: a NO that the person gave
us stays the person's NO, even where an import repeated it later. What was promised with a NO about what was
recorded before it (`withdrawal`) is the stronger of both promises:

    KEEP < none, so the account's setting of the day decides < HIDE < SEVER

Places on lists merge likewise, so that nobody who left a list is brought back by a merge, and nobody who is on it
is lost to a mailbox that bounced:

    UNCONFIRMED < BOUNCED < SUBSCRIBED < UNSUBSCRIBED

Maximum and "or" are each commutative, associative and idempotent, and "or" and the promise only look at states that
reach the maximum, so the whole is too: merges may come in any order, and twice. `tests/domain/test_clashes.py`
holds the laws. Source: domain.md §3.
"""

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.modes import MembershipStatus
from app.domain.permission import Permission, PermissionState
from app.domain.settings import Withdrawal

_RANK = {Permission.UNKNOWN: 0, Permission.YES: 1, Permission.NO: 2}
_PLACES = (
    MembershipStatus.UNCONFIRMED,
    MembershipStatus.BOUNCED,
    MembershipStatus.SUBSCRIBED,
    MembershipStatus.UNSUBSCRIBED,
)
_PROMISES = (Withdrawal.KEEP, None, Withdrawal.HIDE, Withdrawal.SEVER)
_NEVER = datetime.min.replace(tzinfo=UTC)


def merge(first: PermissionState, second: PermissionState) -> PermissionState:
    """The state of the one subscriber that two became, for one axis.

    It is one of the two as it stood, times and line hash included, but for `by_person` and the promise of a NO; the
    ledger's MERGE line is the caller's.
    """
    if first.value is not second.value:
        return max(first, second, key=_order)
    return replace(
        max(first, second, key=_order),
        by_person=first.by_person or second.by_person,
        withdrawal=max(first.withdrawal, second.withdrawal, key=_PROMISES.index),
    )


def merge_places(first: MembershipStatus, second: MembershipStatus) -> MembershipStatus:
    """The place on a list of the one subscriber that two became, by the order above."""
    return max(first, second, key=_PLACES.index)


def same_answer(first: PermissionState, second: PermissionState) -> bool:
    """Whether two states say the same, whichever line says it: then a merge has nothing to write."""
    return replace(first, line_hash=b"", server_time=None) == replace(second, line_hash=b"", server_time=None)


def _order(state: PermissionState) -> tuple[int, datetime, bytes, datetime, datetime, str, str]:
    # An answer without a time of the person counts from when it was written: nothing says that it is older.
    return (
        _RANK[state.value],
        state.person_time or state.server_time or _NEVER,
        state.line_hash,
        state.person_time or _NEVER,
        state.server_time or _NEVER,
        state.reason or "",
        state.source or "",
    )
