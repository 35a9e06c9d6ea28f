"""Wordings: the exact texts that people are shown when they are asked. They are added and never changed."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.wordings import ALL_PURPOSES, Shown, create_wording
from app.disclosure.wordings import EvidenceView
from app.domain.forms import Purpose
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id
from graphql_schema.loaders import WordingById
from graphql_schema.node import Node
from graphql_schema.resolving import Asked, given, unit_of
from graphql_schema.scopes import needs, requires


@strawberry.type(description="A text exactly as people were shown it. It never changes.")
@requires("subscribers:read")
class Wording(Node):
    """Part of the evidence of an answer."""

    locale: str = strawberry.field(description="The language that it is in.")
    text: str = strawberry.field(description="The text.")
    hash: str = strawberry.field(description="SHA-256 over locale, line break and text, in hexadecimal.")


def wording(view: EvidenceView) -> Wording:
    """A wording as the schema shows it."""
    return Wording(id=ID(encode_id("Wording", view.id)), locale=view.locale, text=view.text, hash=view.hash)


@strawberry.input(description="A new wording.")
class CreateWordingInput:
    """Input of `createWording`."""

    locale: str = strawberry.field(description="The language that it is in, such as `de`.")
    text: str = strawberry.field(description="The text, 1 to 4,000 characters.")
    purposes: list[Purpose] | None = strawberry.field(
        default=strawberry.UNSET, description="What it asks for, at least one; all of them unless told."
    )


@strawberry.type(description="The answer of createWording.")
class CreateWordingPayload:
    """Payload of `createWording`."""

    wording: Wording | None = strawberry.field(
        default=None, description="The wording; the same text for the same purposes is the same wording."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


CreateWording = Annotated[
    CreateWordingInput, strawberry.argument(name="input", description="The new wording.")
]


@strawberry.type
class WordingMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Adds a wording, word for word as people will see it.",
        metadata=needs("subscribers:write"),
    )
    async def create_wording(self, info: Asked, wanted: CreateWording) -> CreateWordingPayload:
        return await attempt(CreateWordingPayload, _create(info, wanted))


async def _create(info: Asked, wanted: CreateWordingInput) -> CreateWordingPayload:
    purposes = given(wanted.purposes)
    shown = Shown(wanted.locale, wanted.text, ALL_PURPOSES if purposes is None else purposes)
    async with unit_of(info) as work:
        wording_id = await create_wording(work, shown)
    return CreateWordingPayload(wording=wording(await info.context.loader(WordingById).one(wording_id)))
