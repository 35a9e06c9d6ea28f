"""Deliveries: one message sent to one subscriber, and what became of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID

from app.actions.record_deliveries import DeliveryEvent, DeliveryEventKind, record_deliveries
from app.disclosure.deliveries import (
    DeliveryView,
    count_deliveries,
    deliveries_of_mailing,
    deliveries_of_mailing_backwards,
    delivery_key,
)
from app.domain.errors import NotFound, RequestError
from app.domain.modes import TrackingMode
from graphql_schema.connections import LARGEST_COUNT, Connection, Edge, Page, total
from graphql_schema.errors import UserError, attempt, user_errors
from graphql_schema.events import PLACE, EventConnection, connection, place_of
from graphql_schema.figures import Figure, figure
from graphql_schema.ids import encode_id
from graphql_schema.keys import delivery_of
from graphql_schema.loaders import DeliveriesBySubscriber, EventsByDelivery, MailingById, SubscriberById
from graphql_schema.node import Node
from graphql_schema.paging import After, First, asked_page, stretch
from graphql_schema.resolving import Asked, given, reader_of, unit_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected


@strawberry.type(description="One message sent to one subscriber.")
@requires("mailings:read")
class Delivery(Node):
    """Its id's key is the subscriber and the number."""

    sent_at: datetime | None = strawberry.field(description="When it was prepared, which counts as sent.")
    delivered_at: datetime | None = strawberry.field(description="When it was recorded as delivered.")
    bounced_at: datetime | None = strawberry.field(description="When it was recorded as bounced.")
    opens_mode: TrackingMode = strawberry.field(description="How opens are tracked, frozen at sending.")
    clicks_mode: TrackingMode = strawberry.field(description="How clicks are tracked, frozen at sending.")
    opens: Figure = strawberry.field(description="How often it was opened; 0 and NOT_MEASURED if unknown.")
    clicks: Figure = strawberry.field(description="How often it was clicked; 0 and NOT_MEASURED if unknown.")
    first_opened_at: datetime | None = strawberry.field(description="When it was opened first.")
    last_opened_at: datetime | None = strawberry.field(description="When it was opened last.")
    clicked_links: list[str] = strawberry.field(description="The targets that were clicked.")
    view: strawberry.Private[DeliveryView]

    @strawberry.field(
        description="What came of it, newest first; nothing where that was not measured, or is not the caller's to see."
    )
    async def events(
        self, info: Asked, first: First = strawberry.UNSET, after: After = strawberry.UNSET
    ) -> EventConnection:
        page, key = asked_page(PLACE, first, after), (self.view.key.subscriber_id, self.view.key.id)
        loader = info.context.loader(EventsByDelivery)
        rows = await loader.load((key, place_of(page), page.fetch))
        counted = selected(info, "totalCount", "totalCountCapped")
        every = await loader.load((key, None, LARGEST_COUNT + 1)) if counted else None
        return connection(page, rows or [], None if every is None else len(every))

    @strawberry.field(description="The mailing that it belongs to.")
    async def mailing(self, info: Asked) -> "mailing_types.Mailing":
        return mailing_types.mailing(await info.context.loader(MailingById).one(self.view.mailing_id))

    @strawberry.field(
        description="Whom it was sent to; null once the subscriber is gone, and without the scope personal:read, "
        "since preparing a message for an address would otherwise be a look-up."
    )
    async def subscriber(self, info: Asked) -> "subscriber_types.Subscriber | None":
        if not reader_of(info).sees_people:
            return None
        view = await info.context.loader(SubscriberById).load(self.view.key.subscriber_id)
        return None if view is None else subscriber_types.subscriber(view)


@strawberry.type(description="One delivery in a page.")
class DeliveryEdge(Edge):
    """Edge of `DeliveryConnection`."""

    node: Delivery = strawberry.field(description="The delivery.")


@strawberry.type(description="A page of deliveries, newest first.")
class DeliveryConnection(Connection):
    """Deliveries of a subscriber or a mailing."""

    edges: list[DeliveryEdge] = strawberry.field(description="The deliveries.")


def delivery(view: DeliveryView) -> Delivery:
    """A delivery as the schema shows it."""
    return Delivery(
        id=ID(encode_id("Delivery", f"{view.key.subscriber_id.hex}.{view.key.id}")),
        sent_at=view.sent_at,
        delivered_at=view.delivered_at,
        bounced_at=view.bounced_at,
        opens_mode=view.opens_mode,
        clicks_mode=view.clicks_mode,
        opens=figure(view.opens),
        clicks=figure(view.clicks),
        first_opened_at=view.first_opened_at,
        last_opened_at=view.last_opened_at,
        clicked_links=list(view.clicked_links),
        view=view,
    )


async def page_of_subscriber(info: Asked, subscriber_id: UUID, page: Page) -> DeliveryConnection:
    """A page of what somebody was sent."""
    views = await info.context.loader(DeliveriesBySubscriber).load((subscriber_id, stretch(page)))
    cut = page.cut(views or [], key=lambda view: (view.key.id,))
    counted = selected(info, "totalCount", "totalCountCapped")
    count = await count_deliveries(reader_of(info), subscriber_id=subscriber_id) if counted else None
    edges = [DeliveryEdge(cursor=cursor, node=delivery(view)) for cursor, view in cut.rows]
    return DeliveryConnection(edges=edges, page_info=cut.page_info, **total(count))


async def page_of_mailing(info: Asked, mailing_id: int, page: Page) -> DeliveryConnection:
    """A page of a mailing's deliveries; cursors hold the delivery's number and its subscriber's id."""
    cut = page.cut(
        await _of_mailing(info, mailing_id, page), key=lambda view: (view.key.id, view.key.subscriber_id)
    )
    counted = selected(info, "totalCount", "totalCountCapped")
    count = await count_deliveries(reader_of(info), mailing_id=mailing_id) if counted else None
    edges = [DeliveryEdge(cursor=cursor, node=delivery(view)) for cursor, view in cut.rows]
    return DeliveryConnection(edges=edges, page_info=cut.page_info, **total(count))


async def _of_mailing(info: Asked, mailing_id: int, page: Page) -> list[DeliveryView]:
    reader = reader_of(info)
    match page.keys, page.backward:
        case None, False:
            return await deliveries_of_mailing(reader, mailing_id, limit=page.fetch)
        case None, True:
            return await deliveries_of_mailing_backwards(reader, mailing_id, limit=page.fetch)
        case (number, subscriber_id), False:
            key = number, subscriber_id
            return await deliveries_of_mailing(reader, mailing_id, before=key, limit=page.fetch)
        case (number, subscriber_id), True:
            key = number, subscriber_id
            return await deliveries_of_mailing_backwards(reader, mailing_id, after=key, limit=page.fetch)
        case _:
            raise AssertionError("A page goes forward or backward from a key of two parts, or from an end.")


@strawberry.input(description="What became of one delivery.")
class DeliveryEventInput:
    """One event."""

    delivery_id: ID = strawberry.field(description="The delivery, as prepareMessages named it.")
    kind: DeliveryEventKind = strawberry.field(description="What became of it.")
    at: datetime | None = strawberry.field(default=strawberry.UNSET, description="When; now unless told.")


@strawberry.input(description="What a mail server reports.")
class RecordDeliveriesInput:
    """Input of `recordDeliveries`."""

    events: list[DeliveryEventInput] = strawberry.field(description="The events, at most 1,000 in a call.")


@strawberry.type(description="The answer of recordDeliveries.")
class RecordDeliveriesPayload:
    """Payload of `recordDeliveries`."""

    errors: list[UserError] = strawberry.field(
        default_factory=list, description="The events that were not recorded; the others were."
    )


RecordDeliveries = Annotated[
    RecordDeliveriesInput, strawberry.argument(name="input", description="What became of deliveries.")
]


@strawberry.type
class DeliveryMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Records that deliveries arrived or bounced. Saying the same again changes nothing.",
        metadata=needs("mailings:write"),
    )
    async def record_deliveries(self, info: Asked, reported: RecordDeliveries) -> RecordDeliveriesPayload:
        return await attempt(RecordDeliveriesPayload, _record(info, reported))


async def _record(info: Asked, reported: RecordDeliveriesInput) -> RecordDeliveriesPayload:
    events, places, errors = _events(reported)
    async with unit_of(info) as work:
        refused = await record_deliveries(work, events)
    errors.extend(_placed(error, places) for error in refused)
    errors.sort(key=lambda error: error.path[1:2])
    return RecordDeliveriesPayload(errors=user_errors(*errors))


def _events(reported: RecordDeliveriesInput) -> tuple[list[DeliveryEvent], list[int], list[RequestError]]:
    """The events whose ids can be one, with their places in the input, and the errors of the others."""
    events, places, errors = [], [], list[RequestError]()
    for place, event in enumerate(reported.events):
        try:
            key = delivery_of(event.delivery_id, path=("events", place, "delivery_id"))
        except NotFound as error:
            errors.append(error)
        else:
            events.append(DeliveryEvent(delivery_key(*key), event.kind, given(event.at)))
            places.append(place)
    return events, places, errors


def _placed(error: RequestError, places: list[int]) -> RequestError:
    """The error with the event's place in the input instead of its place among the events that were tried."""
    match error.path:
        case ("events", int(tried), *rest):
            return type(error)(error.message, path=("events", places[tried], *rest))
        case _:
            return error


# Last, because these files need the names above: a delivery knows its mailing and its subscriber, and they know it.
from graphql_schema import mailings as mailing_types  # noqa: E402
from graphql_schema import subscribers as subscriber_types  # noqa: E402
