"""Subscribers: who they are, what they said, what they were sent. What a token may not see reads as anonymised."""

from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from app.disclosure.receipts import receipt_url
from app.disclosure.subscribers import (
    SubscriberPage,
    SubscriberView,
    count_subscribers,
    page_of_subscribers,
    preferences_url,
    subscriber_by_address,
)
from app.domain.engagement import Engagement
from app.domain.errors import InvalidValue
from app.domain.permission import Permission, PermissionSource, Reason
from app.domain.permission import PermissionState as DomainState
from graphql_schema.connections import Connection, Edge, Page, total
from graphql_schema.deliveries import DeliveryConnection, page_of_subscriber
from graphql_schema.figures import Figure, figure
from graphql_schema.identities import FormerSubscriber, former_subscriber
from graphql_schema.ids import encode_id, number_of
from graphql_schema.keys import subscriber_of
from graphql_schema.ledger import PermissionChangeConnection, page_of_lines
from graphql_schema.lists import Membership, membership
from graphql_schema.loaders import (
    EngagementBySubscriber,
    FormersBySubscriber,
    MembershipsBySubscriber,
    OverviewBySubscriber,
    SubscriberById,
)
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page
from graphql_schema.resolving import Asked, given, reader_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected


@strawberry.type(description="What stands on one axis.")
class PermissionState:
    """A permission with its reason."""

    value: Permission = strawberry.field(description="The answer.")
    reason: Reason | None = strawberry.field(description="How a NO or an UNKNOWN came about; null for YES.")
    since: datetime | None = strawberry.field(
        description="Since when: the person's time where it is known; null if nothing ever happened."
    )
    source: PermissionSource | None = strawberry.field(description="Where it came from.")


@strawberry.type(description="What a subscriber said about being tracked; the same on every list.")
class SubscriberPermission:
    """Both axes."""

    opens: PermissionState = strawberry.field(description="About opens.")
    clicks: PermissionState = strawberry.field(description="About clicks.")


@strawberry.type(description="What a subscriber was sent, and did.")
class Overview:
    """Figures of one subscriber."""

    sent: Figure = strawberry.field(description="Deliveries to the subscriber.")
    delivered: Figure = strawberry.field(description="Those that did not bounce.")
    opens: Figure = strawberry.field(description="Opens; 0 and NOT_MEASURED where nobody measured.")
    clicks: Figure = strawberry.field(description="Clicks; 0 and NOT_MEASURED where nobody measured.")


@strawberry.type(description="One e-mail address of the account: a contact, profile or recipient.")
@requires("subscribers:read")
class Subscriber(Node):
    """Its id's key is the subscriber's id in hexadecimal."""

    email: str = strawberry.field(
        description='The address; "Anonymized contact" for tokens without the scope personal:read.'
    )
    attributes: JSON | None = strawberry.field(
        description="Own attributes as an object; null without the scope personal:read."
    )
    created_at: datetime = strawberry.field(description="When the subscriber was first seen.")
    permission: SubscriberPermission = strawberry.field(description="What stands now.")
    key: strawberry.Private[UUID]

    @strawberry.field(description="The lists that the subscriber is or was on.")
    async def memberships(self, info: Asked) -> list[Membership]:
        views = await info.context.loader(MembershipsBySubscriber).load(self.key)
        return [membership(view) for view in views or ()]

    @strawberry.field(description="What the subscriber was sent, and did.")
    async def overview(self, info: Asked) -> Overview:
        view = await info.context.loader(OverviewBySubscriber).one(self.key)
        return Overview(
            sent=figure(view.sent),
            delivered=figure(view.delivered),
            opens=figure(view.opens),
            clicks=figure(view.clicks),
        )

    @strawberry.field(
        description="How lately the subscriber did something; NOT_MEASURED without the scope personal:read, too.",
        metadata=needs(cost=5),
    )
    async def engagement(self, info: Asked) -> Engagement:
        return await info.context.loader(EngagementBySubscriber).one(self.key)

    @strawberry.field(
        description="What the subscriber was sent, newest first.", metadata=needs("mailings:read")
    )
    async def deliveries(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> DeliveryConnection:
        page = asked_page(tuple[int], first, after, last, before)
        return await page_of_subscriber(info, self.key, page)

    @strawberry.field(
        description="Every change of the permission, oldest first. Chains that closed by a merge are in `formerSubscribers`."
    )
    async def permission_history(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> PermissionChangeConnection:
        return await page_of_lines(info, self.key, asked_page(tuple[int], first, after, last, before))

    @strawberry.field(description="Whom this subscriber was merged from, in the order of the merges.")
    async def former_subscribers(self, info: Asked) -> list[FormerSubscriber]:
        views = await info.context.loader(FormersBySubscriber).load(self.key)
        return [former_subscriber(view) for view in views or ()]

    @strawberry.field(
        description=(
            "The person's page in the preference center. Whoever holds it can answer as the person; the ledger then "
            "names the token that asked for this link."
        ),
        metadata=needs("personal:read", "subscribers:write"),
    )
    def preferences_url(self, info: Asked) -> str | None:
        return preferences_url(reader_of(info), self.key)

    @strawberry.field(
        description="The person's receipt as JSON after ISO/IEC TS 27560; the address works for 24 hours.",
        metadata=needs("personal:read"),
    )
    def receipt_url(self, info: Asked) -> str | None:
        return receipt_url(reader_of(info), self.key)


@strawberry.type(description="One subscriber in a page.")
class SubscriberEdge(Edge):
    """Edge of `SubscriberConnection`."""

    node: Subscriber = strawberry.field(description="The subscriber.")


@strawberry.type(description="A page of subscribers.")
class SubscriberConnection(Connection):
    """Subscribers of an account. Cursors hold ids and times, never addresses."""

    edges: list[SubscriberEdge] = strawberry.field(description="The subscribers.")


def subscriber(view: SubscriberView) -> Subscriber:
    """A subscriber as the schema shows it."""
    return Subscriber(
        id=ID(encode_id("Subscriber", view.id.hex)),
        email=view.email,
        attributes=None if view.attributes is None else JSON(view.attributes),
        created_at=view.created_at,
        permission=SubscriberPermission(opens=_state(view.opens), clicks=_state(view.clicks)),
        key=view.id,
    )


def _state(stands: DomainState) -> PermissionState:
    return PermissionState(
        value=stands.value,
        reason=stands.reason,
        since=stands.person_time or stands.server_time,
        source=stands.source,
    )


@strawberry.input(description="Which subscribers; what is left out or null asks for nothing.")
class SubscriberFilter:
    """Filter of `subscribers`."""

    text: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whose address begins with this; needs the scope personal:read.",
    )
    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="Who is SUBSCRIBED to this list."
    )


@strawberry.enum(description="The order of subscribers.")
class SubscriberOrder(Enum):
    """Orders that have an index."""

    EMAIL = strawberry.enum_value("EMAIL", description="By address; needs the scope personal:read.")
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="By creation, oldest first.")


SubscriberId = Annotated[ID | None, strawberry.argument(name="id", description="The subscriber's id.")]
Email = Annotated[str | None, strawberry.argument(description="The address; needs the scope personal:read.")]
Filter = Annotated[SubscriberFilter | None, strawberry.argument(name="filter", description="Which of them.")]
Order = Annotated[
    SubscriberOrder | None, strawberry.argument(description="In which order; CREATED_AT unless told.")
]


@strawberry.type
class SubscriberQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="One subscriber, by id or by address; null if there is none.",
        metadata=needs("subscribers:read"),
    )
    async def subscriber(
        self, info: Asked, subscriber_id: SubscriberId = strawberry.UNSET, email: Email = strawberry.UNSET
    ) -> Subscriber | None:
        view = await _named(info, given(subscriber_id), given(email))
        return None if view is None else subscriber(view)

    @strawberry.field(description="The subscribers of the account.", metadata=needs("subscribers:read"))
    async def subscribers(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        wanted: Filter = strawberry.UNSET,
        order_by: Order = strawberry.UNSET,
    ) -> SubscriberConnection:
        by_email = given(order_by) is SubscriberOrder.EMAIL
        page = asked_page(tuple[UUID] if by_email else tuple[datetime, UUID], first, after)
        return await _page(info, page, given(wanted) or SubscriberFilter(), by_email=by_email)


async def _named(info: Asked, subscriber_id: str | None, email: str | None) -> SubscriberView | None:
    match subscriber_id, email:
        case str(), None:
            return await info.context.loader(SubscriberById).load(subscriber_of(subscriber_id, path=("id",)))
        case None, str():
            return await subscriber_by_address(reader_of(info), email)
        case _:
            raise InvalidValue("Name the subscriber either by id or by email.", path=("id",))


async def _page(info: Asked, page: Page, wanted: SubscriberFilter, *, by_email: bool) -> SubscriberConnection:
    reader, list_id, text = reader_of(info), given(wanted.list_id), given(wanted.text)
    in_list = None if list_id is None else number_of(list_id, "MailingList", path=("filter", "list_id"))
    after = page.keys[0] if by_email and page.keys else page.keys
    views = await page_of_subscribers(reader, SubscriberPage(page.fetch, after, in_list, text, by_email))
    counted = selected(info, "totalCount", "totalCountCapped")
    count = await count_subscribers(reader, in_list, text) if counted else None
    cut = page.cut(views, key=lambda view: (view.id,) if by_email else (view.created_at, view.id))
    edges = [SubscriberEdge(cursor=cursor, node=subscriber(view)) for cursor, view in cut.rows]
    return SubscriberConnection(edges=edges, page_info=cut.page_info, **total(count))
