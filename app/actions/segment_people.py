"""Walks through the people whom a segment takes, a few at a time, by id; each step looks only at whom it passes."""

from dataclasses import dataclass
from uuid import UUID

from app.actions.unit import Unit
from app.domain.errors import Forbidden, NotFound
from app.domain.segments import names_people, singles_out, taken
from app.storage import segments

_LOOKED_AT = 1_000
"""How many subscribers one look decides about, whether they are taken or not."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose one-to-one mail counts, and whether they may know what single people did and are."""

    user_id: int | None
    sees_people: bool


async def next_taken(
    unit: Unit, segment_id: int, eyes: Eyes, after: UUID, limit: int
) -> tuple[list[UUID], UUID | None]:
    """At most `limit` people after one of them, and the last who was looked at; None where nobody was left.

    There may be more even where nobody was taken. Raises `NotFound` where the segment is gone, and `Forbidden` where
    being taken tells of somebody what these eyes may not see.
    """
    rows = await segments.by_ids(unit.connection, unit.account_id, [segment_id])
    if segment_id not in rows:
        message = "There is no such segment, or none any more."
        raise NotFound(message, path=("segmentId",))
    row = rows[segment_id]
    # How many were asked is counted, and that somebody was, shows: a rule that singles out would tell of one person.
    if (names_people(row.rule) or singles_out(row.rule)) and not eyes.sees_people:
        message = (
            "To ask the people of a segment on what they did or are, or on more than one condition of which one is not "
            "on answers, needs the scope personal:read."
        )
        raise Forbidden(message, path=("segmentId",))
    ids = await segments.next_people(unit.connection, unit.account_id, after, _LOOKED_AT)
    if not ids:
        return [], None
    settings = (await unit.settings()).settings
    question = segments.question_of(unit.account_id, eyes.user_id, settings, unit.now)
    answers = await segments.answers(unit.connection, question, row.rule, ids)
    found = [each for each in ids if taken(answers[each], include_unmeasured=row.include_unmeasured)]
    return (found[:limit], found[limit - 1]) if len(found) >= limit else (found, ids[-1])
