r"""What a subscriber said about being tracked, and what may change it.

Theory: per axis, a permission is YES, NO or UNKNOWN. UNKNOWN always carries a reason; a NO remembers
whether it was given from UNKNOWN (DENIED) or took back a YES (WITHDRAWN), same effect, other evidence.

An answer of the person is last-write-wins. Everybody else follows this table (`change_by_others`):

    asked for \ stands  UNKNOWN   YES       NO given by the person   NO from IMPORT, API or SEND
    NO                  NO        NO        NO (kept)                NO (kept)
    YES with evidence   YES       YES       REFUSAL_KEPT             YES only if dated after that NO
    YES without         EVIDENCE_MISSING, whatever stands
    UNCHANGED           stays     stays     stays                    stays

Source: domain.md §3.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import assert_never

from app.domain.errors import EvidenceMissing, InvalidSource, RefusalKept
from app.domain.settings import Withdrawal


@unique
class Permission(StrEnum):
    """What the subscriber said on one axis."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


@unique
class PermissionChange(StrEnum):
    """What a caller asks for: an answer, or nothing at all."""

    YES = "YES"
    NO = "NO"
    UNCHANGED = "UNCHANGED"


@unique
class Reason(StrEnum):
    """Why a permission is UNKNOWN, or how a NO came about (DENIED, WITHDRAWN)."""

    NEVER_ASKED = "NEVER_ASKED"
    ASKED_NO_ANSWER = "ASKED_NO_ANSWER"
    NOTIFIED_NO_OBJECTION = "NOTIFIED_NO_OBJECTION"
    LAPSED = "LAPSED"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"


@unique
class PermissionSource(StrEnum):
    """Where a ledger line comes from."""

    FORM = "FORM"
    PREFERENCE_CENTER = "PREFERENCE_CENTER"
    ONE_CLICK = "ONE_CLICK"
    REQUEST_MAIL = "REQUEST_MAIL"
    IMPORT = "IMPORT"
    API = "API"
    SEND = "SEND"
    MERGE = "MERGE"
    RESUBSCRIBE = "RESUBSCRIBE"
    EXPIRY = "EXPIRY"
    RESET = "RESET"
    ERASURE = "ERASURE"


@dataclass(frozen=True, slots=True)
class PermissionState:
    """What stands on one axis.

    `person_time` is when the person answered, `server_time` when the line was written; both are aware UTC.
    `by_person` says that the answer was given to us by the person at one of our doors, or merged from such
    an answer; naming FORM over the API does not make it one. `withdrawal` is what was promised with a NO about what
    was recorded before it (`withdrawal`), None for every other answer.
    """

    value: Permission = Permission.UNKNOWN
    reason: Reason | None = Reason.NEVER_ASKED
    person_time: datetime | None = None
    server_time: datetime | None = None
    source: PermissionSource | None = None
    by_person: bool = False
    line_hash: bytes = b""
    withdrawal: Withdrawal | None = None


NEVER_ASKED = PermissionState()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What backs an answer: where it was given, when (aware UTC), and under which wording."""

    source: PermissionSource | None = None
    at: datetime | None = None


NO_EVIDENCE = Evidence()

CALLERS_SOURCES = frozenset({PermissionSource.API, PermissionSource.FORM, PermissionSource.IMPORT})
"""The sources that a caller of the API may name; the others belong to the doors that make them."""


def check_source(source: PermissionSource | None) -> None:
    """Raises `InvalidSource` where a caller names the source of another door."""
    if source is not None and source not in CALLERS_SOURCES:
        raise InvalidSource(path=("source",))


def answer_of_person(
    stands: PermissionState, value: Permission, source: PermissionSource, now: datetime
) -> PermissionState:
    """The person answered at one of our doors: last write wins, whatever stood there before.

    `value` is YES or NO. The person's time is the server's, since the door saw the answer itself.
    """
    return PermissionState(
        value=value,
        reason=_reason_of_no(stands) if value is Permission.NO else None,
        person_time=now,
        server_time=now,
        source=source,
        by_person=True,
    )


def _reason_of_no(stands: PermissionState) -> Reason:
    if stands.value is Permission.NO and stands.reason is not None:
        return stands.reason
    return Reason.WITHDRAWN if stands.value is Permission.YES else Reason.DENIED


def change_by_others(
    stands: PermissionState,
    asked: PermissionChange,
    evidence: Evidence,
    now: datetime,
    door: PermissionSource,
) -> PermissionState:
    """What a caller (API, import, send) may make of what stands, by the table at the top.

    `door` is the ledger's source for a NO without a source of its own, and for every NO of a send (domain.md §3).
    Returns `stands` itself where nothing changes. Raises `EvidenceMissing` and `RefusalKept`.
    """
    match asked:
        case PermissionChange.UNCHANGED:
            return stands
        case PermissionChange.NO:
            return _no_by_others(stands, evidence, now, door)
        case PermissionChange.YES:
            return _yes_by_others(stands, evidence, now)
        case _:
            assert_never(asked)


def _no_by_others(
    stands: PermissionState, evidence: Evidence, now: datetime, door: PermissionSource
) -> PermissionState:
    # A date in the future would let no YES ever lift this NO, so it counts as now.
    at = min(evidence.at or now, now)
    if stands.value is Permission.NO and (stands.by_person or at <= (stands.person_time or now)):
        return stands
    return PermissionState(
        value=Permission.NO,
        reason=_reason_of_no(stands),
        person_time=at,
        server_time=now,
        source=door if door is PermissionSource.SEND else evidence.source or door,
    )


def _yes_by_others(stands: PermissionState, evidence: Evidence, now: datetime) -> PermissionState:
    if evidence.source is None or evidence.at is None:
        raise EvidenceMissing
    if evidence.at > now:
        message = "The date of this YES lies in the future. Send the date on which the person gave it."
        raise EvidenceMissing(message, path=("at",))
    if stands.value is Permission.NO and (
        stands.by_person or stands.person_time is None or evidence.at <= stands.person_time
    ):
        raise RefusalKept
    if stands.value is Permission.YES and stands.person_time and evidence.at <= stands.person_time:
        return stands
    return PermissionState(
        value=Permission.YES,
        reason=None,
        person_time=evidence.at,
        server_time=now,
        source=evidence.source,
    )


def asked_without_answer(stands: PermissionState, source: PermissionSource, now: datetime) -> PermissionState:
    """The person was asked and left it open: known silence for an UNKNOWN, nothing for who answered.

    A request mail renews the silence, since the next one waits for `ask_again_after` from the last (M5); a form
    does not, since anybody may submit one for anybody.
    """
    if stands.value is not Permission.UNKNOWN:
        return stands
    if stands.reason is Reason.ASKED_NO_ANSWER and source is not PermissionSource.REQUEST_MAIL:
        return stands
    return PermissionState(reason=Reason.ASKED_NO_ANSWER, server_time=now, source=source)


def lapse(stands: PermissionState, source: PermissionSource, now: datetime) -> PermissionState:
    """A YES that no longer holds becomes UNKNOWN(LAPSED); everything else stays. Source: domain.md §3."""
    if stands.value is not Permission.YES:
        return stands
    return PermissionState(reason=Reason.LAPSED, server_time=now, source=source)


def standing(state: PermissionState, lifetime_days: int | None, now: datetime) -> PermissionState:
    """What a stored state is worth at `now`: a YES as old as its lifetime (days) reads as UNKNOWN(LAPSED).

    Where a lifetime is set, a YES without the person's time has none left: nothing says how old it is.
    """
    if state.value is not Permission.YES or lifetime_days is None:
        return state
    if state.person_time is not None and now - state.person_time < timedelta(days=lifetime_days):
        return state
    return replace(state, value=Permission.UNKNOWN, reason=Reason.LAPSED, by_person=False)
