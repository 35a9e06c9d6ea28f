"""Deliveries: one message sent to one subscriber, and what came of it."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID

from app.disclosure.deliveries import (
    DeliveryView,
    count_of_mailing,
    deliveries_of_mailing,
    deliveries_of_mailing_backwards,
)
from app.disclosure.event_log_views import Start
from app.disclosure.reader import Reader
from app.domain.errors import NotFound
from app.domain.modes import TrackingMode
from graphql_schema.connections import BROKEN_CURSOR, LARGEST_COUNT, Connection, Edge, Page, total
from graphql_schema.errors import Code, refusal
from graphql_schema.events import PLACE, EventConnection, connection, start_of
from graphql_schema.figures import Figure, figure
from graphql_schema.loaders import (
    DeliveriesBySubscriber,
    DeliveryCountBySubscriber,
    EventsByDelivery,
    MailingById,
    SubscriberById,
)
from graphql_schema.node import ID_DESCRIPTION, Node
from graphql_schema.paging import After, Before, First, Last, Stretch, asked_page, stretch
from graphql_schema.plans import at_once
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import requires
from graphql_schema.selection import selected


async def _mailings(info: Asked, deliveries: "list[Delivery]") -> list["mailing_types.Mailing"]:
    views = await info.context.loader(MailingById).all_of(each.view.mailing_id for each in deliveries)
    # Most deliveries of a page share their mailings, so each is made once.
    shown = {each: mailing_types.mailing(view) for each, view in {view.id: view for view in views}.items()}
    return [shown[view.id] for view in views]


async def _subscribers(
    info: Asked, deliveries: "list[Delivery]"
) -> list["subscriber_types.Subscriber | None"]:
    if not reader_of(info).sees_people:
        return [None] * len(deliveries)
    found = await info.context.loader(SubscriberById).some_of(
        each.view.key.subscriber_id for each in deliveries
    )
    return [None if view is None else subscriber_types.subscriber(view) for view in found]


@strawberry.type(description="One message sent to one subscriber.")
@requires("mailings:read")
class Delivery(Node):
    """Its id's key is sealed (`app/disclosure/personal_ids`)."""

    view: strawberry.Private[DeliveryView]

    @strawberry.field(description=ID_DESCRIPTION)  # type: ignore[misc]  # It may stand where the interface has a field.
    def id(self) -> ID:
        return ID(self.view.global_id)

    @strawberry.field(description="When it was prepared, which counts as sent.")
    def sent_at(self) -> datetime | None:
        return self.view.sent_at

    @strawberry.field(description="When it was recorded as delivered.")
    def delivered_at(self) -> datetime | None:
        return self.view.delivered_at

    @strawberry.field(description="When it was recorded as bounced.")
    def bounced_at(self) -> datetime | None:
        return self.view.bounced_at

    @strawberry.field(description="How opens are tracked, frozen at sending.")
    def opens_mode(self) -> TrackingMode:
        return self.view.opens_mode

    @strawberry.field(description="How clicks are tracked, frozen at sending.")
    def clicks_mode(self) -> TrackingMode:
        return self.view.clicks_mode

    @strawberry.field(description="How often it was opened; 0 and NOT_MEASURED if unknown.")
    def opens(self) -> Figure:
        return figure(self.view.opens)

    @strawberry.field(description="How often it was clicked; 0 and NOT_MEASURED if unknown.")
    def clicks(self) -> Figure:
        return figure(self.view.clicks)

    @strawberry.field(description="When it was opened first.")
    def first_opened_at(self) -> datetime | None:
        return self.view.first_opened_at

    @strawberry.field(description="When it was opened last.")
    def last_opened_at(self) -> datetime | None:
        return self.view.last_opened_at

    @strawberry.field(description="The targets that were clicked.")
    def clicked_links(self) -> list[str]:
        return list(self.view.clicked_links)

    @strawberry.field(
        description="What came of it, newest first; nothing where that was not measured, or is not the caller's to see."
    )
    async def events(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> EventConnection:
        page = asked_page(PLACE, first, after, last, before)
        key = self.view.key.subscriber_id, self.view.key.id
        loader = info.context.loader(EventsByDelivery)
        rows = await loader.load((key, start_of(page), page.fetch))
        counted = selected(info, "totalCount", "totalCountCapped")
        every = await loader.load((key, Start(), LARGEST_COUNT + 1)) if counted else None
        return connection(page, rows or [], None if every is None else len(every))

    @strawberry.field(
        description="The mailing that it belongs to.",
        metadata=at_once(_mailings),
    )
    async def mailing(self, info: Asked) -> "mailing_types.Mailing":
        return mailing_types.mailing(await info.context.loader(MailingById).one(self.view.mailing_id))

    @strawberry.field(
        description="Whom it was sent to; null once the subscriber is gone, and without the scope personal:read, "
        "since preparing a message for an address would otherwise be a look-up.",
        metadata=at_once(_subscribers),
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
    return Delivery(view=view)  # type: ignore[call-arg]  # Its id is computed.


MEASURED = ("opens", "clicks", "firstOpenedAt", "lastOpenedAt", "clickedLinks")
"""The fields of a delivery that take more than its row."""


async def page_of_subscriber(info: Asked, subscriber_id: UUID, page: Page) -> DeliveryConnection:
    """A page of what somebody was sent."""
    views = await info.context.loader(DeliveriesBySubscriber).load((subscriber_id, _asked(info, page)))
    counted = selected(info, "totalCount", "totalCountCapped")
    count = await info.context.loader(DeliveryCountBySubscriber).load(subscriber_id) if counted else None
    return _of_subscriber(page, views, count)


async def pages_of_subscribers(
    info: Asked, subscriber_ids: list[UUID], page: Page
) -> list[DeliveryConnection]:
    """A page of what each of them was sent."""
    asked, context = _asked(info, page), info.context
    found = await context.loader(DeliveriesBySubscriber).some_of((each, asked) for each in subscriber_ids)
    counts: list[int | None] = [None] * len(found)
    if selected(info, "totalCount", "totalCountCapped"):
        counts = await context.loader(DeliveryCountBySubscriber).some_of(subscriber_ids)
    return [_of_subscriber(page, views, count) for views, count in zip(found, counts, strict=True)]


def _asked(info: Asked, page: Page) -> Stretch:
    return stretch(page, measured=selected(info, *MEASURED, below=("edges", "node")))


def _of_subscriber(page: Page, views: list[DeliveryView] | None, count: int | None) -> DeliveryConnection:
    cut = page.cut(views or [], key=lambda view: (view.key.id,))
    edges = [DeliveryEdge(cursor=cursor, node=delivery(view)) for cursor, view in cut.rows]
    return DeliveryConnection(edges=edges, page_info=cut.page_info, **total(count))


async def page_of_mailing(info: Asked, mailing_id: int, page: Page) -> DeliveryConnection:
    """A page of a mailing's deliveries; cursors hold the delivery's own id, since its place would name its subscriber."""
    cut = page.cut(await _of_mailing(info, mailing_id, page), key=lambda view: (view.global_id,))
    counted = selected(info, "totalCount", "totalCountCapped")
    count = await count_of_mailing(reader_of(info), mailing_id) if counted else None
    edges = [DeliveryEdge(cursor=cursor, node=delivery(view)) for cursor, view in cut.rows]
    return DeliveryConnection(edges=edges, page_info=cut.page_info, **total(count))


async def _of_mailing(info: Asked, mailing_id: int, page: Page) -> list[DeliveryView]:
    reader, measured = reader_of(info), selected(info, *MEASURED, below=("edges", "node"))
    match _place(reader, page), page.backward:
        case None, False:
            return await deliveries_of_mailing(reader, mailing_id, limit=page.fetch, measured=measured)
        case None, True:
            return await deliveries_of_mailing_backwards(
                reader, mailing_id, limit=page.fetch, measured=measured
            )
        case tuple() as place, False:
            return await deliveries_of_mailing(
                reader, mailing_id, before=place, limit=page.fetch, measured=measured
            )
        case tuple() as place, True:
            return await deliveries_of_mailing_backwards(
                reader, mailing_id, after=place, limit=page.fetch, measured=measured
            )
        case _:
            raise AssertionError("A page goes forward or backward from a delivery, or from an end.")


def _place(reader: Reader, page: Page) -> tuple[int, UUID] | None:
    """The number and the subscriber of the delivery that a page starts at."""
    if page.keys is None:
        return None
    try:
        key = reader.ids.delivery_key(page.keys[0])
    except NotFound:
        raise refusal(Code.BAD_USER_INPUT, BROKEN_CURSOR) from None
    return key.id, key.subscriber_id


# Last, because these files need the names above: a delivery knows its mailing and its subscriber, and they know it.
from graphql_schema import mailings as mailing_types  # noqa: E402
from graphql_schema import subscribers as subscriber_types  # noqa: E402
