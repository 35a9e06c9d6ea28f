"""Composes the lines of a file of subscribers: their attributes are columns, and a segment or a list narrows them.

    email               the address, or "Anonymized contact"
    permission_opens,   what stands now; a YES at or before `expired_by` has lapsed
    permission_clicks
    reason              why it is UNKNOWN or a NO: one word where both axes have the same or only one has any, else both
    since               when the later of the two answers was given, where the reader sees people: who gave an answer an
                        unusual time would find it here
    then                one column for each attribute, where the reader sees people; the rest of them as JSON in one

Lines come as they lie; where the reader sees nobody, in the order of what they say: writing at an address moves its row in
the table, so that whoever did it would find it by its place.

`domain.permission.standing` says the same in Python. Alias: `s` is the subscriber.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from piccolo.querystring import QueryString

from app.domain.modes import Axis
from app.domain.segments import Rule
from app.storage.segment_answers import expired, standing
from app.storage.segment_fragments import AXIS, Question, joined, only
from app.storage.segments import taken_people

_SINCE = QueryString(
    "csv_time(greatest(coalesce(s.opens_person_time, s.opens_server_time), "
    "coalesce(s.clicks_person_time, s.clicks_server_time)))"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Whom a segment takes."""

    rule: Rule
    include_unmeasured: bool


@dataclass(frozen=True, slots=True)
class SubscriberLines:
    """Which lines are asked for; `attributes` are the names of the columns behind the fixed ones, `are_more` asks for the rest."""

    question: Question
    sees_people: bool
    attributes: Sequence[str] = ()
    are_more: bool = False
    list_id: int | None = None
    taken: Taken | None = None

    def query(self) -> QueryString:
        """The statement."""
        if self.taken is None:
            people = QueryString(
                "SELECT {} FROM subscriber s WHERE s.account_id = {}::bigint",
                self._columns(),
                self.question.account_id,
            )
        else:
            people = taken_people(
                self.question,
                self.taken.rule,
                self._columns(),
                include_unmeasured=self.taken.include_unmeasured,
            )
        on_list = only(
            " AND EXISTS (SELECT FROM membership o WHERE o.subscriber_id = s.id AND o.list_id = {}::bigint "
            "AND o.status = 'SUBSCRIBED')",
            self.list_id,
        )
        order = QueryString("" if self.sees_people else " ORDER BY 2, 3, 4")
        return QueryString("{}{}{}", people, on_list, order)

    def _columns(self) -> QueryString:
        email = QueryString("csv_cell(s.address)" if self.sees_people else "'Anonymized contact'")
        opens, clicks = (self._reason(axis) for axis in Axis)
        columns = [
            email,
            *(standing(self.question, axis) for axis in Axis),
            QueryString(
                "CASE WHEN {} IS NOT DISTINCT FROM {} THEN {} ELSE nullif(concat_ws(' ', {}, {}), '') END",
                opens,
                clicks,
                opens,
                opens,
                clicks,
            ),
            _SINCE if self.sees_people else QueryString("NULL::text"),
        ]
        columns += [QueryString("csv_attribute(s.attributes, {}::text)", each) for each in self.attributes]
        if self.are_more:
            rest = "nullif(s.attributes - {}::text[], jsonb_build_object())::text"
            columns.append(QueryString(rest, list(self.attributes)))
        return joined(columns, ", ")

    def _reason(self, axis: Axis) -> QueryString:
        return QueryString(
            "CASE WHEN {} THEN 'LAPSED' ELSE s.{}_reason END", expired(self.question, axis), AXIS[axis]
        )
