"""Mailing lists, and the places of subscribers on them."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.lists import create_list
from app.disclosure.lists import ListView, MembershipView, count_lists, page_of_lists
from app.domain.modes import MembershipStatus
from graphql_schema.connections import Connection, Edge, total
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id
from graphql_schema.loaders import ListById
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page, bounds
from graphql_schema.resolving import Asked, reader_of, unit_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected


@strawberry.type(description="A mailing list.")
@requires("subscribers:read")
class MailingList(Node):
    """Something that people subscribe to."""

    name: str = strawberry.field(description="What the list is called.")


@strawberry.type(description="A subscriber's place on a list.")
class Membership:
    """Permission is not here: it is the subscriber's, and the same on every list."""

    list: MailingList = strawberry.field(description="The list.")
    status: MembershipStatus = strawberry.field(description="The place on it.")


@strawberry.type(description="One list in a page.")
class MailingListEdge(Edge):
    """Edge of `MailingListConnection`."""

    node: MailingList = strawberry.field(description="The list.")


@strawberry.type(description="A page of mailing lists, oldest first.")
class MailingListConnection(Connection):
    """The lists of an account."""

    edges: list[MailingListEdge] = strawberry.field(description="The lists.")


def mailing_list(view: ListView) -> MailingList:
    """A list as the schema shows it."""
    return MailingList(id=ID(encode_id("MailingList", view.id)), name=view.name)


def membership(view: MembershipView) -> Membership:
    """A membership as the schema shows it."""
    return Membership(list=mailing_list(view.list), status=view.status)


@strawberry.type
class ListQueries:
    """Part of `Query`."""

    @strawberry.field(description="The mailing lists of the account.", metadata=needs("subscribers:read"))
    async def lists(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> MailingListConnection:
        page = asked_page(tuple[int], first, after, last, before)
        rows = await page_of_lists(reader_of(info), **bounds(page))
        counted = selected(info, "totalCount", "totalCountCapped")
        count = await count_lists(reader_of(info)) if counted else None
        cut = page.cut(rows, key=lambda row: (row.id,))
        edges = [MailingListEdge(cursor=cursor, node=mailing_list(view)) for cursor, view in cut.rows]
        return MailingListConnection(edges=edges, page_info=cut.page_info, **total(count))


@strawberry.input(description="A new mailing list.")
class CreateListInput:
    """Input of `createList`."""

    name: str = strawberry.field(description="What the list is called, 1 to 200 characters.")


@strawberry.type(description="The answer of createList.")
class CreateListPayload:
    """Payload of `createList`."""

    made: MailingList | None = strawberry.field(
        name="list", default=None, description="The new list; selecting it needs the scope subscribers:read."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


CreateList = Annotated[CreateListInput, strawberry.argument(name="input", description="The new list.")]


@strawberry.type
class ListMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(description="Makes a mailing list.", metadata=needs("subscribers:write"))
    async def create_list(self, info: Asked, wanted: CreateList) -> CreateListPayload:
        return await attempt(CreateListPayload, _create(info, wanted))


async def _create(info: Asked, wanted: CreateListInput) -> CreateListPayload:
    async with unit_of(info) as work:
        list_id = await create_list(work, wanted.name)
    view = await info.context.loader(ListById).one(list_id)
    return CreateListPayload(made=mailing_list(view))
