"""What somebody answers on an axis, in SQL over the subscriber `s`: a YES that has outlived its lifetime is none any more.

`domain.permission.standing` says the same in Python.
"""

from collections.abc import Iterable

from piccolo.querystring import QueryString

from app.domain.modes import Axis
from app.domain.permission import Permission
from app.storage.segment_fragments import AXIS, Question


def stands(question: Question, axis: Axis, values: Iterable[Permission]) -> QueryString:
    """Whether one of these answers stands."""
    return QueryString("{} = ANY ({}::text[])", standing(question, axis), sorted(values))


def standing(question: Question, axis: Axis) -> QueryString:
    """The answer that stands, as a text."""
    return QueryString("CASE WHEN {} THEN 'UNKNOWN' ELSE s.{}_value END", expired(question, axis), AXIS[axis])


def expired(question: Question, axis: Axis) -> QueryString:
    """Whether there is a YES that has run out; false where the question knows of no lifetime."""
    if question.expired_by is None:
        return QueryString("false")
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
    return QueryString("{} = 'YES'", standing(question, axis))
