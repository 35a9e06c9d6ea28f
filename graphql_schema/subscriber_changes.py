"""What callers may change of subscribers. Whoever may not see addresses learns nothing by writing to one."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from app.actions.answers import Asked as AskedChange
from app.actions.subscribers import Profile, set_permission, upsert_subscriber
from app.domain.permission import Evidence, PermissionChange, PermissionSource
from graphql_schema.errors import UserError, attempt, user_errors
from graphql_schema.ids import number_of
from graphql_schema.keys import subscriber_of
from graphql_schema.loaders import SubscriberById
from graphql_schema.resolving import Asked, as_object, given, not_null, reader_of, unit_of
from graphql_schema.scopes import needs
from graphql_schema.selection import selected
from graphql_schema.subscribers import Subscriber, subscriber

_ANSWER = "The answer on both axes; left out it is UNCHANGED, null is an error."
_OPENS = "The answer about opens; wins over `permission`."
_CLICKS = "The answer about clicks; wins over `permission`."
_SOURCE = "Where the person answered: API, FORM or IMPORT. A YES needs it."
_AT = "When the person answered. A YES needs it."
_WORDING = "The exact wording that the person was shown."
_SHOWN = (
    "The subscriber; selecting it needs the scope subscribers:read. It is null where the address named it and the "
    "token lacks personal:read, since that would be a look-up by address."
)


@strawberry.input(description="What is said about one address.")
class UpsertSubscriberInput:
    """Input of `upsertSubscriber`."""

    email: str = strawberry.field(description="The address; whoever is not there yet is made.")
    attributes: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description="An object of own attributes; those it names are set, others stay.",
    )
    lists: list[ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Lists to be SUBSCRIBED to; other memberships stay."
    )
    permission: PermissionChange | None = strawberry.field(default=strawberry.UNSET, description=_ANSWER)
    opens: PermissionChange | None = strawberry.field(default=strawberry.UNSET, description=_OPENS)
    clicks: PermissionChange | None = strawberry.field(default=strawberry.UNSET, description=_CLICKS)
    source: PermissionSource | None = strawberry.field(default=strawberry.UNSET, description=_SOURCE)
    at: datetime | None = strawberry.field(default=strawberry.UNSET, description=_AT)
    wording_id: ID | None = strawberry.field(default=strawberry.UNSET, description=_WORDING)
    locale: str | None = strawberry.field(
        default=strawberry.UNSET, description="The person's language, such as `de`."
    )


@strawberry.type(description="The answer of upsertSubscriber.")
class UpsertSubscriberPayload:
    """Payload of `upsertSubscriber`."""

    subscriber: Subscriber | None = strawberry.field(default=None, description=_SHOWN)
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What was not done, and why; everything else was."
    )


@strawberry.input(description="What a subscriber answered elsewhere.")
class SetPermissionInput:
    """Input of `setPermission`."""

    subscriber_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="The subscriber; either this or `email`."
    )
    email: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The subscriber's address. It must be known, so this needs the scope personal:read.",
    )
    permission: PermissionChange | None = strawberry.field(default=strawberry.UNSET, description=_ANSWER)
    opens: PermissionChange | None = strawberry.field(default=strawberry.UNSET, description=_OPENS)
    clicks: PermissionChange | None = strawberry.field(default=strawberry.UNSET, description=_CLICKS)
    source: PermissionSource | None = strawberry.field(default=strawberry.UNSET, description=_SOURCE)
    at: datetime | None = strawberry.field(default=strawberry.UNSET, description=_AT)
    wording_id: ID | None = strawberry.field(default=strawberry.UNSET, description=_WORDING)


@strawberry.type(description="The answer of setPermission.")
class SetPermissionPayload:
    """Payload of `setPermission`."""

    subscriber: Subscriber | None = strawberry.field(
        default=None, description="The subscriber; selecting it needs the scope subscribers:read."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What was not done, and why; everything else was."
    )


Upsert = Annotated[
    UpsertSubscriberInput, strawberry.argument(name="input", description="What is said about the address.")
]
SetPermission = Annotated[
    SetPermissionInput, strawberry.argument(name="input", description="What the subscriber answered.")
]


@strawberry.type
class SubscriberMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Makes a subscriber, or changes what is named of one.",
        metadata=needs("subscribers:write", each="lists"),
    )
    async def upsert_subscriber(self, info: Asked, wanted: Upsert) -> UpsertSubscriberPayload:
        return await attempt(UpsertSubscriberPayload, _upsert(info, wanted))

    @strawberry.mutation(
        description="Writes what a subscriber answered elsewhere. It never lifts a NO that the person gave us.",
        metadata=needs("subscribers:write"),
    )
    async def set_permission(self, info: Asked, wanted: SetPermission) -> SetPermissionPayload:
        return await attempt(SetPermissionPayload, _set(info, wanted))


async def _upsert(info: Asked, wanted: UpsertSubscriberInput) -> UpsertSubscriberPayload:
    profile = Profile(
        wanted.email,
        as_object(wanted.attributes, "attributes"),
        [
            number_of(each, "MailingList", path=("lists", place))
            for place, each in enumerate(given(wanted.lists) or ())
        ],
        given(wanted.locale),
        _asked(wanted),
    )
    async with unit_of(info) as work:
        subscriber_id, errors = await upsert_subscriber(work, profile)
    if not reader_of(info).sees_people:
        return UpsertSubscriberPayload(errors=user_errors(*errors))
    return UpsertSubscriberPayload(subscriber=await _shown(info, subscriber_id), errors=user_errors(*errors))


async def _set(info: Asked, wanted: SetPermissionInput) -> SetPermissionPayload:
    named, email = given(wanted.subscriber_id), given(wanted.email)
    if email is not None:
        reader_of(info).must_see_people("email")
    subscriber_id = None if named is None else subscriber_of(named, path=("subscriber_id",))
    async with unit_of(info) as work:
        changed, errors = await set_permission(work, _asked(wanted), subscriber_id=subscriber_id, email=email)
    # Who only wants to know that it is written is not made to wait for a reading.
    shown = await _shown(info, changed) if selected(info, "subscriber") else None
    return SetPermissionPayload(subscriber=shown, errors=user_errors(*errors))


async def _shown(info: Asked, subscriber_id: UUID) -> Subscriber:
    return subscriber(await info.context.loader(SubscriberById).one(subscriber_id))


def _asked(wanted: UpsertSubscriberInput | SetPermissionInput) -> AskedChange:
    wording_id = given(wanted.wording_id)
    return AskedChange(
        permission=not_null(wanted.permission, "permission") or PermissionChange.UNCHANGED,
        opens=not_null(wanted.opens, "opens"),
        clicks=not_null(wanted.clicks, "clicks"),
        evidence=Evidence(given(wanted.source), given(wanted.at)),
        wording_id=None if wording_id is None else number_of(wording_id, "Wording", path=("wording_id",)),
    )
