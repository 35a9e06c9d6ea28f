"""Sign-up forms: hosted here, or put into a page of the sender's own."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.disclosure.forms import FormView, count_forms, page_of_forms
from app.domain.attributes import AttributeType
from app.domain.forms import FormQuestion
from graphql_schema.connections import Connection, Edge, total
from graphql_schema.ids import encode_id
from graphql_schema.lists import MailingList, mailing_list
from graphql_schema.loaders import WordingById
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page, bounds
from graphql_schema.resolving import Asked, given, reader_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected
from graphql_schema.wordings import Wording, wording

Locale = Annotated[str | None, strawberry.argument(description="One of the form's languages, such as `de`.")]


@strawberry.type(description="A field of a form's own.")
class FormField:
    """Something that a form asks besides the address."""

    name: str = strawberry.field(description="The attribute of the subscriber that it fills.")
    label: str = strawberry.field(description="What people read beside it.")
    type: AttributeType = strawberry.field(description="What an answer has to be.")
    required: bool = strawberry.field(description="Whether nobody signs up without an answer.")


@strawberry.type(description="A sign-up form that asks about tracking apart from subscribing.")
@requires("subscribers:read")
class Form(Node):
    """One form."""

    name: str = strawberry.field(description="What it is called.")
    url: str = strawberry.field(description="Where it is hosted, and where submissions go.")
    for_list: MailingList | None = strawberry.field(
        name="list", description="The list that people sign up for."
    )
    asks: FormQuestion = strawberry.field(description="Whether it asks about tracking.")
    double_opt_in: bool = strawberry.field(
        description="Whether a sign-up counts only once it is confirmed by mail."
    )
    fields: list[FormField] = strawberry.field(description="What it asks besides the address.")
    locales: list[str] = strawberry.field(description="Its languages, the one that it falls back to first.")
    allowed_origins: list[str] = strawberry.field(description="Origins whose pages may submit it.")
    allowed_redirects: list[str] = strawberry.field(description="Addresses that it may lead to afterwards.")
    view: strawberry.Private[FormView]

    @strawberry.field(
        description="The form as HTML for a page of one's own; it needs no script. In the form's first language "
        "unless another one of its languages is named."
    )
    def snippet(self, locale: Locale = strawberry.UNSET) -> str:
        return self.view.snippet(given(locale))

    @strawberry.field(
        description="What it asks, word for word: the wording that it falls back to, then those in other languages."
    )
    async def wordings(self, info: Asked) -> list[Wording]:
        ids = [each.id for each in self.view.wordings]
        found = await info.context.loader(WordingById).load_many(ids)
        return [wording(each) for each in found if each is not None]


def form(view: FormView) -> Form:
    """A form as the schema shows it."""
    return Form(
        id=ID(encode_id("Form", view.id)),
        name=view.name,
        url=view.url,
        for_list=None if view.list is None else mailing_list(view.list),
        asks=view.asks,
        double_opt_in=view.double_opt_in,
        fields=[FormField(**{name: getattr(each, name) for name in _FIELD}) for each in view.fields],
        locales=list(view.locales),
        allowed_origins=list(view.allowed_origins),
        allowed_redirects=list(view.allowed_redirects),
        view=view,
    )


_FIELD = ("name", "label", "type", "required")


@strawberry.type(description="One form in a page.")
class FormEdge(Edge):
    """Edge of `FormConnection`."""

    node: Form = strawberry.field(description="The form.")


@strawberry.type(description="A page of sign-up forms, oldest first.")
class FormConnection(Connection):
    """The forms of an account."""

    edges: list[FormEdge] = strawberry.field(description="The forms.")


@strawberry.type
class FormQueries:
    """Part of `Query`."""

    @strawberry.field(description="The sign-up forms of the account.", metadata=needs("subscribers:read"))
    async def forms(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> FormConnection:
        page = asked_page(tuple[int], first, after, last, before)
        rows = await page_of_forms(reader_of(info), **bounds(page))
        counted = selected(info, "totalCount", "totalCountCapped")
        count = await count_forms(reader_of(info)) if counted else None
        cut = page.cut(rows, key=lambda row: (row.id,))
        edges = [FormEdge(cursor=cursor, node=form(view)) for cursor, view in cut.rows]
        return FormConnection(edges=edges, page_info=cut.page_info, **total(count))
