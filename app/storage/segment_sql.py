"""Composes the SQL of a segment out of fragments with bound parameters: one expression over one row per subscriber.

Theory: SQL's AND, OR and NOT are Kleene's strong logic already, with NULL for UNMEASURED. A rule becomes one boolean
expression. What its conditions need is gathered set by set, never once for each subscriber:

    spell    per subscriber: until when a NO or a YES not for segments lasted, when a YES lapsed; few have any
    d0, d1   per subscriber: counts over deliveries; in one pass where all of them are looked at, else once for each
             mailing that is named
    e0, e1   per subscriber: counts over single events, where a condition has a window or a link
    q        whom an earlier step leaves, and what it found of them; then d0 is of nobody else

All of them lie on the subscriber's shard, but for the few spells of chains that a merge closed. The pure meaning stands in `domain/segment_meaning`; a law keeps the two equal.
Fragments are Piccolo's query strings: `{}` takes a value, which is bound, or another fragment, which is put in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from piccolo.querystring import QueryString

from app.domain.attributes import AttributeCondition
from app.domain.engagement import Engagement
from app.domain.modes import Axis
from app.domain.segments import (
    ActivityCondition,
    ActivityKind,
    All,
    AnyOf,
    EngagementCondition,
    MembershipCondition,
    Not,
    PermissionCondition,
    Rule,
)
from app.storage.segment_answers import expired, stands
from app.storage.segment_engagement import engagement_columns, engagement_value
from app.storage.segment_fragments import (
    AXIS,
    Question,
    among,
    attribute,
    event_source,
    interrupted,
    joined,
    measured,
    only,
    spells,
    stops,
)
from app.storage.segment_scope import sent_one_of


@dataclass(slots=True)
class Composition:
    """A rule as SQL: `answer` is an expression over `s` and the sources that `sources` joins to it.

    `all_deliveries` says that some part looks at all deliveries anyway (`looks_at_all`); `needed` names mailings, and
    then only people who were sent one of them are looked at (`needed_mailings`). `left` is a SELECT of the `id` of
    everybody whom an earlier step leaves, and of what it `found` of them (`in_steps`): no delivery of anybody else is
    looked at (single events are, of all), and the answer is that of both.
    """

    question: Question
    all_deliveries: bool
    needed: frozenset[int] | None = None
    left: QueryString | None = None
    _columns: dict[int | None, list[QueryString]] = field(default_factory=dict)
    _names: dict[tuple[Any, ...], QueryString] = field(default_factory=dict)
    _events: list[QueryString] = field(default_factory=list)

    def answer(self, rule: Rule) -> QueryString:
        """The expression of a rule: true, false, or NULL for UNMEASURED."""
        if self.left is None:
            return self._answer(rule)
        found = self._column(None, ("found",), QueryString("bool_or(q.found)"), QueryString("true"))
        return QueryString("({} AND {})", found, self._answer(rule))

    def _answer(self, rule: Rule) -> QueryString:
        match rule:
            case All(inner):
                return self._joined(inner, " AND ", "true")
            case AnyOf(inner):
                return self._joined(inner, " OR ", "false")
            case Not(part):
                return QueryString("(NOT {})", self._answer(part))
            case ActivityCondition():
                return self._activity(rule)
            case _:
                return self._of_person(rule)

    def _of_person(
        self, rule: PermissionCondition | EngagementCondition | AttributeCondition | MembershipCondition
    ) -> QueryString:
        match rule:
            case PermissionCondition(values):
                return QueryString(
                    "({})", joined([stands(self.question, axis, values) for axis in rule.axes], " AND ")
                )
            case EngagementCondition(classes):
                return self._engaged([each.value for each in classes])
            case AttributeCondition():
                return attribute(rule)
            case MembershipCondition(list_id, statuses):
                return QueryString(
                    "EXISTS (SELECT FROM membership p WHERE p.subscriber_id = s.id AND p.list_id = {}::bigint "
                    "AND p.status = ANY ({}::text[]))",
                    list_id,
                    sorted(statuses),
                )
            case _:
                assert_never(rule)

    def _joined(self, rules: Sequence[Rule], separator: str, nothing: str) -> QueryString:
        if not rules:
            return QueryString(nothing)
        return QueryString("({})", joined([self._answer(each) for each in rules], separator))

    def _engaged(self, classes: list[str]) -> QueryString:
        # Somebody who is not measured may be anything, unless that is what is asked for.
        return QueryString(
            "(SELECT CASE WHEN f.class = 'NOT_MEASURED' THEN {} ELSE f.class = ANY ({}::text[]) END "
            "FROM (SELECT {} AS class) f)",
            QueryString("true" if Engagement.NOT_MEASURED in classes else "NULL"),
            classes,
            self.engagement(),
        )

    def engagement(self) -> QueryString:
        """The class of engagement as a text."""
        columns = enumerate(engagement_columns(self.question))
        names = [self._column(None, ("engagement", place), *each) for place, each in columns]
        last_click = event_source(self.question, None, Axis.CLICKS)
        names.append(self._event_column(("engagement",), last_click))
        return engagement_value(self.question, names)

    def _activity(self, rule: ActivityCondition) -> QueryString:
        axis = rule.kind.axis
        if axis is None:
            count, unmeasured = self._sent(rule), QueryString("false")
        else:
            count, unmeasured = self._reached(rule, axis), self._unmeasured(rule, axis)
        answers = []
        if rule.at_least is not None:
            answers.append(
                QueryString(
                    "CASE WHEN {} >= {}::bigint THEN true WHEN {} THEN NULL ELSE false END",
                    count,
                    rule.at_least,
                    unmeasured,
                )
            )
        if rule.at_most is not None:
            answers.append(
                QueryString(
                    "CASE WHEN {} > {}::bigint THEN false WHEN {} THEN NULL ELSE true END",
                    count,
                    rule.at_most,
                    unmeasured,
                )
            )
        return QueryString("({})", joined(answers, " AND "))

    def _sent(self, rule: ActivityCondition) -> QueryString:
        outcome = QueryString(_OUTCOMES.get(rule.kind, "true"))
        scope = QueryString("{} AND {}", outcome, _sent_since(rule.since(self.question.now)))
        name = self._column(rule.mailing_id, (rule.kind, rule.within_days), QueryString("count(*)"), scope)
        return QueryString("coalesce({}, 0)", name)

    def _reached(self, rule: ActivityCondition, axis: Axis) -> QueryString:
        since = rule.since(self.question.now)
        scope = QueryString("{} AND {}", _ARRIVED, measured(axis, self.question))
        if since is None and rule.link is None:
            name = self._column(rule.mailing_id, ("count", axis), QueryString("sum(d.{})", AXIS[axis]), scope)
        elif since is not None and self._last_tells(rule, axis, since):
            lately = QueryString("{} AND d.last_opened_at >= {}::timestamptz", scope, since)
            name = self._column(rule.mailing_id, ("lately", since), QueryString("count(*)"), lately)
        else:
            key = ("events", axis, rule.mailing_id, rule.within_days, rule.link)
            name = self._event_column(key, event_source(self.question, rule, axis))
        return QueryString("CASE WHEN s.{}_value = 'NO' THEN 0 ELSE coalesce({}, 0) END", AXIS[axis], name)

    def _last_tells(self, rule: ActivityCondition, axis: Axis, since: datetime) -> bool:
        """Whether the last opening of each delivery says it: nobody asks how often, and single events are kept so long."""
        kept = self.question.events_since
        return axis is Axis.OPENS and rule.asks_whether and (kept is None or kept <= since)

    def _unmeasured(self, rule: ActivityCondition, axis: Axis) -> QueryString:
        mailing_id, since = rule.mailing_id, rule.since(self.question.now)
        scope = QueryString("{} AND {}", _ARRIVED, _sent_since(since if mailing_id is None else None))
        gaps = interrupted(self.question, rule, axis)
        seen = QueryString("bool_or(NOT {} OR {})", measured(axis, self.question), gaps)
        there = self._column(mailing_id, ("there",), QueryString("bool_or(true)"), _ARRIVED)
        key = ("unmeasured", axis, rule.within_days, rule.link is None)
        found = self._column(mailing_id, key, seen, scope)
        if self.question.expired_by is not None:
            stopped = QueryString("bool_or({})", stops(axis, self.question))
            name = self._column(mailing_id, ("stopped", axis, rule.within_days), stopped, scope)
            found = QueryString(
                "(coalesce({}, false) OR ({} AND {}))", found, expired(self.question, axis), name
            )
        return QueryString(
            "coalesce(CASE WHEN s.{}_value = 'NO' THEN {} ELSE {} END, false)", AXIS[axis], there, found
        )

    def _column(
        self, mailing_id: int | None, key: tuple[Any, ...], counted: QueryString, scope: QueryString
    ) -> QueryString:
        """The name of an aggregate over deliveries, which is gathered once however often it is asked for."""
        whole = (mailing_id, *key)
        if whole not in self._names:
            of_mailing = only("d.mailing_id = {}::bigint AND ", mailing_id if self.all_deliveries else None)
            gathered = None if self.all_deliveries else mailing_id
            columns = self._columns.setdefault(gathered, [])
            place = list(self._columns).index(gathered)
            self._names[whole] = QueryString(f"d{place}.c{len(columns)}")
            name = QueryString(f"c{len(columns)}")
            columns.append(QueryString("{} FILTER (WHERE {}{}) AS {}", counted, of_mailing, scope, name))
        return self._names[whole]

    def _event_column(self, key: tuple[Any, ...], source: QueryString) -> QueryString:
        whole = ("event", *key)
        if whole not in self._names:
            self._names[whole] = QueryString(f"e{len(self._events)}.found")
            self._events.append(source)
        return self._names[whole]

    def sources(self) -> QueryString:
        """The joins that bring everything that the expressions made so far have named."""
        joins = [
            _join(self._deliveries(mailing_id, columns), f"d{place}", of_all=not self._leaves(mailing_id))
            for place, (mailing_id, columns) in enumerate(self._columns.items())
        ]
        joins += [_join(source, f"e{place}", of_all=True) for place, source in enumerate(self._events)]
        return joined(joins, " ") if joins else QueryString("")

    def those_needed(self) -> QueryString:
        """A condition on the people who are looked at, or nothing where all are, or where the sources leave nobody else."""
        if any(map(self._leaves, self._columns)):
            return QueryString("")
        return self._sent_needed("s.id")

    def _leaves(self, mailing_id: int | None) -> bool:
        """Whether what is gathered of a mailing, or of all, is of nobody but those who are looked at."""
        if mailing_id is None:
            return self.needed is not None or self.left is not None
        return self.needed == frozenset({mailing_id})

    def _sent_needed(self, subscriber_id: str) -> QueryString:
        if self.needed is None:
            return QueryString("")
        return sent_one_of(subscriber_id, self.question.account_id, self.needed)

    def spells(self) -> QueryString:
        """The WITH clause that the sources read."""
        return spells(self.question)

    def _deliveries(self, mailing_id: int | None, columns: Sequence[QueryString]) -> QueryString:
        return QueryString(
            "SELECT d.subscriber_id, {} FROM delivery d {}"
            "LEFT JOIN spell p ON p.subscriber_id = d.subscriber_id WHERE d.account_id = {}::bigint{}{}{} "
            "GROUP BY d.subscriber_id",
            joined(columns, ", "),
            only("JOIN ({}) q ON q.id = d.subscriber_id ", self.left),
            self.question.account_id,
            only(" AND d.mailing_id = {}::bigint", mailing_id),
            QueryString("") if mailing_id is not None else self._sent_needed("d.subscriber_id"),
            among(self.question, " AND d.subscriber_id = ANY ({}::uuid[])"),
        )


def _join(source: QueryString, name: str, *, of_all: bool) -> QueryString:
    """What a source has gathered; `of_all` keeps people of whom it has nothing."""
    named, kind = QueryString(name), QueryString("LEFT JOIN" if of_all else "JOIN")
    return QueryString("{} ({}) {} ON {}.subscriber_id = s.id", kind, source, named, named)


_ARRIVED = QueryString("d.bounced_at IS NULL")
_OUTCOMES = {
    ActivityKind.DELIVERED: "d.bounced_at IS NULL",
    ActivityKind.BOUNCED: "d.bounced_at IS NOT NULL",
}


def _sent_since(since: datetime | None) -> QueryString:
    return QueryString("true") if since is None else QueryString("d.sent_at >= {}::timestamptz", since)
