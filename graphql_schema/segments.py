"""Segments: people chosen by a rule that knows what it does not know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from app.disclosure.segments import (
    SegmentView,
    Taken,
    answer_of,
    count_segments,
    page_of_segments,
    people_of,
    preview,
    rule_to_preview,
)
from app.domain.segments import Answer, Rule
from graphql_schema.connections import Connection, Edge, total
from graphql_schema.ids import encode_id
from graphql_schema.keys import subscriber_of
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page, beyond
from graphql_schema.resolving import Asked, given, reader_of
from graphql_schema.scopes import needs, requires
from graphql_schema.segment_rules import SegmentRule, rule_document, shown_rule
from graphql_schema.selection import selected

COUNTING = 4_000
"""What a count over all people costs: a request has room for four."""


@dataclass(frozen=True, slots=True)
class _Previewed:
    """`taken` is how many people a segment of the rule takes; None where nobody asked for a count."""

    rule: Rule
    include_unmeasured: bool
    taken: int | None


@strawberry.type(
    description="What a rule says of all subscribers. The three counts add up to all of them. A rule of more "
    "than one condition, of which one asks for anything but permission, needs the scope personal:read."
)
class SegmentPreview:
    """Counts of what was measured personally; anonymous mail is in `unmeasured`."""

    matching: int = strawberry.field(description="Of how many it says yes.")
    not_matching: int = strawberry.field(description="Of how many it says no.")
    unmeasured: int = strawberry.field(description="Of how many nobody can say.")
    previewed: strawberry.Private[_Previewed]

    @strawberry.field(
        description="Whom a segment of this rule takes, by creation. A rule on anything but permission needs the scope "
        "personal:read here.",
        metadata=needs(cost=COUNTING),
    )
    async def subscribers(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> "subscriber_types.SubscriberConnection":
        page = asked_page(tuple[datetime, UUID], first, after, last, before)
        asked = Taken(
            key=None if page.keys is None else (page.keys[0], page.keys[1]),
            backward=page.backward,
            limit=page.fetch,
            include_unmeasured=self.previewed.include_unmeasured,
        )
        views = await people_of(reader_of(info), self.previewed.rule, asked)
        cut = page.cut(views, key=lambda view: (view.created_at, view.id))
        edges = [
            subscriber_types.SubscriberEdge(cursor=cursor, node=subscriber_types.subscriber(view))
            for cursor, view in cut.rows
        ]
        return subscriber_types.SubscriberConnection(
            edges=edges, page_info=cut.page_info, **total(self.previewed.taken)
        )


SubscriberId = Annotated[ID, strawberry.argument(description="The subscriber.")]


@strawberry.type(description="A rule with a name.")
@requires("subscribers:read")
class Segment(Node):
    """Stored, and decided anew whenever it is asked."""

    name: str = strawberry.field(description="What it is called.")
    include_unmeasured: bool = strawberry.field(
        description="Whether it takes those of whom nobody can say as well."
    )
    version: int = strawberry.field(description="How often it was written: 1 when it is new.")
    rule: JSON | None = strawberry.field(
        description="The rule as it is written in SegmentRule; null where it compares attributes and the token lacks "
        "the scope personal:read."
    )
    decided: strawberry.Private[Rule]

    @strawberry.field(
        description="What the rule says of one subscriber now. A rule on anything but permission needs the scope "
        "personal:read here.",
        metadata=needs(cost=50),
    )
    async def answer(self, info: Asked, subscriber_id: SubscriberId) -> Answer:
        asked = subscriber_of(subscriber_id, path=("subscriberId",))
        return await answer_of(reader_of(info), self.decided, asked)

    @strawberry.field(
        description="What the rule says of all subscribers now.",
        metadata=needs("reports:read", cost=COUNTING),
    )
    async def preview(self, info: Asked) -> SegmentPreview:
        return await preview_of(info, self.decided, include_unmeasured=self.include_unmeasured)


@strawberry.type(description="One segment in a page.")
class SegmentEdge(Edge):
    """Edge of `SegmentConnection`."""

    node: Segment = strawberry.field(description="The segment.")


@strawberry.type(description="A page of segments, oldest first.")
class SegmentConnection(Connection):
    """The segments of an account."""

    edges: list[SegmentEdge] = strawberry.field(description="The segments.")


def segment(view: SegmentView) -> Segment:
    """A segment as the schema shows it."""
    return Segment(
        id=ID(encode_id("Segment", view.id)),
        name=view.name,
        include_unmeasured=view.include_unmeasured,
        version=view.version,
        rule=None if view.document is None else JSON(shown_rule(view.document)),
        decided=view.rule,
    )


Wanted = Annotated[SegmentRule, strawberry.argument(description="The rule.")]
IncludeUnmeasured = Annotated[
    bool | None,
    strawberry.argument(
        description="Whether `subscribers` holds those of whom nobody can say; not unless told."
    ),
]


@strawberry.type
class SegmentQueries:
    """Part of `Query`."""

    @strawberry.field(description="The segments of the account.", metadata=needs("subscribers:read"))
    async def segments(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> SegmentConnection:
        page = asked_page(tuple[int], first, after, last, before)
        reader = reader_of(info)
        views = await page_of_segments(reader, beyond(page))
        counted = selected(info, "totalCount", "totalCountCapped")
        count = await count_segments(reader) if counted else None
        cut = page.cut(views, key=lambda view: (view.id,))
        edges = [SegmentEdge(cursor=cursor, node=segment(view)) for cursor, view in cut.rows]
        return SegmentConnection(edges=edges, page_info=cut.page_info, **total(count))

    @strawberry.field(
        description="What a rule would say of all subscribers, before it is stored.",
        metadata=needs("subscribers:read", "reports:read", cost=COUNTING),
    )
    async def segment_preview(
        self, info: Asked, rule: Wanted, include_unmeasured: IncludeUnmeasured = strawberry.UNSET
    ) -> SegmentPreview:
        decided = await rule_to_preview(reader_of(info), rule_document(rule))
        return await preview_of(info, decided, include_unmeasured=bool(given(include_unmeasured)))


async def preview_of(info: Asked, rule: Rule, *, include_unmeasured: bool) -> SegmentPreview:
    """What a rule says of all subscribers, as the schema shows it; counted where a count is selected.

    Raises `Forbidden`, selected or not.
    """
    counts = await preview(reader_of(info), rule, counted=_counts_selected(info))
    if counts is None:
        previewed = _Previewed(rule, include_unmeasured, taken=None)
        return SegmentPreview(matching=0, not_matching=0, unmeasured=0, previewed=previewed)
    taken = counts.matching + (counts.unmeasured if include_unmeasured else 0)
    return SegmentPreview(
        matching=counts.matching,
        not_matching=counts.not_matching,
        unmeasured=counts.unmeasured,
        previewed=_Previewed(rule, include_unmeasured, taken),
    )


def _counts_selected(info: Asked) -> bool:
    own = selected(info, "matching", "notMatching", "unmeasured")
    return own or selected(info, "totalCount", "totalCountCapped", below=("subscribers",))


# Last, because subscribers know their deliveries, these their mailing, this its report, and that leads back to people.
from graphql_schema import subscribers as subscriber_types  # noqa: E402
