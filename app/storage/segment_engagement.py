"""The class of engagement in SQL, as `domain/engagement` says it in Python; aliases as in `segment_fragments`."""

from collections.abc import Sequence

from piccolo.querystring import QueryString

from app.domain.engagement import LATEST, RECENT, Engagement
from app.domain.modes import Axis
from app.storage.segment_answers import personal_now
from app.storage.segment_fragments import Question, joined, measured


def engagement_columns(question: Question) -> list[tuple[QueryString, QueryString]]:
    """Aggregates and their scopes: whether one was sent lately that counts, per axis; the last open; a click."""
    counted = {axis: QueryString("d.bounced_at IS NULL AND {}", measured(axis, question)) for axis in Axis}
    lately = QueryString("bool_or(d.sent_at >= {}::timestamptz)", question.now - RECENT)
    return [
        *((lately, counted[axis]) for axis in Axis),
        (QueryString("max(d.last_opened_at)"), counted[Axis.OPENS]),
        (QueryString("max(d.first_clicked_at)"), counted[Axis.CLICKS]),
    ]


def engagement_value(question: Question, columns: Sequence[QueryString]) -> QueryString:
    """The class as a text, from `engagement_columns` and the last click of `event_source`."""
    recent_opens, recent_clicks, opened, first_clicked, clicked = columns
    opens, clicks = (personal_now(question, axis) for axis in Axis)
    last = QueryString(
        "greatest(CASE WHEN {} THEN {} END, CASE WHEN {} THEN greatest({}, {}) END)",
        opens,
        opened,
        clicks,
        first_clicked,
        clicked,
    )
    classes = [
        QueryString("WHEN {} >= {}::timestamptz THEN {}::text", last, question.now - latest, each.value)
        for each, latest in LATEST.items()
    ]
    return QueryString(
        "CASE WHEN NOT coalesce(({} AND {}) OR ({} AND {}), false) THEN {}::text {} ELSE {}::text END",
        opens,
        QueryString("coalesce({}, false)", recent_opens),
        clicks,
        QueryString("coalesce({}, false)", recent_clicks),
        Engagement.NOT_MEASURED.value,
        joined(classes, " "),
        Engagement.GHOST.value,
    )
