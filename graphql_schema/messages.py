"""Messages: one MIME body each, decided, stored as deliveries, and instrumented (domain.md §3, §6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from app.actions.answers import NOTHING_ASKED
from app.actions.answers import Asked as AskedChange
from app.actions.messages import Addressee, MessageRequest, Preparation
from app.actions.messages import PreparedMessage as Finished
from app.actions.prepare_messages import prepare_messages
from app.domain.errors import InvalidValue, RequestError
from app.domain.permission import Evidence, PermissionChange, PermissionSource
from graphql_schema.decisions import TrackingDecision, decision
from graphql_schema.deliveries import Delivery, delivery
from graphql_schema.errors import UserError, attempt, user_errors
from graphql_schema.ids import number_of
from graphql_schema.loaders import DeliveryByKey
from graphql_schema.resolving import Asked, as_object, given, not_null, unit_of
from graphql_schema.scopes import needs
from graphql_schema.settings import Consequence, warning


@strawberry.type(description="A header of a mail.")
class Header:
    """One header."""

    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(description="A message that is ready to be sent. Preparing counts as sending.")
class PreparedMessage:
    """What a sender hands to its mail server."""

    message_id: str = strawberry.field(
        description="Our name of the message; the same key gives the same again."
    )
    html: str | None = strawberry.field(description="The HTML part, instrumented as decided.")
    text: str | None = strawberry.field(description="The text part, its placeholders filled.")
    headers: list[Header] = strawberry.field(
        description="Headers to add to the mail as they stand.", metadata=needs(size=2)
    )
    decision: TrackingDecision = strawberry.field(description="How the message is tracked, and why.")
    untracked_links: list[str] = strawberry.field(
        description="Targets that could not be tracked and were left as they are."
    )
    keys: strawberry.Private[Sequence[tuple[Any, int]]]

    @strawberry.field(
        description="The deliveries that the message is, one for each subscriber addressed.",
        # Nearly all messages go to one.
        metadata=needs(size=1),
    )
    async def deliveries(self, info: Asked) -> list[Delivery]:
        views = await info.context.loader(DeliveryByKey).load_many(tuple(key) for key in self.keys)
        return [delivery(view) for view in views if view is not None]


@strawberry.input(description="One address of a message.")
class AddressInput:
    """A To, Cc or Bcc."""

    email: str = strawberry.field(description="The address.")
    permission: PermissionChange | None = strawberry.field(
        default=strawberry.UNSET, description="What the sender says of the permission; null is an error."
    )
    permission_source: PermissionSource | None = strawberry.field(
        default=strawberry.UNSET,
        description="Where the person answered: API, FORM or IMPORT. A YES needs it.",
    )
    permission_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When the person answered. A YES needs it."
    )


@strawberry.input(description="One message: who gets it, and what is theirs in it.")
class MessageRecipientInput:
    """At least one of `to`, `cc` and `bcc` has an address."""

    to: list[AddressInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The To addresses."
    )
    cc: list[AddressInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The Cc addresses."
    )
    bcc: list[AddressInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The Bcc addresses."
    )
    merge: JSON | None = strawberry.field(
        default=strawberry.UNSET, description="An object of values for the merge tags: {{name}}."
    )
    track_opens: bool | None = strawberry.field(
        default=strawberry.UNSET, description="The mail's own toggle for opens; it can only lower."
    )
    track_clicks: bool | None = strawberry.field(
        default=strawberry.UNSET, description="The mail's own toggle for clicks; it can only lower."
    )


@strawberry.input(description="Messages of one mailing, with one template.")
class PrepareMessagesInput:
    """Input of `prepareMessages`."""

    mailing_id: ID = strawberry.field(description="The mailing that they belong to.")
    html: str | None = strawberry.field(default=strawberry.UNSET, description="The HTML template.")
    text: str | None = strawberry.field(default=strawberry.UNSET, description="The text template.")
    recipients: list[MessageRecipientInput] = strawberry.field(
        description="The messages, 1 to 1,000 in one call."
    )
    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The same key again gives the same messages and sends nothing anew.",
    )


@strawberry.type(description="The answer of prepareMessages.")
class PrepareMessagesPayload:
    """Payload of `prepareMessages`."""

    messages: list[PreparedMessage | None] = strawberry.field(
        default_factory=list,
        description="The messages in the order of `recipients`; null where `errors` says why.",
    )
    warnings: list[Consequence] = strawberry.field(
        default_factory=list, description="What the sender should know.", metadata=needs(size=1)
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="What was not done; everything else was.",
        # A recipient has a message or an error, hardly ever both, and the messages are counted.
        metadata=needs(size=10),
    )


PrepareMessages = Annotated[
    PrepareMessagesInput, strawberry.argument(name="input", description="The messages to prepare.")
]


@strawberry.type
class MessageMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Decides, stores and instruments messages; each comes back ready to be sent.",
        metadata=needs("mailings:write", cost=10, each="recipients"),
    )
    async def prepare_messages(self, info: Asked, wanted: PrepareMessages) -> PrepareMessagesPayload:
        return await attempt(PrepareMessagesPayload, _prepare(info, wanted))


async def _prepare(info: Asked, wanted: PrepareMessagesInput) -> PrepareMessagesPayload:
    call = Preparation(
        mailing_id=number_of(wanted.mailing_id, "Mailing", path=("mailing_id",)),
        html=given(wanted.html),
        text=given(wanted.text),
        messages=[_request(each) for each in wanted.recipients],
        idempotency_key=given(wanted.idempotency_key),
    )
    async with unit_of(info) as work:
        prepared = await prepare_messages(work, call)
    return PrepareMessagesPayload(
        messages=[None if each is None else _message(each) for each in prepared.messages],
        warnings=[warning(each) for each in prepared.warnings],
        errors=user_errors(*prepared.errors),
    )


def _message(prepared: Finished) -> PreparedMessage:
    stamped = prepared.stamped
    return PreparedMessage(
        message_id=str(prepared.message_id),
        html=stamped.html,
        text=stamped.text,
        headers=[Header(name=name, value=value) for name, value in stamped.headers],
        decision=decision(prepared.decision),
        untracked_links=list(stamped.untracked),
        keys=prepared.deliveries,
    )


def _request(wanted: MessageRecipientInput) -> MessageRequest | RequestError:
    """A message, or why it cannot be one; that hinders no other."""
    try:
        return _read(wanted)
    except RequestError as error:
        return error


def _read(wanted: MessageRecipientInput) -> MessageRequest:
    groups = (("to", wanted.to), ("cc", wanted.cc), ("bcc", wanted.bcc))
    return MessageRequest(
        addressees=[
            _addressee(address, name, number)
            for name, addresses in groups
            for number, address in enumerate(given(addresses) or ())
        ],
        merge=_merge(wanted.merge),
        track_opens=given(wanted.track_opens),
        track_clicks=given(wanted.track_clicks),
    )


def _addressee(address: AddressInput, name: str, number: int) -> Addressee:
    said = not_null(address.permission, name, number, "permission")
    asked = NOTHING_ASKED
    if said is not None and said is not PermissionChange.UNCHANGED:
        asked = AskedChange(
            said, evidence=Evidence(given(address.permission_source), given(address.permission_at))
        )
    return Addressee(address.email, asked, (name, number))


def _merge(value: JSON | None) -> dict[str, str | int | float | bool | None]:
    found = as_object(value, "merge") or {}
    for name, each in found.items():
        if isinstance(each, (dict, list)):
            message = "A merge value is a string, a number, true, false or null."
            raise InvalidValue(message, path=("merge", name[:100]))
    return found
