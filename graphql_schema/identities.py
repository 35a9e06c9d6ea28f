"""Who a subscriber was before: identities that merged, each with its closed chain of the ledger."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID

from app.disclosure.identities import FormerView
from graphql_schema.ids import encode_id
from graphql_schema.ledger import PermissionChangeConnection, page_of_lines
from graphql_schema.paging import After, Before, First, Last, asked_page
from graphql_schema.resolving import Asked


@strawberry.type(description="Somebody who became part of this subscriber by a change of address.")
class FormerSubscriber:
    """Not a node: asking for its id finds the subscriber whom it became."""

    subscriber_id: ID = strawberry.field(
        description="The id that the subscriber had. Asking for it finds whom they became."
    )
    merged_at: datetime = strawberry.field(description="When the two merged.")
    head: str = strawberry.field(description="The seal of the last line of the chain that closed then.")
    length: int = strawberry.field(description="How many lines that chain has.")
    key: strawberry.Private[UUID]

    @strawberry.field(
        description="The chain that closed, oldest line first; its MERGE lines name the head of the one that goes on."
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


def former_subscriber(view: FormerView) -> FormerSubscriber:
    """A former identity as the schema shows it."""
    return FormerSubscriber(
        subscriber_id=ID(encode_id("Subscriber", view.id.hex)),
        merged_at=view.merged_at,
        head=view.head,
        length=view.length,
        key=view.id,
    )
