"""Mailings: what is sent, how it is tracked, and what came of it."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.disclosure import mailings as disclosure
from app.disclosure.mailings import MailingView
from app.disclosure.report_links import report_url
from app.domain.modes import Channel, TrackingMode
from graphql_schema.connections import Connection, Edge, total
from graphql_schema.deliveries import DeliveryConnection, page_of_mailing
from graphql_schema.ids import encode_id, number_of
from graphql_schema.lists import MailingList, mailing_list
from graphql_schema.loaders import LinksByMailing, MailingById
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page, beyond
from graphql_schema.reports import Report, report
from graphql_schema.resolving import Asked, given, reader_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected


@strawberry.type(description="What a mailing itself states about tracking; null inherits.")
class MailingTracking:
    """A mailing's own choices."""

    opens: TrackingMode | None = strawberry.field(description="The mode for opens.")
    clicks: TrackingMode | None = strawberry.field(description="The mode for clicks.")
    permission_based: bool | None = strawberry.field(
        description="Whether each person's permission decides, whatever the channel says."
    )


@strawberry.type(description="A target that a mailing links to.")
class Link:
    """One link."""

    url: str = strawberry.field(description="Where the link leads.")


@strawberry.type(
    description="Something that is sent: a campaign, a template, a one-to-one mail, a relay stream."
)
@requires("mailings:read")
class Mailing(Node):
    """One mailing."""

    name: str = strawberry.field(description="What it is called.")
    channel: Channel = strawberry.field(description="The kind of sending.")
    to_list: MailingList | None = strawberry.field(name="list", description="The list that it goes to.")
    tracking: MailingTracking = strawberry.field(description="What it states itself about tracking.")
    protected: bool = strawberry.field(
        description="Whether its tracking is protected, as it is from the first send on."
    )
    view: strawberry.Private[MailingView]

    @strawberry.field(
        description="What came of it, and of how many that is known.", metadata=needs("reports:read")
    )
    async def report(self, info: Asked) -> Report:
        return await report(info, (self.view.id,))

    @strawberry.field(
        description="A page with the report for whoever has its address: read-only, for 30 days at most, and no longer "
        "than the token that asks for it holds. A new one each time. Null for one-to-one mail, whose report is about "
        "single people.",
        metadata=needs("reports:read"),
    )
    def report_url(self, info: Asked) -> str | None:
        return report_url(reader_of(info), self.view)

    @strawberry.field(
        description="The tracked targets, in the order of their first use.", metadata=needs(size=50)
    )
    async def links(self, info: Asked) -> list[Link]:
        found = await info.context.loader(LinksByMailing).load(self.view.id)
        return [Link(url=url) for url in (found or {}).values()]

    @strawberry.field(description="Whom it was sent to, newest first.")
    async def deliveries(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> DeliveryConnection:
        page = asked_page(tuple[str], first, after, last, before)
        return await page_of_mailing(info, self.view.id, page)


@strawberry.type(description="One mailing in a page.")
class MailingEdge(Edge):
    """Edge of `MailingConnection`."""

    node: Mailing = strawberry.field(description="The mailing.")


@strawberry.type(description="A page of mailings, newest first.")
class MailingConnection(Connection):
    """The mailings of an account."""

    edges: list[MailingEdge] = strawberry.field(description="The mailings.")


def mailing(view: MailingView) -> Mailing:
    """A mailing as the schema shows it."""
    stated = view.tracking
    return Mailing(
        id=ID(encode_id("Mailing", view.id)),
        name=view.name,
        channel=view.channel,
        to_list=None if view.list is None else mailing_list(view.list),
        tracking=MailingTracking(
            opens=stated.opens, clicks=stated.clicks, permission_based=stated.permission_based
        ),
        protected=view.protected,
        view=view,
    )


@strawberry.input(description="Which mailings; what is left out or null asks for nothing.")
class MailingFilter:
    """Filter of `mailings`."""

    channel: Channel | None = strawberry.field(default=strawberry.UNSET, description="Of this channel.")
    tracked: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether any delivery went out with opens or clicks tracked in any way.",
    )
    text: str | None = strawberry.field(default=strawberry.UNSET, description="Whose name contains this.")


MailingId = Annotated[ID, strawberry.argument(name="id", description="The mailing's id.")]
Filter = Annotated[MailingFilter | None, strawberry.argument(name="filter", description="Which of them.")]


@strawberry.type
class MailingQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="One mailing; null if there is none of this id.", metadata=needs("mailings:read")
    )
    async def mailing(self, info: Asked, mailing_id: MailingId) -> Mailing | None:
        view = await info.context.loader(MailingById).load(number_of(mailing_id, "Mailing", path=("id",)))
        return None if view is None else mailing(view)

    @strawberry.field(description="The mailings of the account.", metadata=needs("mailings:read"))
    async def mailings(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        wanted: Filter = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> MailingConnection:
        page, reader = asked_page(tuple[int], first, after, last, before), reader_of(info)
        only = _only(given(wanted))
        views = await disclosure.filtered_mailings(reader, only, beyond(page))
        counted = selected(info, "totalCount", "totalCountCapped")
        count = await disclosure.count_filtered_mailings(reader, only) if counted else None
        cut = page.cut(views, key=lambda view: (view.id,))
        edges = [MailingEdge(cursor=cursor, node=mailing(view)) for cursor, view in cut.rows]
        return MailingConnection(edges=edges, page_info=cut.page_info, **total(count))


def _only(wanted: MailingFilter | None) -> disclosure.MailingFilter:
    if wanted is None:
        return disclosure.MailingFilter()
    return disclosure.MailingFilter(given(wanted.channel), given(wanted.text), given(wanted.tracked))
