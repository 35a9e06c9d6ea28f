"""The log of events: what was opened and clicked, by whom where that may be told, and otherwise that it was."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import ID

from app.disclosure.event_log import count_log, log_part, page_of_log
from app.disclosure.event_log_views import EventView, LogKey, LogPart, Start
from app.disclosure.live_events import events_live
from app.domain.modes import Channel, ClientClass, EventKind
from graphql_schema.connections import LARGEST_COUNT, Connection, Edge, Page, total
from graphql_schema.ids import number_of
from graphql_schema.paging import After, Before, First, Last, asked_page
from graphql_schema.resolving import Asked, given, reader_of
from graphql_schema.scopes import needs
from graphql_schema.selection import selected

_COST = 20
PLACE: type[tuple[Any, ...]] = tuple[datetime, UUID, int, int, str, int]
"""The sort key of the log, as its cursors hold it."""


@strawberry.type(
    description=(
        "One opening or click. Where it is nobody's, or nobody's that the token may see, texts read \"Anonymized\", "
        "times are days, and there are as many equal rows as may be told."
    )
)
class Event:
    """One row of the log."""

    kind: EventKind = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(
        description="When; of anonymous rows the day, by its beginning in UTC."
    )
    sent_at: datetime | None = strawberry.field(
        description="When the mail was sent; of anonymous rows the day, where it is kept."
    )
    template_id: str | None = strawberry.field(description="The id of the mailing.")
    email: str | None = strawberry.field(
        description='The address of the subscriber, or "Anonymized", also for a message to several people.'
    )
    message_id: str | None = strawberry.field(
        description='The message, as prepareMessages named it, or "Anonymized".'
    )
    link: str | None = strawberry.field(
        description='The target that was clicked; null for openings; "Anonymized" in anonymous rows.'
    )
    client_class: ClientClass | None = strawberry.field(
        description="Who probably stood behind it; null in anonymous rows."
    )
    ip: str | None = strawberry.field(
        description=(
            "The network address that it came from, which may be a proxy's; kept for 30 days, where the account's keepIp is on "
            "and was when the mail was sent. Null otherwise, in anonymous rows, and for a message to several people."
        )
    )
    country: str | None = strawberry.field(
        description=(
            "The country of that address, two letters of ISO 3166-1, where the instance looks countries up; the address need "
            "not be kept. Null where it is not known, in anonymous rows, and for a message to several people."
        )
    )


@strawberry.type(description="One event in a page.")
class EventEdge(Edge):
    """Edge of `EventConnection`."""

    node: Event = strawberry.field(description="The event.")


@strawberry.type(description="A page of events, newest first; anonymous rows end their day.")
class EventConnection(Connection):
    """Events of a log or a delivery."""

    edges: list[EventEdge] = strawberry.field(description="The events.")


def event(view: EventView) -> Event:
    """An event as the schema shows it."""
    return Event(
        kind=view.kind,
        occurred_at=view.occurred_at,
        sent_at=view.sent_at,
        template_id=view.template_id,
        email=view.email,
        message_id=view.message_id,
        link=view.link,
        client_class=view.client_class,
        ip=view.ip,
        country=view.country,
    )


@strawberry.input(
    description=(
        "Which events; what is left out or null asks for nothing. Anonymous rows are of whole days: those of a day that "
        "from or to cuts are left out."
    )
)
class EventFilter:
    """Filter of `eventLog`."""

    mailing_id: ID | None = strawberry.field(default=strawberry.UNSET, description="Of this mailing.")
    from_: datetime | None = strawberry.field(
        name="from", default=strawberry.UNSET, description="At this time or later."
    )
    to: datetime | None = strawberry.field(default=strawberry.UNSET, description="Before this time.")


LogChannel = Annotated[
    Channel,
    strawberry.argument(name="channel", description="The channel; ONE_TO_ONE is the caller's own mail."),
]
Filter = Annotated[EventFilter | None, strawberry.argument(name="filter", description="Which of them.")]


@strawberry.type
class EventQueries:
    """Part of `Query`."""

    @strawberry.field(
        description=(
            "The openings and clicks of a channel. Without the scope personal:read all rows read as anonymous ones, and "
            "there is none of one-to-one mail."
        ),
        metadata=needs("reports:read", cost=_COST),
    )
    async def event_log(
        self,
        info: Asked,
        channel: LogChannel,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        wanted: Filter = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> EventConnection:
        page, reader = asked_page(PLACE, first, after, last, before), reader_of(info)
        part = await _part(info, channel, given(wanted))
        rows = [] if part is None else await page_of_log(reader, part, start_of(page), page.fetch)
        count: int | None = None
        if selected(info, "totalCount", "totalCountCapped"):
            count = 0 if part is None else await count_log(reader, part, LARGEST_COUNT + 1)
        return connection(page, rows, count)


MailingId = Annotated[
    ID | None,
    strawberry.argument(name="mailingId", description="Of this mailing; left out, of all of them."),
]


@strawberry.type
class EventSubscriptions:
    """Part of `Subscription`."""

    @strawberry.subscription(
        description=(
            "Personal openings and clicks as they arrive, each once, from now on; one-to-one mail to its user alone. They "
            "come some seconds after they happened. Anonymous ones never come."
        ),
        metadata=needs("reports:read", "personal:read"),
    )
    async def tracking_events(
        self, info: Asked, mailing_id: MailingId = strawberry.UNSET
    ) -> AsyncGenerator[Event, None]:
        named = given(mailing_id)
        number = None if named is None else number_of(named, "Mailing", path=("mailingId",))
        async with aclosing(events_live(reader_of(info), number)) as views:
            async for view in views:
                yield event(view)


async def _part(info: Asked, channel: Channel, wanted: EventFilter | None) -> LogPart | None:
    reader = reader_of(info)
    if wanted is None:
        return await log_part(reader, channel)
    named = given(wanted.mailing_id)
    mailing_id = None if named is None else number_of(named, "Mailing", path=("filter", "mailingId"))
    return await log_part(reader, channel, mailing_id, given(wanted.from_), given(wanted.to))


def start_of(page: Page) -> Start:
    """Where the log is read for a page."""
    return Start(None if page.keys is None else LogKey(*page.keys), page.backward)


def connection(page: Page, rows: list[EventView], count: int | None) -> EventConnection:
    """Up to one more row than the page holds, as a connection."""
    cut = page.cut(rows, key=lambda view: tuple(view.key))
    edges = [EventEdge(cursor=cursor, node=event(view)) for cursor, view in cut.rows]
    return EventConnection(edges=edges, page_info=cut.page_info, **total(count))
