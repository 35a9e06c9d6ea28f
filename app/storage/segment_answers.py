"""What somebody answers on an axis, in SQL over the subscriber `s`: a YES that has outlived its lifetime is none any more."""

from collections.abc import Iterable

from piccolo.querystring import QueryString

from app.domain.modes import Axis
from app.domain.permission import Permission
from app.storage.segment_fragments import AXIS, Question


def stands(question: Question, axis: Axis, values: Iterable[Permission]) -> QueryString:
    """Whether one of these answers stands."""
    value = QueryString("s.{}_value", AXIS[axis])
    if question.expired_by is not None:
        value = QueryString("CASE WHEN {} THEN 'UNKNOWN' ELSE {} END", expired(question, axis), value)
    return QueryString("{} = ANY ({}::text[])", value, sorted(values))


def expired(question: Question, axis: Axis) -> QueryString:
    """Whether there is a YES that has run out, for a question in which a YES can."""
    return QueryString(
        "(s.{}_value = 'YES' AND coalesce(s.{}_person_time <= {}::timestamptz, true))",
        AXIS[axis],
        AXIS[axis],
        question.expired_by,
    )


def personal_now(question: Question, axis: Axis) -> QueryString:
    """Whether what somebody does would be recorded personally now."""
    if axis in question.unknown_personal:
        return QueryString("s.{}_value <> 'NO'", AXIS[axis])
    if question.expired_by is None:
        return QueryString("s.{}_value = 'YES'", AXIS[axis])
    return QueryString("(s.{}_value = 'YES' AND NOT {})", AXIS[axis], expired(question, axis))
