"""Making and changing sign-up forms."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry
from strawberry import ID

from app.actions.forms import NewForm, create_form, update_form
from app.domain.attributes import AttributeType
from app.domain.form_fields import FormField as WantedField
from app.domain.forms import FormQuestion
from graphql_schema.errors import UserError, attempt
from graphql_schema.forms import Form, form
from graphql_schema.ids import number_of
from graphql_schema.loaders import FormById
from graphql_schema.resolving import Asked, given, stated, unit_of
from graphql_schema.scopes import needs

_NAME = "Sign-up form"
_WORDING = "What it asks, word for word; null or left out at the start is the standard question in each of its languages."
_TRANSLATIONS = "The same question in other languages: wordings, one for each. They go with wordingId."


@strawberry.input(description="A field of a form's own.")
class FormFieldInput:
    """Part of `CreateFormInput` and `UpdateFormInput`."""

    name: str = strawberry.field(
        description="The attribute that it fills: a letter, then up to 39 letters, digits and _."
    )
    label: str = strawberry.field(description="What people read beside it, 1 to 200 characters.")
    type: AttributeType | None = strawberry.field(
        default=strawberry.UNSET, description="What an answer has to be; TEXT unless told."
    )
    required: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether nobody signs up without an answer; a tick, where it is BOOLEAN. False unless told.",
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
    wording_id: ID | None = strawberry.field(default=strawberry.UNSET, description=_WORDING)
    translations: list[ID] | None = strawberry.field(default=strawberry.UNSET, description=_TRANSLATIONS)
    allowed_origins: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Origins whose pages may submit it, such as `https://example.com`.",
    )
    allowed_redirects: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Addresses that it may lead to afterwards."
    )
    locales: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its languages, the one that it falls back to first; `en` unless told.",
    )
    fields: list[FormFieldInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="What it asks besides the address, at most 20; without any, it keeps what else it is sent as texts.",
    )


@strawberry.input(description="What changes of a form; what is left out stays.")
class UpdateFormInput:
    """Input of `updateForm`."""

    id: ID = strawberry.field(description="The form.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="What it is called.")
    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="The list that people sign up for; null is none."
    )
    asks: FormQuestion | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it asks about tracking."
    )
    double_opt_in: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether sign-ups are confirmed by mail."
    )
    wording_id: ID | None = strawberry.field(default=strawberry.UNSET, description=_WORDING)
    translations: list[ID] | None = strawberry.field(default=strawberry.UNSET, description=_TRANSLATIONS)
    allowed_origins: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Origins whose pages may submit it."
    )
    allowed_redirects: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Addresses that it may lead to afterwards."
    )
    locales: list[str] | None = strawberry.field(default=strawberry.UNSET, description="Its languages.")
    fields: list[FormFieldInput] | None = strawberry.field(
        default=strawberry.UNSET, description="What it asks besides the address."
    )


@strawberry.type(description="The answer of createForm.")
class CreateFormPayload:
    """Payload of `createForm`."""

    form: Form | None = strawberry.field(default=None, description="The new form.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


@strawberry.type(description="The answer of updateForm.")
class UpdateFormPayload:
    """Payload of `updateForm`."""

    form: Form | None = strawberry.field(default=None, description="The form as it is now.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


CreateForm = Annotated[CreateFormInput, strawberry.argument(name="input", description="The new form.")]
UpdateForm = Annotated[UpdateFormInput, strawberry.argument(name="input", description="What changes.")]


@strawberry.type
class FormMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(description="Makes a sign-up form.", metadata=needs("subscribers:write"))
    async def create_form(self, info: Asked, wanted: CreateForm) -> CreateFormPayload:
        return await attempt(CreateFormPayload, _create(info, wanted))

    @strawberry.mutation(
        description="Changes what is named of a sign-up form. Pages that show its former wording may go on: "
        "who answers there is recorded with what they were shown.",
        metadata=needs("subscribers:write"),
    )
    async def update_form(self, info: Asked, wanted: UpdateForm) -> UpdateFormPayload:
        return await attempt(UpdateFormPayload, _update(info, wanted))


async def _create(info: Asked, wanted: CreateFormInput) -> CreateFormPayload:
    # Null is as good as left out where something is made anew.
    said = stated(wanted, nullable=_ALL, skip=())
    new = NewForm(**{"name": _NAME, **_changes({k: v for k, v in said.items() if v is not None})})
    async with unit_of(info) as work:
        form_id = await create_form(work, new)
    return CreateFormPayload(form=form(await info.context.loader(FormById).one(form_id)))


async def _update(info: Asked, wanted: UpdateFormInput) -> UpdateFormPayload:
    changed = number_of(wanted.id, "Form", path=("id",))
    changes = _changes(stated(wanted, nullable={"list_id", "wording_id"}, skip={"id"}))
    async with unit_of(info) as work:
        await update_form(work, changed, changes)
    return UpdateFormPayload(form=form(await info.context.loader(FormById).one(changed)))


_ALL = frozenset({
    "name", "list_id", "asks", "double_opt_in", "wording_id", "translations", "allowed_origins", "allowed_redirects",
    "locales", "fields",
})  # fmt: skip


def _changes(said: dict[str, Any]) -> dict[str, Any]:
    """The same in words of the verb: ids as numbers, fields as the domain knows them."""
    changes = dict(said)
    for name, kind in (("list_id", "MailingList"), ("wording_id", "Wording")):
        if changes.get(name) is not None:
            changes[name] = number_of(changes[name], kind, path=(name,))
    if "translations" in changes:
        changes["translations"] = _numbers(changes["translations"])
    if "fields" in changes:
        changes["fields"] = [
            WantedField(
                each.name, each.label, given(each.type) or AttributeType.TEXT, given(each.required) is True
            )
            for each in changes["fields"]
        ]
    return changes


def _numbers(ids: Sequence[str]) -> list[int]:
    return [number_of(each, "Wording", path=("translations", place)) for place, each in enumerate(ids)]
