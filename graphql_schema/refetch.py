"""`node` and `nodes`: anything again by its id, for those who may read its type.

An id that is none, one of another account, and one of a type that the token may not read are all the same: null.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from strawberry import ID

from app.domain.errors import NotFound
from graphql_schema.accounts import Account, User, own_account, user
from graphql_schema.deliveries import Delivery, delivery
from graphql_schema.exports import Export, export
from graphql_schema.forms import Form, form
from graphql_schema.ids import number_of, parse_id
from graphql_schema.jobs import Job, job
from graphql_schema.keys import subscriber_key
from graphql_schema.ledger import PermissionChangeLine, line
from graphql_schema.lists import MailingList, mailing_list
from graphql_schema.loaders import (
    DeliveryByKey,
    ExportById,
    FormById,
    JobById,
    LineByKey,
    ListById,
    MailingById,
    NotificationByKey,
    SegmentById,
    SubscriberById,
    TokenById,
    UserById,
    WordingById,
)
from graphql_schema.mailings import Mailing, mailing
from graphql_schema.node import Node
from graphql_schema.notifications import Notification, notification
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import PUBLIC, may_read
from graphql_schema.segments import Segment, segment
from graphql_schema.subscribers import Subscriber, subscriber
from graphql_schema.tokens import Token, token
from graphql_schema.wordings import Wording, wording

Fetch = Callable[[Asked, str], Awaitable[Node | None]]
"""Answers the thing of a type that a global id names, or None."""


async def _account(info: Asked, value: str) -> Node | None:
    return (
        await own_account(info) if number_of(value, "Account") == info.context.principal.account_id else None
    )


async def _list(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(ListById).load(number_of(value, "MailingList"))
    return None if view is None else mailing_list(view)


async def _mailing(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(MailingById).load(number_of(value, "Mailing"))
    return None if view is None else mailing(view)


async def _form(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(FormById).load(number_of(value, "Form"))
    return None if view is None else form(view)


async def _wording(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(WordingById).load(number_of(value, "Wording"))
    return None if view is None else wording(view)


async def _segment(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(SegmentById).load(number_of(value, "Segment"))
    return None if view is None else segment(view)


async def _job(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(JobById).load(number_of(value, "Job"))
    return None if view is None else job(view)


async def _export(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(ExportById).load(number_of(value, "Export"))
    return None if view is None else export(view)


async def _token(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(TokenById).load(number_of(value, "Token"))
    return None if view is None else token(view)


async def _user(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(UserById).load(number_of(value, "User"))
    return None if view is None else user(view)


async def _subscriber(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(SubscriberById).load(subscriber_key(parse_id(value).key))
    return None if view is None else subscriber(view)


async def _delivery(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(DeliveryByKey).load(reader_of(info).ids.delivery_key(value))
    return None if view is None else delivery(view)


async def _line(info: Asked, value: str) -> Node | None:
    view = await info.context.loader(LineByKey).load(reader_of(info).ids.line_key(value))
    return None if view is None else line(info, view)


async def _notification(info: Asked, value: str) -> Node | None:
    key = reader_of(info).ids.notification_key(value)
    view = await info.context.loader(NotificationByKey).load(key)
    return None if view is None else notification(info, view)


NODES: dict[str, tuple[type[Node], Fetch]] = {
    "Account": (Account, _account),
    "Delivery": (Delivery, _delivery),
    "Export": (Export, _export),
    "Form": (Form, _form),
    "Job": (Job, _job),
    "Mailing": (Mailing, _mailing),
    "MailingList": (MailingList, _list),
    "Notification": (Notification, _notification),
    "PermissionChangeLine": (PermissionChangeLine, _line),
    "Segment": (Segment, _segment),
    "Subscriber": (Subscriber, _subscriber),
    "Token": (Token, _token),
    "User": (User, _user),
    "Wording": (Wording, _wording),
}
"""Every type with a global id, and how it is found."""

NodeId = Annotated[ID, strawberry.argument(name="id", description="The global id.")]
NodeIds = Annotated[list[ID], strawberry.argument(description="Global ids, at most 1,000.")]


@strawberry.type
class NodeQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="Anything by its id; null if there is none that the token may read.", metadata=PUBLIC
    )
    async def node(self, info: Asked, node_id: NodeId) -> Node | None:
        return await _node(info, node_id)

    @strawberry.field(description="The same for several ids, in their order.", metadata=PUBLIC)
    async def nodes(self, info: Asked, ids: NodeIds) -> list[Node | None]:
        return list(await gather(*(_node(info, each) for each in ids)))


async def _node(info: Asked, value: str) -> Node | None:
    try:
        kind, fetch = NODES[parse_id(value).kind]
        readable = may_read(info.context.principal.scopes, kind)
        return await fetch(info, value) if readable else None
    except (NotFound, KeyError):
        return None
