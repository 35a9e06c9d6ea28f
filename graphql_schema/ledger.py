"""The ledger of permissions: every answer as a line that nobody can change later (domain.md §3)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID

from app.disclosure.ledger import LineView
from app.disclosure.ledger_feed import (
    FeedPlace,
    changes_after,
    changes_before,
    changes_live,
    count_changes,
)
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource
from graphql_schema.connections import Connection, Edge, Page, encode_cursor, total
from graphql_schema.ids import encode_id
from graphql_schema.loaders import LineCountBySubscriber, LinesBySubscriber
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page, stretch
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected


@strawberry.type(description="One change of one permission, chained by its hash to the change before it.")
@requires("subscribers:read", "personal:read")
class PermissionChangeLine(Node):
    """Its id's key is sealed (`app/disclosure/personal_ids`)."""

    subscriber_id: ID = strawberry.field(
        description="Whose line it is; a chain that a merge closed keeps the id that it had."
    )
    number: int = strawberry.field(description="Counts the subscriber's lines from 1, without a gap.")
    axis: Axis = strawberry.field(description="What the answer is about.")
    from_: Permission = strawberry.field(name="from", description="What stood before.")
    to: Permission = strawberry.field(description="What stands since then.")
    person_time: datetime | None = strawberry.field(
        description="When the person answered, where that is known."
    )
    server_time: datetime = strawberry.field(description="When the line was written.")
    source: PermissionSource = strawberry.field(description="Where the answer came from.")
    actor: str | None = strawberry.field(description="Who wrote the line; null after an erasure.")
    wording_id: ID | None = strawberry.field(description="The exact wording that the person was shown.")
    merged_head: str | None = strawberry.field(
        description="In a MERGE line, the seal of the last line of the chain that the answer came from or went to."
    )
    hash: str = strawberry.field(description="The seal of this line, in hexadecimal.")
    previous_hash: str | None = strawberry.field(
        description="The seal of the line before; null in the first."
    )
    feed_cursor: str = strawberry.field(
        description="Where the line stands in permissionChanges, for `after` of the query and of the subscription."
    )


@strawberry.type(description="One line in a page.")
class PermissionChangeEdge(Edge):
    """Edge of `PermissionChangeConnection`."""

    node: PermissionChangeLine = strawberry.field(description="The line.")


@strawberry.type(description="A page of a ledger, oldest line first.")
class PermissionChangeConnection(Connection):
    """Lines of one subscriber."""

    edges: list[PermissionChangeEdge] = strawberry.field(description="The lines.")


def line(info: Asked, view: LineView) -> PermissionChangeLine:
    """A line as the schema shows it."""
    return PermissionChangeLine(
        id=ID(reader_of(info).ids.line(view.subscriber_id, view.number)),
        subscriber_id=ID(encode_id("Subscriber", view.subscriber_id.hex)),
        number=view.number,
        axis=view.axis,
        from_=view.from_value,
        to=view.to_value,
        person_time=view.person_time,
        server_time=view.server_time,
        source=view.source,
        actor=view.actor,
        wording_id=None if view.wording_id is None else ID(encode_id("Wording", view.wording_id)),
        merged_head=view.merged_head,
        hash=view.hash,
        previous_hash=view.previous_hash,
        feed_cursor=encode_cursor((view.server_time, view.subscriber_id, view.number)),
    )


@strawberry.type
class LedgerQueries:
    """Part of `Query`."""

    @strawberry.field(
        description=(
            "Every change of a permission in the account, oldest first, for systems that keep in step: go on after the "
            "last cursor that you have seen, and you miss none and get none twice. A change is there some seconds after "
            "it was made, when no older one can turn up any more. It needs the scope personal:read."
        ),
        metadata=needs("subscribers:read", "personal:read"),
    )
    async def permission_changes(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> PermissionChangeConnection:
        page = asked_page(tuple[datetime, UUID, int], first, after, last, before)
        place = None if page.keys is None else FeedPlace(*page.keys)
        read = changes_before if page.backward else changes_after
        rows = await read(reader_of(info), place, page.fetch)
        cut = page.cut(rows, key=lambda each: (each.server_time, each.subscriber_id, each.number))
        counted = selected(info, "totalCount", "totalCountCapped")
        count = await count_changes(reader_of(info)) if counted else None
        edges = [PermissionChangeEdge(cursor=cursor, node=line(info, view)) for cursor, view in cut.rows]
        return PermissionChangeConnection(edges=edges, page_info=cut.page_info, **total(count))


FeedAfter = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor of the query permissionChanges, or the feedCursor of a line: what came behind it comes first."
    ),
]


@strawberry.type
class LedgerSubscriptions:
    """Part of `Subscription`."""

    @strawberry.subscription(
        description=(
            "Every change of a permission in the account as it comes into the query permissionChanges, in the same order, "
            "each once; from now on, or from where you stopped. It needs the scope personal:read."
        ),
        metadata=needs("subscribers:read", "personal:read"),
    )
    async def permission_changes(
        self, info: Asked, after: FeedAfter = strawberry.UNSET
    ) -> AsyncGenerator[PermissionChangeLine, None]:
        keys = asked_page(tuple[datetime, UUID, int], None, after).keys
        place = None if keys is None else FeedPlace(*keys)
        async with aclosing(changes_live(reader_of(info), place)) as views:
            async for view in views:
                yield line(info, view)


async def page_of_lines(info: Asked, subscriber_id: UUID, page: Page) -> PermissionChangeConnection:
    """A page of one subscriber's ledger."""
    lines = await info.context.loader(LinesBySubscriber).load((subscriber_id, stretch(page)))
    cut = page.cut(lines or [], key=lambda each: (each.number,))
    counted = selected(info, "totalCount", "totalCountCapped")
    count = await info.context.loader(LineCountBySubscriber).load(subscriber_id) if counted else None
    edges = [PermissionChangeEdge(cursor=cursor, node=line(info, view)) for cursor, view in cut.rows]
    return PermissionChangeConnection(edges=edges, page_info=cut.page_info, **total(count))
