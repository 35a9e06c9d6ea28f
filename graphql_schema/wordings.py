"""Wordings: the exact texts that people are shown when they are asked. They are added and never changed."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.wordings import ALL_PURPOSES, Shown, create_wording
from app.disclosure.wordings import EvidenceView, count_wordings, page_of_wordings, preview
from app.domain.forms import FormQuestion, Purpose
from graphql_schema.connections import Connection, Edge, total
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id
from graphql_schema.loaders import WordingById
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page, bounds
from graphql_schema.resolving import Asked, given, reader_of, unit_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected

Asks = Annotated[
    FormQuestion | None,
    strawberry.argument(
        description="Whether yes and no are asked together or for each axis; BOTH_TOGETHER unless told."
    ),
]


@strawberry.type(description="A text exactly as people were shown it. It never changes.")
@requires("subscribers:read")
class Wording(Node):
    """Part of the evidence of an answer."""

    locale: str = strawberry.field(description="The language that it is in.")
    text: str = strawberry.field(description="The text.")
    hash: str = strawberry.field(description="SHA-256 over locale, line break and text, in hexadecimal.")
    purposes: list[Purpose] = strawberry.field(
        description="What it asks for; a yes to it covers these and no others."
    )

    @strawberry.field(
        description="A page of HTML that asks with it, as a form does. Nothing on it can be sent."
    )
    def preview(self, info: Asked, asks: Asks = strawberry.UNSET) -> str:
        return preview(reader_of(info), self.locale, self.text, given(asks) or FormQuestion.BOTH_TOGETHER)


def wording(view: EvidenceView) -> Wording:
    """A wording as the schema shows it."""
    return Wording(
        id=ID(encode_id("Wording", view.id)),
        locale=view.locale,
        text=view.text,
        hash=view.hash,
        purposes=list(view.purposes),
    )


@strawberry.type(description="One wording in a page.")
class WordingEdge(Edge):
    """Edge of `WordingConnection`."""

    node: Wording = strawberry.field(description="The wording.")


@strawberry.type(description="A page of wordings, oldest first.")
class WordingConnection(Connection):
    """The wordings of an account."""

    edges: list[WordingEdge] = strawberry.field(description="The wordings.")


@strawberry.type
class WordingQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="The wordings of the account. None was ever changed: another text is another wording.",
        metadata=needs("subscribers:read"),
    )
    async def wordings(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> WordingConnection:
        page = asked_page(tuple[int], first, after, last, before)
        rows = await page_of_wordings(reader_of(info), **bounds(page))
        counted = selected(info, "totalCount", "totalCountCapped")
        count = await count_wordings(reader_of(info)) if counted else None
        cut = page.cut(rows, key=lambda row: (row.id,))
        edges = [WordingEdge(cursor=cursor, node=wording(view)) for cursor, view in cut.rows]
        return WordingConnection(edges=edges, page_info=cut.page_info, **total(count))

    @strawberry.field(
        description="How a text would look before it is made a wording: the page of Wording.preview.",
        metadata=needs("subscribers:read"),
    )
    async def wording_preview(
        self,
        info: Asked,
        locale: Annotated[str, strawberry.argument(description="The language that it is in.")],
        text: Annotated[str, strawberry.argument(description="The text, 1 to 4,000 characters.")],
        asks: Asks = strawberry.UNSET,
    ) -> str | None:
        return preview(reader_of(info), locale, text, given(asks) or FormQuestion.BOTH_TOGETHER)


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
