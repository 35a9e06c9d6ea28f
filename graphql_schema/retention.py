"""How long each kind of data is kept (domain.md §4, §8); what is older is purged once a day, and totals stay."""

from typing import Annotated

import strawberry

from app.actions.retention import set_retention
from app.disclosure.settings import settings
from app.domain.errors import InvalidValue
from app.domain.retention import DataKind, kept_days
from graphql_schema.errors import UserError, attempt, user_errors
from graphql_schema.resolving import Asked, reader_of, unit_of
from graphql_schema.scopes import needs

_DAYS = "For how many days it is kept; null is for ever."


@strawberry.type(description="How long one kind of data is kept.")
class Retention:
    """One line of the table."""

    kind: DataKind = strawberry.field(description="The kind of data.")
    days: int | None = strawberry.field(description=_DAYS)


@strawberry.input(description="What is kept for how long from now on.")
class SetRetentionInput:
    """Input of `setRetention`."""

    kind: DataKind = strawberry.field(description="The kind of data.")
    days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="For how many days it is kept; null goes back to what holds unless it is set.",
    )


@strawberry.type(description="The answer of setRetention.")
class SetRetentionPayload:
    """Payload of `setRetention`."""

    retention: list[Retention] = strawberry.field(
        default_factory=list,
        description="How long each kind is kept now; selecting it needs the scope settings:read.",
        metadata=needs("settings:read", size=len(DataKind)),
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


Wanted = Annotated[
    SetRetentionInput, strawberry.argument(name="input", description="What is kept for how long.")
]


@strawberry.type
class RetentionQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="How long each kind of data is kept.", metadata=needs("settings:read", size=len(DataKind))
    )
    async def retention(self, info: Asked) -> list[Retention]:
        return await _retention(info)


@strawberry.type
class RetentionMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Sets how long a kind of data is kept. What is older is deleted within a day, for good.",
        metadata=needs("settings:write"),
    )
    async def set_retention(self, info: Asked, wanted: Wanted) -> SetRetentionPayload:
        return await attempt(SetRetentionPayload, _set(info, wanted))


async def _set(info: Asked, wanted: SetRetentionInput) -> SetRetentionPayload:
    if wanted.days is strawberry.UNSET:
        raise InvalidValue("Say for how many days, or null.", path=("days",))
    async with unit_of(info) as work:
        problems = await set_retention(work, wanted.kind, wanted.days)
    if problems:
        return SetRetentionPayload(errors=user_errors(*problems))
    return SetRetentionPayload(retention=await _retention(info))


async def _retention(info: Asked) -> list[Retention]:
    chosen = (await settings(reader_of(info))).settings.retention_days
    return [Retention(kind=kind, days=kept_days(chosen, kind)) for kind in DataKind]
