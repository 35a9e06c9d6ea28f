"""Makes sign-up forms, and opens them for whoever signs up."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.actions import lists
from app.actions.preferences import PERSON
from app.actions.unit import Unit
from app.actions.wordings import Shown, create_wording
from app.domain.errors import InvalidValue, NotFound
from app.domain.forms import FormQuestion, checked_origin, checked_redirect
from app.domain.texts import checked_locale, checked_name
from app.instance import Instance
from app.look.languages import language
from app.storage import accounts, forms
from app.storage.forms import FormRow

MOST_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class NewForm:
    """A form to be made. Without a wording, one that asks gets the standard question of its first locale."""

    name: str
    list_id: int | None = None
    asks: FormQuestion = FormQuestion.BOTH_TOGETHER
    double_opt_in: bool = True
    wording_id: int | None = None
    allowed_origins: Sequence[str] = ()
    allowed_redirects: Sequence[str] = ()
    locales: Sequence[str] = ("en",)


async def create_form(unit: Unit, wanted: NewForm) -> int:
    """Makes a form and returns its id. Raises `NotFound` (list, wording) and `InvalidValue`."""
    if wanted.list_id is not None:
        await lists.check_lists(unit, [wanted.list_id], "listId")
    locales = [checked_locale(each, "locales", n) for n, each in enumerate(wanted.locales)] or ["en"]
    row = FormRow(
        id=unit.instance.new_id(),
        account_id=unit.account_id,
        name=checked_name(wanted.name),
        list_id=wanted.list_id,
        asks=wanted.asks,
        double_opt_in=wanted.double_opt_in,
        wording_id=await _wording(unit, wanted, locales[0]),
        allowed_origins=tuple(
            checked_origin(each, "allowedOrigins", n)
            for n, each in _few(wanted.allowed_origins, "allowedOrigins")
        ),
        allowed_redirects=tuple(
            checked_redirect(each, "allowedRedirects", n)
            for n, each in _few(wanted.allowed_redirects, "allowedRedirects")
        ),
        locales=tuple(locales),
        created_at=unit.now,
    )
    await forms.add_form(row)
    return row.id


def _few(addresses: Sequence[str], path: str) -> list[tuple[int, str]]:
    if len(addresses) > MOST_ADDRESSES:
        message = f"A form has at most {MOST_ADDRESSES} of these addresses."
        raise InvalidValue(message, path=(path,))
    return list(enumerate(addresses))


async def _wording(unit: Unit, wanted: NewForm, locale: str) -> int | None:
    if wanted.wording_id is not None:
        if await forms.wording(unit.account_id, wanted.wording_id) is None:
            raise NotFound(path=("wordingId",))
        return wanted.wording_id
    if wanted.asks is FormQuestion.NOTHING:
        return None
    account = await unit.connection.fetchrow(accounts.SQL.by_id, unit.account_id)
    spoken = language(locale)
    text = spoken.say("question.both", account=account["name"] if account else "")
    return await create_wording(unit, Shown(spoken.tag, text))


@asynccontextmanager
async def opened_form(instance: Instance, form_id: int) -> AsyncIterator[tuple[Unit, FormRow]]:
    """A unit of the person who fills in this form, with the form. Raises `NotFound`, `DatabaseAway`."""
    async with instance.database.transaction() as connection:
        form = await forms.form_anywhere(form_id)
        if form is None:
            raise NotFound(path=("form",))
        yield Unit(instance, connection, form.account_id, PERSON, instance.clock()), form
