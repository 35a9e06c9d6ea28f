"""Subscribers: who they are, what they said, what they were sent.

What a token without personal:read sees of them stands in `app/disclosure/subscribers`.
"""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from app.disclosure.receipts import receipt_url
from app.disclosure.subscribers import (
    SubscriberView,
    preferences_url,
)
from app.domain.engagement import Engagement
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, Reason
from app.domain.permission import PermissionState as DomainState
from graphql_schema.columns import in_columns
from graphql_schema.connections import Connection, Edge
from graphql_schema.deliveries import DeliveryConnection, page_of_subscriber, pages_of_subscribers
from graphql_schema.delivery_columns import DELIVERIES, pages_of_deliveries
from graphql_schema.figures import Figure, figure
from graphql_schema.identities import FormerSubscriber, former_subscriber
from graphql_schema.ids import encode_id
from graphql_schema.ledger import PermissionChangeConnection, page_of_lines
from graphql_schema.lists import Membership, membership
from graphql_schema.loaders import (
    EngagementBySubscriber,
    FormersBySubscriber,
    MembershipsBySubscriber,
    OverviewBySubscriber,
)
from graphql_schema.node import ID_DESCRIPTION, Node
from graphql_schema.paging import After, Before, First, Last, asked_page
from graphql_schema.plans import at_once
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import needs, requires


@strawberry.type(description="What stands on one axis.")
class PermissionState:
    """A permission with its reason."""

    view: strawberry.Private[SubscriberView]
    axis: strawberry.Private[Axis]

    @property
    def stands(self) -> DomainState:
        """The whole state; its value alone is cheaper."""
        return self.view.on(self.axis)

    @strawberry.field(description="The answer.")
    def value(self) -> Permission:
        return self.view.value(self.axis)

    @strawberry.field(description="How a NO or an UNKNOWN came about; null for YES.")
    def reason(self) -> Reason | None:
        return self.stands.reason

    @strawberry.field(
        description="Since when: the person's time where it is known; null if nothing ever happened, and without the "
        "scope personal:read."
    )
    def since(self) -> datetime | None:
        stands = self.stands
        return stands.person_time or stands.server_time

    @strawberry.field(description="Where it came from; null without the scope personal:read.")
    def source(self) -> PermissionSource | None:
        return self.stands.source


@strawberry.type(description="What a subscriber said about being tracked; the same on every list.")
class SubscriberPermission:
    """Both axes."""

    view: strawberry.Private[SubscriberView]

    @strawberry.field(description="About opens.")
    def opens(self) -> PermissionState:
        return PermissionState(view=self.view, axis=Axis.OPENS)

    @strawberry.field(description="About clicks.")
    def clicks(self) -> PermissionState:
        return PermissionState(view=self.view, axis=Axis.CLICKS)


@strawberry.type(description="What a subscriber was sent, and did.")
class Overview:
    """Figures of one subscriber."""

    sent: Figure = strawberry.field(
        description="Deliveries to the subscriber; SUPPRESSED without the scope personal:read."
    )
    delivered: Figure = strawberry.field(
        description="Those that did not bounce; SUPPRESSED without the scope personal:read."
    )
    opens: Figure = strawberry.field(description="Opens; 0 and NOT_MEASURED where nobody measured.")
    clicks: Figure = strawberry.field(description="Clicks; 0 and NOT_MEASURED where nobody measured.")


async def _deliveries(
    info: Asked,
    people: "list[Subscriber]",
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
) -> list[DeliveryConnection]:
    page = asked_page(tuple[int], first, after, last, before)
    return await pages_of_subscribers(info, [each.key for each in people], page)


@strawberry.type(description="One e-mail address of the account: a contact, profile or recipient.")
@requires("subscribers:read")
class Subscriber(Node):
    """Its id's key is the subscriber's id in hexadecimal."""

    view: strawberry.Private[SubscriberView]

    @property
    def key(self) -> UUID:
        """The subscriber's id."""
        return self.view.id

    @strawberry.field(description=ID_DESCRIPTION)  # type: ignore[misc]  # It may stand where the interface has a field.
    def id(self) -> ID:
        return ID(encode_id("Subscriber", self.view.id.hex))

    @strawberry.field(
        description='The address; "Anonymized contact" for tokens without the scope personal:read.'
    )
    def email(self) -> str:
        return self.view.email

    @strawberry.field(description="Own attributes as an object; null without the scope personal:read.")
    def attributes(self) -> JSON | None:
        return self.view.attributes  # type: ignore[return-value]  # JSON is any.

    @strawberry.field(description="When the subscriber was first seen.")
    def created_at(self) -> datetime:
        return self.view.created_at

    @strawberry.field(description="What stands now.")
    def permission(self) -> SubscriberPermission:
        return SubscriberPermission(view=self.view)

    @strawberry.field(
        description="The lists that the subscriber is or was on; needs the scope personal:read.",
        metadata=needs("personal:read"),
    )
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
        description="What the subscriber was sent, newest first; needs the scope personal:read.",
        metadata={
            **needs("mailings:read", "personal:read"),
            **at_once(_deliveries),
            **in_columns(DELIVERIES, pages_of_deliveries),
        },
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
        description="Every change of the permission, oldest first; needs the scope personal:read. Chains that closed by a "
        "merge are in `formerSubscribers`.",
        metadata=needs("personal:read"),
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

    @strawberry.field(
        description="Whom this subscriber was merged from, in the order of the merges; needs the scope personal:read.",
        metadata=needs("personal:read"),
    )
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
    return Subscriber(view=view)  # type: ignore[call-arg]  # Its id is computed.
