"""Making and changing mailings, and lifting the protection of those that were sent (domain.md §4)."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.mailing_changes import MailingChange, lift_protection, update_mailing
from app.actions.mailings import NewMailing, create_mailing
from app.disclosure.mailings import consequences
from app.domain.modes import Channel, TrackingMode
from app.domain.precedence import MailingTracking as StatedTracking
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id, number_of
from graphql_schema.loaders import MailingById
from graphql_schema.mailings import Mailing, mailing
from graphql_schema.resolving import Asked, given, reader_of, stated, unit_of
from graphql_schema.scopes import needs
from graphql_schema.settings import Consequence, warning


@strawberry.input(description="A new mailing. What it does not state about tracking itself, it inherits.")
class CreateMailingInput:
    """Input of `createMailing`."""

    name: str = strawberry.field(description="What it is called, 1 to 200 characters.")
    channel: Channel = strawberry.field(description="The kind of sending.")
    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The list that it goes to; without one, unsubscribing leaves all lists.",
    )
    opens: TrackingMode | None = strawberry.field(
        default=strawberry.UNSET, description="Its own mode for opens; null inherits."
    )
    clicks: TrackingMode | None = strawberry.field(
        default=strawberry.UNSET, description="Its own mode for clicks; null inherits."
    )
    permission_based: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether each person's permission decides; null inherits."
    )


@strawberry.type(description="The answer of createMailing.")
class CreateMailingPayload:
    """Payload of `createMailing`."""

    mailing: Mailing | None = strawberry.field(
        default=None, description="The new mailing; selecting it needs the scope mailings:read."
    )
    mailing_id: ID | None = strawberry.field(
        default=None, description="The new mailing's id, for callers that may send and not read."
    )
    warnings: list[Consequence] = strawberry.field(
        default_factory=list, description="What it means for people who never answered."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


@strawberry.input(description="What changes of a mailing; what is left out stays.")
class UpdateMailingInput:
    """Input of `updateMailing`."""

    id: ID = strawberry.field(description="The mailing.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is called, 1 to 200 characters."
    )
    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="The list that it goes to; null is none."
    )
    opens: TrackingMode | None = strawberry.field(
        default=strawberry.UNSET, description="Its own mode for opens; null inherits."
    )
    clicks: TrackingMode | None = strawberry.field(
        default=strawberry.UNSET, description="Its own mode for clicks; null inherits."
    )
    permission_based: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether each person's permission decides; null inherits."
    )


@strawberry.type(description="The answer of updateMailing.")
class UpdateMailingPayload:
    """Payload of `updateMailing`."""

    mailing: Mailing | None = strawberry.field(
        default=None, description="The mailing; selecting it needs the scope mailings:read."
    )
    warnings: list[Consequence] = strawberry.field(
        default_factory=list, description="What its tracking means for people who never answered."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


@strawberry.input(description="A mailing that was sent.")
class LiftProtectionInput:
    """Input of `liftProtection`."""

    id: ID = strawberry.field(description="The mailing.")


@strawberry.type(description="The answer of liftProtection.")
class LiftProtectionPayload:
    """Payload of `liftProtection`."""

    mailing: Mailing | None = strawberry.field(
        default=None, description="The mailing; selecting it needs the scope mailings:read."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it stays protected.")


CreateMailing = Annotated[
    CreateMailingInput, strawberry.argument(name="input", description="The new mailing.")
]
UpdateMailing = Annotated[UpdateMailingInput, strawberry.argument(name="input", description="What changes.")]
LiftProtection = Annotated[LiftProtectionInput, strawberry.argument(name="input", description="Which one.")]

_TRACKING = frozenset({"opens", "clicks", "permission_based"})


@strawberry.type
class MailingMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(description="Makes a mailing.", metadata=needs("mailings:write"))
    async def create_mailing(self, info: Asked, wanted: CreateMailing) -> CreateMailingPayload:
        return await attempt(CreateMailingPayload, _create(info, wanted))

    @strawberry.mutation(
        description="Changes what is named. Once a mailing was sent, its tracking changes after liftProtection only.",
        metadata=needs("mailings:write"),
    )
    async def update_mailing(self, info: Asked, wanted: UpdateMailing) -> UpdateMailingPayload:
        return await attempt(UpdateMailingPayload, _update(info, wanted))

    @strawberry.mutation(
        description="Lets the tracking of a mailing be changed that was sent; the next send protects it again. "
        "Not while a call that prepares its messages is under way.",
        metadata=needs("mailings:write"),
    )
    async def lift_protection(self, info: Asked, wanted: LiftProtection) -> LiftProtectionPayload:
        return await attempt(LiftProtectionPayload, _lift(info, wanted))


async def _create(info: Asked, wanted: CreateMailingInput) -> CreateMailingPayload:
    stated_tracking = StatedTracking(
        given(wanted.opens), given(wanted.clicks), given(wanted.permission_based)
    )
    new = NewMailing(wanted.name, wanted.channel, _list(given(wanted.list_id)), stated_tracking)
    async with unit_of(info) as work:
        made = await create_mailing(work, new)
    view = await info.context.loader(MailingById).one(made)
    return CreateMailingPayload(
        mailing=mailing(view),
        mailing_id=ID(encode_id("Mailing", made)),
        warnings=await _warnings(info, made),
    )


async def _update(info: Asked, wanted: UpdateMailingInput) -> UpdateMailingPayload:
    changes = stated(wanted, nullable={"list_id", *_TRACKING}, skip={"id"})
    tracking = {name: value for name, value in changes.items() if name in _TRACKING}
    more = {name: value for name, value in changes.items() if name not in _TRACKING}
    if "list_id" in more:
        more["list_id"] = _list(more["list_id"])
    changed = number_of(wanted.id, "Mailing", path=("id",))
    async with unit_of(info) as work:
        await update_mailing(work, MailingChange(changed, tracking, more))
    view = await info.context.loader(MailingById).one(changed)
    return UpdateMailingPayload(mailing=mailing(view), warnings=await _warnings(info, changed))


async def _lift(info: Asked, wanted: LiftProtectionInput) -> LiftProtectionPayload:
    lifted = number_of(wanted.id, "Mailing", path=("id",))
    async with unit_of(info) as work:
        await lift_protection(work, lifted)
    return LiftProtectionPayload(mailing=mailing(await info.context.loader(MailingById).one(lifted)))


def _list(named: str | None) -> int | None:
    return None if named is None else number_of(named, "MailingList", path=("list_id",))


async def _warnings(info: Asked, mailing_id: int) -> list[Consequence]:
    return [warning(each) for each in await consequences(reader_of(info), [mailing_id])]
