"""Erasing a person (GDPR 17) on behalf of the account."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.erase import erase
from graphql_schema.errors import UserError, attempt
from graphql_schema.keys import subscriber_of
from graphql_schema.resolving import Asked, unit_of
from graphql_schema.scopes import needs


@strawberry.input(description="Who is erased.")
class EraseSubscriberInput:
    """Input of `eraseSubscriber`."""

    subscriber_id: ID = strawberry.field(description="The subscriber.")


@strawberry.type(description="The answer of eraseSubscriber.")
class EraseSubscriberPayload:
    """Payload of `eraseSubscriber`."""

    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nobody was erased.")


Erased = Annotated[EraseSubscriberInput, strawberry.argument(name="input", description="Who is erased.")]


@strawberry.type
class ErasureMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description=(
            "Erases a person: subscriber, memberships, events and the texts of the ledger go, counts stay. Later "
            "writes to the address answer ERASED_EARLIER; only the person's own confirmed sign-up brings them back."
        ),
        metadata=needs("subscribers:write"),
    )
    async def erase_subscriber(self, info: Asked, wanted: Erased) -> EraseSubscriberPayload:
        return await attempt(EraseSubscriberPayload, _erase(info, wanted))


async def _erase(info: Asked, wanted: EraseSubscriberInput) -> EraseSubscriberPayload:
    subscriber_id = subscriber_of(wanted.subscriber_id, path=("subscriber_id",))
    async with unit_of(info) as work:
        await erase(work, subscriber_id)
    return EraseSubscriberPayload()
