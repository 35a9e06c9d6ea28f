"""What callers may change of who somebody is: the address, and an answer that should never have counted."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.change_email import change_subscriber_email
from app.actions.reset import reset_permission
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import number_of
from graphql_schema.keys import subscriber_of
from graphql_schema.loaders import SubscriberById
from graphql_schema.resolving import Asked, given, unit_of
from graphql_schema.scopes import needs
from graphql_schema.subscribers import Subscriber, subscriber

_REFUSED = "Why nothing was changed."


@strawberry.input(description="Another address for a subscriber.")
class ChangeSubscriberEmailInput:
    """Input of `changeSubscriberEmail`."""

    subscriber_id: ID = strawberry.field(description="The subscriber, by an id that they have or had.")
    email: str = strawberry.field(description="The new address. If somebody has it, the two merge.")
    lists: list[ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Move only the memberships of these lists, to whoever has the new address; all if left out.",
    )


@strawberry.type(description="The answer of changeSubscriberEmail.")
class ChangeSubscriberEmailPayload:
    """Payload of `changeSubscriberEmail`."""

    subscriber: Subscriber | None = strawberry.field(
        default=None,
        description="Who has the new address now; selecting it needs the scope subscribers:read.",
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_REFUSED)


@strawberry.input(description="An answer that should never have counted.")
class ResetPermissionInput:
    """Input of `resetPermission`."""

    subscriber_id: ID = strawberry.field(description="The subscriber.")
    reason: str = strawberry.field(description="Why, in 1 to 500 characters. The ledger keeps it.")


@strawberry.type(description="The answer of resetPermission.")
class ResetPermissionPayload:
    """Payload of `resetPermission`."""

    subscriber: Subscriber | None = strawberry.field(
        default=None, description="The subscriber; selecting it needs the scope subscribers:read."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_REFUSED)


ChangeEmail = Annotated[
    ChangeSubscriberEmailInput,
    strawberry.argument(name="input", description="Whose address, and the new one."),
]
Reset = Annotated[
    ResetPermissionInput, strawberry.argument(name="input", description="Whose permission, and why.")
]


@strawberry.type
class IdentityMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description=(
            "Changes a subscriber's address, for all lists or for some. Where somebody has it, a NO of either stands, "
            "then a YES of either. A NO stays on the address that is left, too. It says whose the address is, so it needs "
            "the scope personal:read."
        ),
        metadata=needs("subscribers:write", "personal:read", each="lists"),
    )
    async def change_subscriber_email(self, info: Asked, wanted: ChangeEmail) -> ChangeSubscriberEmailPayload:
        return await attempt(ChangeSubscriberEmailPayload, _change(info, wanted))

    @strawberry.mutation(
        description="Makes both answers UNKNOWN. It never lifts a NO that the person gave us.",
        metadata=needs("subscribers:write"),
    )
    async def reset_permission(self, info: Asked, wanted: Reset) -> ResetPermissionPayload:
        return await attempt(ResetPermissionPayload, _reset(info, wanted))


async def _change(info: Asked, wanted: ChangeSubscriberEmailInput) -> ChangeSubscriberEmailPayload:
    subscriber_id = subscriber_of(wanted.subscriber_id, path=("subscriber_id",))
    named = given(wanted.lists)
    list_ids = (
        None
        if named is None
        else [number_of(each, "MailingList", path=("lists", place)) for place, each in enumerate(named)]
    )
    async with unit_of(info) as work:
        changed = await change_subscriber_email(work, subscriber_id, wanted.email, list_ids)
    return ChangeSubscriberEmailPayload(
        subscriber=subscriber(await info.context.loader(SubscriberById).one(changed))
    )


async def _reset(info: Asked, wanted: ResetPermissionInput) -> ResetPermissionPayload:
    subscriber_id = subscriber_of(wanted.subscriber_id, path=("subscriber_id",))
    async with unit_of(info) as work:
        changed = await reset_permission(work, subscriber_id, wanted.reason)
    return ResetPermissionPayload(
        subscriber=subscriber(await info.context.loader(SubscriberById).one(changed))
    )
