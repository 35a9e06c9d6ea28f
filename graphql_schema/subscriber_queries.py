"""Finding subscribers: one by id or address, and pages of them."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import ID

from app.disclosure.columns import subscriber_columns
from app.disclosure.reader import Reader
from app.disclosure.subscribers import (
    SubscriberPage,
    SubscriberView,
    count_subscribers,
    page_of_subscribers,
    subscriber_by_address,
)
from app.domain.errors import InvalidValue, NotFound
from graphql_schema.columns import Pages, in_columns
from graphql_schema.connections import BROKEN_CURSOR, Page, total
from graphql_schema.errors import Code, refusal
from graphql_schema.ids import number_of
from graphql_schema.keys import subscriber_of
from graphql_schema.loaders import SubscriberById
from graphql_schema.paging import After, Before, First, Last, asked_page
from graphql_schema.resolving import Asked, given, reader_of
from graphql_schema.scopes import needs
from graphql_schema.selection import selected
from graphql_schema.subscriber_columns import SUBSCRIBERS, page_in_columns
from graphql_schema.subscribers import Subscriber, SubscriberConnection, SubscriberEdge, subscriber
from graphql_schema.urls import PERSONAL_INPUT


@strawberry.input(description="Which subscribers; what is left out or null asks for nothing.")
class SubscriberFilter:
    """Filter of `subscribers`."""

    text: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whose address begins with this; needs the scope personal:read.",
        metadata=PERSONAL_INPUT,
    )
    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Who is SUBSCRIBED to this list; needs the scope personal:read. How many are, segmentPreview says.",
    )


@strawberry.enum(description="The order of subscribers.")
class SubscriberOrder(Enum):
    """Orders that have an index."""

    EMAIL = strawberry.enum_value("EMAIL", description="By address; needs the scope personal:read.")
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="By creation, oldest first.")


SubscriberId = Annotated[ID | None, strawberry.argument(name="id", description="The subscriber's id.")]
Email = Annotated[
    str | None,
    strawberry.argument(description="The address; needs the scope personal:read.", metadata=PERSONAL_INPUT),
]
Filter = Annotated[SubscriberFilter | None, strawberry.argument(name="filter", description="Which of them.")]
Order = Annotated[
    SubscriberOrder | None, strawberry.argument(description="In which order; CREATED_AT unless told.")
]


async def _in_columns(
    info: Asked,
    _sources: Any,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
    wanted: SubscriberFilter | None = strawberry.UNSET,
    order_by: SubscriberOrder | None = strawberry.UNSET,
) -> Pages | None:
    """The field `subscribers` by columns, where it is in the order of creation."""
    if given(order_by) is SubscriberOrder.EMAIL:
        return None
    page = asked_page(tuple[datetime, UUID], first, after, last, before)
    asked = _asked(info, page, given(wanted) or SubscriberFilter(), by_email=False, whole=False)
    found = await subscriber_columns(reader_of(info), asked)
    return None if found is None else page_in_columns(page, found, await _count(info, asked))


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

    @strawberry.field(
        description="The subscribers of the account.",
        metadata={**needs("subscribers:read"), **in_columns(SUBSCRIBERS, _in_columns)},
    )
    async def subscribers(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        wanted: Filter = strawberry.UNSET,
        order_by: Order = strawberry.UNSET,
    ) -> SubscriberConnection:
        by_email = given(order_by) is SubscriberOrder.EMAIL
        page = asked_page(tuple[str] if by_email else tuple[datetime, UUID], first, after, last, before)
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
    asked = _asked(info, page, wanted, by_email=by_email, whole=_asks_for_all(info))
    views = await page_of_subscribers(reader_of(info), asked)
    count = await _count(info, asked)
    cut = page.cut(views, key=_address_key(reader_of(info)) if by_email else _creation_key)
    edges = [SubscriberEdge(cursor=cursor, node=subscriber(view)) for cursor, view in cut.rows]
    return SubscriberConnection(edges=edges, page_info=cut.page_info, **total(count))


def _creation_key(view: SubscriberView) -> tuple[Any, ...]:
    return view.created_at, view.id


def _address_key(reader: Reader) -> Callable[[SubscriberView], tuple[Any, ...]]:
    ids = reader.ids
    return lambda view: (ids.address_place(view.email, view.id),)


def _asked(
    info: Asked, page: Page, wanted: SubscriberFilter, *, by_email: bool, whole: bool
) -> SubscriberPage:
    list_id = given(wanted.list_id)
    in_list = None if list_id is None else number_of(list_id, "MailingList", path=("filter", "list_id"))
    after: Any = _address_place(reader_of(info), page.keys) if by_email else page.keys
    return SubscriberPage(page.fetch, after, in_list, given(wanted.text), by_email, page.backward, whole)


def _address_place(reader: Reader, keys: tuple[Any, ...] | None) -> tuple[str, UUID] | None:
    if keys is None:
        return None
    try:
        return reader.ids.address_place_key(keys[0])
    except NotFound:
        raise refusal(Code.BAD_USER_INPUT, BROKEN_CURSOR) from None


async def _count(info: Asked, asked: SubscriberPage) -> int | None:
    counted = selected(info, "totalCount", "totalCountCapped")
    return await count_subscribers(reader_of(info), asked.list_id, asked.text) if counted else None


def _asks_for_all(info: Asked) -> bool:
    """Whether a page of subscribers is asked for more than the few columns that most callers want."""
    axes = (("edges", "node", "permission", axis) for axis in ("opens", "clicks"))
    return selected(info, "attributes", below=("edges", "node")) or any(
        selected(info, "reason", "since", "source", below=axis) for axis in axes
    )
