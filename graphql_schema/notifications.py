"""Notifications: a user is told who opened and clicked their one-to-one mail (domain.md §11, P4)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID

from app.disclosure.notifications import NotificationView, page_of_notifications
from app.disclosure.notifications_live import notifications_live
from app.domain.modes import EventKind
from graphql_schema.connections import LARGEST_COUNT, Connection, Edge, total
from graphql_schema.deliveries import Delivery, delivery
from graphql_schema.loaders import DeliveryByKey, MailingById
from graphql_schema.mailings import Mailing, mailing
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected

_NEEDED = "reports:read", "personal:read"
_COST = 20


@strawberry.type(description="An opening or a click of a one-to-one mail, told to the user who sent it.")
@requires(*_NEEDED)
class Notification(Node):
    """Its id's key is the event's, sealed (`app/disclosure/personal_ids`)."""

    kind: EventKind = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    view: strawberry.Private[NotificationView]

    @strawberry.field(
        description="The mail to the one person; null where the message went to several, since nobody can tell whose it is."
    )
    async def delivery(self, info: Asked) -> Delivery | None:
        key = self.view.delivery
        if key is None:
            return None
        view = await info.context.loader(DeliveryByKey).load((key.subscriber_id, key.id))
        return None if view is None else delivery(view)

    @strawberry.field(description="The mailing.")
    async def mailing(self, info: Asked) -> Mailing:
        return mailing(await info.context.loader(MailingById).one(self.view.mailing_id))


@strawberry.type(description="One notification in a page.")
class NotificationEdge(Edge):
    """Edge of `NotificationConnection`."""

    node: Notification = strawberry.field(description="The notification.")


@strawberry.type(description="A page of notifications, newest first.")
class NotificationConnection(Connection):
    """What a user is told of."""

    edges: list[NotificationEdge] = strawberry.field(description="The notifications.")


def notification(info: Asked, view: NotificationView) -> Notification:
    """A notification as the schema shows it."""
    return Notification(
        id=ID(reader_of(info).ids.notification(view.key)),
        kind=view.kind,
        occurred_at=view.key.occurred_at,
        view=view,
    )


@strawberry.type
class NotificationQueries:
    """Part of `Query`."""

    @strawberry.field(
        description=(
            "Openings and clicks of the user's own one-to-one mail, as far as the user wants to be told: some two minutes "
            "after they happened, when machines are known. Nothing for tokens of no user, or while the user's switch "
            "is off."
        ),
        metadata=needs(*_NEEDED, cost=_COST),
    )
    async def notifications(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> NotificationConnection:
        page, reader = asked_page(tuple[datetime, UUID], first, after, last, before), reader_of(info)
        key = None if page.keys is None else (page.keys[0], page.keys[1])
        rows = await page_of_notifications(reader, key, page.fetch, backward=page.backward)
        cut = page.cut(rows, key=lambda view: view.place)
        count: int | None = None
        if selected(info, "totalCount", "totalCountCapped"):
            count = len(await page_of_notifications(reader, None, LARGEST_COUNT + 1))
        edges = [NotificationEdge(cursor=cursor, node=notification(info, view)) for cursor, view in cut.rows]
        return NotificationConnection(edges=edges, page_info=cut.page_info, **total(count))


@strawberry.type
class NotificationSubscriptions:
    """Part of `Subscription`."""

    @strawberry.subscription(
        description="What the user is told of from now on, each once. It takes a token of a user.",
        metadata=needs(*_NEEDED),
    )
    async def notifications(self, info: Asked) -> AsyncGenerator[Notification, None]:
        async with aclosing(notifications_live(reader_of(info))) as views:
            async for view in views:
                yield notification(info, view)
