"""The parts that segments are composed of: what was measured, when nobody recorded, attributes.

Each says in SQL what `domain/segment_meaning` and `domain/attributes` say in Python. Aliases: `s` is
the subscriber, `d` a delivery, `p` the subscriber's spells, `e` an event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from piccolo.querystring import QueryString

from app.domain.attributes import (
    DATE_TEXT,
    NUMBER_TEXT,
    AttributeCondition,
    AttributeOperator,
    AttributeType,
)
from app.domain.engagement import LATEST
from app.domain.modes import Axis
from app.domain.segment_meaning import kept_from
from app.domain.segments import ActivityCondition

AXIS = {Axis.OPENS: QueryString("opens"), Axis.CLICKS: QueryString("clicks")}
"""What the columns of an axis begin with."""

_KINDS = {
    Axis.OPENS: QueryString("e.kind IN ('FIRST_OPENING', 'OPENED')"),
    Axis.CLICKS: QueryString("e.kind = 'CLICKED'"),
}
_COMPARING = {
    AttributeOperator.EQ: QueryString("="),
    AttributeOperator.NE: QueryString("<>"),
    AttributeOperator.LT: QueryString("<"),
    AttributeOperator.LE: QueryString("<="),
    AttributeOperator.GT: QueryString(">"),
    AttributeOperator.GE: QueryString(">="),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks of whom, when, and what of the settings matters.

    `people` are the only subscribers that are looked at; None means all of the account. Single events from before
    `events_since` are not kept; a YES given at or before `expired_by` has run out.
    """

    account_id: int
    user_id: int | None
    now: datetime
    unknown_personal: frozenset[Axis]
    expired_by: datetime | None = None
    events_since: datetime | None = None
    people: Sequence[UUID] | None = None


def joined(parts: Sequence[QueryString], separator: str) -> QueryString:
    """The fragments one after the other."""
    return QueryString(separator.join(["{}"] * len(parts)), *parts)


def only(fragment: str, value: object | None) -> QueryString:
    """The fragment with its value, or nothing where there is no value."""
    return QueryString("") if value is None else QueryString(fragment, value)


def among(question: Question, fragment: str) -> QueryString:
    """The fragment with the people who are looked at, or nothing where all are."""
    return only(fragment, None if question.people is None else list(question.people))


def measured(axis: Axis, question: Question) -> QueryString:
    """Whether what was recorded of a delivery counts; the answer of now is left to the outside."""
    return QueryString(
        "(d.{}_mode = 'PERSONAL' AND NOT d.gathered AND coalesce(p.narrow_{} <= d.sent_at, true) "
        "AND d.mailing_id NOT IN (SELECT m.id FROM mailing m WHERE m.account_id = {}::bigint "
        "AND m.channel = 'ONE_TO_ONE' AND m.user_id IS DISTINCT FROM {}::bigint))",
        AXIS[axis],
        AXIS[axis],
        question.account_id,
        question.user_id,
    )


def stops(axis: Axis, question: Question) -> QueryString:
    """Whether an UNKNOWN ends the recording of a delivery, by the settings that were frozen with it."""
    # Sets of versions, not a look-up for each delivery: the planner would shun a single pass over all of them.
    versions = "SELECT v.version FROM settings_version v WHERE v.account_id = {}::bigint AND v.document ->> 'unknown_{}' <> 'PERSONAL'"
    return QueryString(
        f"(d.permission_based AND d.settings_version IN ({versions}) "
        f"OR d.settings_version IN ({versions} AND (v.document ->> 'permission_required')::boolean))",
        question.account_id,
        AXIS[axis],
        question.account_id,
        AXIS[axis],
    )


def interrupted(question: Question, rule: ActivityCondition, axis: Axis) -> QueryString:
    """Whether nobody recorded, or keeps, what happened to a delivery for a part of the window."""
    since = rule.since(question.now)
    dropped = kept_from(rule, since, question.events_since)
    return QueryString(
        "(coalesce(p.refused_{} > greatest(d.sent_at, {}::timestamptz), false) "
        "OR (coalesce(p.lapsed_{} > d.sent_at, false) AND {}){})",
        AXIS[axis],
        since,
        AXIS[axis],
        stops(axis, question),
        only(" OR d.sent_at < {}::timestamptz", dropped),
    )


def spells(question: Question) -> QueryString:
    """`spell`: until when the last NO and the last YES not for segments stood, and when a YES last lapsed.

    The chains of people who were merged into one subscriber count as that subscriber's: each ends with its merge.
    """
    columns = [
        QueryString(
            "max(q.at) FILTER (WHERE q.axis = '{}' AND q.kind = '{}') AS {}_{}",
            QueryString(axis.value),
            QueryString(kind),
            QueryString(kind),
            AXIS[axis],
        )
        for axis in Axis
        for kind in ("refused", "lapsed", "narrow")
    ]
    chains = _chains(question)
    return QueryString(
        "WITH spell AS NOT MATERIALIZED (SELECT coalesce(f.subscriber_id, q.subscriber_id) AS subscriber_id, {} "
        "FROM ({} UNION ALL {}) q LEFT JOIN former_subscriber f ON f.id = q.subscriber_id{} "
        "GROUP BY coalesce(f.subscriber_id, q.subscriber_id))",
        joined(columns, ", "),
        QueryString(
            "SELECT l.subscriber_id, l.axis, CASE l.from_value WHEN 'NO' THEN 'refused' ELSE 'lapsed' END AS kind, "
            "l.server_time AS at FROM permission_line l WHERE l.account_id = {}::bigint "
            "AND ((l.from_value = 'NO' AND l.to_value <> 'NO') "
            "OR (l.from_value = 'YES' AND l.to_value = 'UNKNOWN')){}",
            question.account_id,
            chains,
        ),
        QueryString(
            "SELECT l.subscriber_id, l.axis, 'narrow', coalesce((SELECT min(n.server_time) FROM permission_line n "
            "WHERE n.subscriber_id = l.subscriber_id AND n.axis = l.axis AND n.number > l.number), 'infinity') "
            "FROM permission_line l JOIN wording w ON w.id = l.wording_id WHERE w.account_id = {}::bigint "
            "AND NOT w.purposes @> ARRAY['SEGMENT'] AND l.account_id = w.account_id AND l.to_value = 'YES'{}",
            question.account_id,
            chains,
        ),
        among(question, " AND f.subscriber_id = ANY ({}::uuid[])"),
    )


def _chains(question: Question) -> QueryString:
    """The lines of the people who are looked at, and of those who were merged into them."""
    if question.people is None:
        return QueryString("")
    former = among(question, "SELECT f.id FROM former_subscriber f WHERE f.subscriber_id = ANY ({}::uuid[])")
    return QueryString(" AND l.subscriber_id = ANY ({}::uuid[] || ARRAY({}))", list(question.people), former)


def event_source(question: Question, rule: ActivityCondition | None, axis: Axis) -> QueryString:
    """Single events that count, per subscriber: how many of a condition, or when the last was, for engagement."""
    since = question.now - max(LATEST.values()) if rule is None else rule.since(question.now)
    mailing_id, link = (None, None) if rule is None else (rule.mailing_id, rule.link)
    return QueryString(
        "SELECT e.subscriber_id, {} AS found FROM event e "
        "JOIN delivery d ON d.subscriber_id = e.subscriber_id AND d.id = e.delivery_id "
        "LEFT JOIN spell p ON p.subscriber_id = d.subscriber_id{} WHERE e.account_id = {}::bigint AND {} AND e.client_class <> 'SCANNER' AND d.bounced_at IS NULL "
        "AND {}{}{}{}{}{}{} GROUP BY e.subscriber_id",
        QueryString("max(e.occurred_at)" if rule is None else "count(*)"),
        only(" JOIN link k ON k.mailing_id = e.mailing_id AND k.number = e.link AND k.url = {}::text", link),
        question.account_id,
        _KINDS[axis],
        measured(axis, question),
        only(" AND e.occurred_at >= {}::timestamptz", since),
        # Said of every table, so that each finds its rows by its own index.
        only(" AND e.mailing_id = {}::bigint", mailing_id),
        only(" AND d.mailing_id = {}::bigint", mailing_id),
        only(" AND k.mailing_id = {}::bigint", None if link is None else mailing_id),
        among(question, " AND e.subscriber_id = ANY ({}::uuid[])"),
        among(question, " AND d.subscriber_id = ANY ({}::uuid[])"),
    )


def attribute(condition: AttributeCondition) -> QueryString:
    """Whether an attribute is as the condition wants it; what is missing is not."""
    stored = QueryString("(s.attributes -> {}::text)", condition.name)
    if condition.operator is AttributeOperator.EXISTS:
        return QueryString("coalesce(jsonb_typeof({}) <> 'null', false)", stored)
    found, wanted = _typed(condition, stored), condition.value
    match condition.type:
        case AttributeType.TEXT if condition.operator is AttributeOperator.CONTAINS:
            return QueryString("coalesce(strpos({}, {}::text) > 0, false)", found, wanted)
        case AttributeType.TEXT | AttributeType.DATE:
            found, bound = QueryString('{} COLLATE "C"', found), QueryString("{}::text", wanted)
        case AttributeType.NUMBER:
            bound = QueryString("{}::numeric", wanted)
        case AttributeType.BOOLEAN:
            bound = QueryString("{}::boolean", wanted)
        case _:
            assert_never(condition.type)
    return QueryString("coalesce({} {} {}, false)", found, _COMPARING[condition.operator], bound)


def _typed(condition: AttributeCondition, stored: QueryString) -> QueryString:
    text = QueryString("(s.attributes ->> {}::text)", condition.name)
    match condition.type:
        case AttributeType.TEXT:
            return QueryString("(CASE jsonb_typeof({}) WHEN 'string' THEN {} END)", stored, text)
        case AttributeType.NUMBER:
            return QueryString(
                "(CASE WHEN jsonb_typeof({}) = 'number' OR (jsonb_typeof({}) = 'string' AND {} ~ {}::text) "
                "THEN {}::numeric END)",
                stored,
                stored,
                text,
                f"^{NUMBER_TEXT}$",
                text,
            )
        case AttributeType.DATE:
            return QueryString(
                "(CASE WHEN jsonb_typeof({}) = 'string' AND {} ~ {}::text THEN left({}, 10) END)",
                stored,
                text,
                f"^{DATE_TEXT}",
                text,
            )
        case AttributeType.BOOLEAN:
            return QueryString(
                "(CASE WHEN jsonb_typeof({}) = 'boolean' OR (jsonb_typeof({}) = 'string' AND {} IN ('true', 'false')) "
                "THEN {}::boolean END)",
                stored,
                stored,
                text,
                text,
            )
        case _:
            assert_never(condition.type)
