"""Sign-up forms: hosted here, or put into a page of the sender's own."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.forms import NewForm, create_form
from app.disclosure.forms import OwnFormView
from app.domain.forms import FormQuestion
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id, number_of
from graphql_schema.lists import MailingList, mailing_list
from graphql_schema.loaders import FormById
from graphql_schema.node import Node
from graphql_schema.resolving import Asked, given, unit_of
from graphql_schema.scopes import needs, requires

_NAME = "Sign-up form"


@strawberry.type(description="A sign-up form that asks about tracking apart from subscribing.")
@requires("subscribers:read")
class Form(Node):
    """One form."""

    name: str = strawberry.field(description="What it is called.")
    url: str = strawberry.field(description="Where it is hosted, and where submissions go.")
    snippet: str = strawberry.field(
        description="The form as HTML for a page of one's own; it needs no script."
    )
    for_list: MailingList | None = strawberry.field(
        name="list", description="The list that people sign up for."
    )
    asks: FormQuestion = strawberry.field(description="Whether it asks about tracking.")
    double_opt_in: bool = strawberry.field(
        description="Whether a sign-up counts only once it is confirmed by mail."
    )


def form(view: OwnFormView) -> Form:
    """A form as the schema shows it."""
    return Form(
        id=ID(encode_id("Form", view.id)),
        name=view.name,
        url=view.url,
        snippet=view.snippet,
        for_list=None if view.list is None else mailing_list(view.list),
        asks=view.asks,
        double_opt_in=view.double_opt_in,
    )


@strawberry.input(description="A new form.")
class CreateFormInput:
    """Input of `createForm`."""

    name: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"What it is called; left out it is “{_NAME}”."
    )
    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="The list that people sign up for."
    )
    asks: FormQuestion | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it asks about tracking; BOTH_TOGETHER unless told."
    )
    double_opt_in: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether sign-ups are confirmed by mail; true unless told."
    )
    wording_id: ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="What it asks, word for word; the standard question unless told.",
    )
    allowed_origins: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Origins whose pages may submit it, such as `https://example.com`.",
    )
    allowed_redirects: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Addresses that it may lead to afterwards."
    )
    locales: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its languages, the first one for the standard question; `en` unless told.",
    )


@strawberry.type(description="The answer of createForm.")
class CreateFormPayload:
    """Payload of `createForm`."""

    form: Form | None = strawberry.field(default=None, description="The new form.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


CreateForm = Annotated[CreateFormInput, strawberry.argument(name="input", description="The new form.")]


@strawberry.type
class FormMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(description="Makes a sign-up form.", metadata=needs("subscribers:write"))
    async def create_form(self, info: Asked, wanted: CreateForm) -> CreateFormPayload:
        return await attempt(CreateFormPayload, _create(info, wanted))


async def _create(info: Asked, wanted: CreateFormInput) -> CreateFormPayload:
    async with unit_of(info) as work:
        form_id = await create_form(work, _new(wanted))
    return CreateFormPayload(form=form(await info.context.loader(FormById).one(form_id)))


def _new(wanted: CreateFormInput) -> NewForm:
    name, list_id, wording_id = given(wanted.name), given(wanted.list_id), given(wanted.wording_id)
    return NewForm(
        name=_NAME if name is None else name,
        list_id=None if list_id is None else number_of(list_id, "MailingList", path=("list_id",)),
        asks=given(wanted.asks) or FormQuestion.BOTH_TOGETHER,
        double_opt_in=given(wanted.double_opt_in) is not False,
        wording_id=None if wording_id is None else number_of(wording_id, "Wording", path=("wording_id",)),
        allowed_origins=given(wanted.allowed_origins) or (),
        allowed_redirects=given(wanted.allowed_redirects) or (),
        locales=given(wanted.locales) or ("en",),
    )
