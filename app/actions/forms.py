"""Makes and changes sign-up forms, and opens them for whoever signs up.

    the question of a form         is
    asks NOTHING                   none
    a wording, and translations    word for word those, each in a language of its own
    no wording                     the standard question, in each of the form's languages that is spoken here

A form that was changed remembers the wordings that it asked with before: pages out there may still show them, and who
answers is recorded with what they were shown.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from app.actions import lists
from app.actions.preferences import PERSON
from app.actions.unit import Unit
from app.actions.wordings import Shown, create_wording
from app.domain.errors import InvalidValue, NotFound
from app.domain.form_fields import FormField, checked_fields
from app.domain.forms import OWN_FIELDS, FormQuestion, checked_origin, checked_redirect
from app.domain.texts import checked_locale, checked_name
from app.instance import Instance
from app.look.languages import language
from app.storage import accounts, forms
from app.storage.forms import FormRow

MOST_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class NewForm:
    """A form as it is wanted. Without a wording, one that asks gets the standard question."""

    name: str
    list_id: int | None = None
    asks: FormQuestion = FormQuestion.BOTH_TOGETHER
    double_opt_in: bool = True
    wording_id: int | None = None
    translations: Sequence[int] = ()
    allowed_origins: Sequence[str] = ()
    allowed_redirects: Sequence[str] = ()
    locales: Sequence[str] = ("en",)
    fields: Sequence[FormField] = ()


async def create_form(unit: Unit, wanted: NewForm) -> int:
    """Makes a form and returns its id. Raises `NotFound` (list, wordings) and `InvalidValue`."""
    row = await _row(unit, wanted, unit.instance.new_id(), unit.now)
    await forms.add_form(unit.connection, row)
    return row.id


async def update_form(unit: Unit, form_id: int, changes: Mapping[str, Any]) -> None:
    """Changes what is named, by the names of `NewForm`; the rest stays. Raises `NotFound` and `InvalidValue`."""
    stands = await forms.locked_form(unit.connection, unit.account_id, form_id)
    if stands is None:
        raise NotFound(path=("id",))
    as_it_is = NewForm(**{each.name: getattr(stands, each.name) for each in fields(NewForm)})
    row = await _row(unit, replace(as_it_is, **changes), stands.id, stands.created_at)
    shown_before = dict.fromkeys((*stands.former_wordings, *stands.wordings))
    former = tuple(each for each in shown_before if each not in row.wordings)
    await forms.save_form(unit.connection, replace(row, former_wordings=former))


async def _row(unit: Unit, wanted: NewForm, form_id: int, created_at: datetime) -> FormRow:
    if wanted.list_id is not None:
        await lists.check_lists(unit, [wanted.list_id], "listId")
    locales = [checked_locale(each, "locales", n) for n, each in enumerate(wanted.locales)] or ["en"]
    wordings = await _wordings(unit, wanted, locales)
    return FormRow(
        id=form_id,
        account_id=unit.account_id,
        name=checked_name(wanted.name),
        list_id=wanted.list_id,
        asks=wanted.asks,
        double_opt_in=wanted.double_opt_in,
        wording_id=wordings[0] if wordings else None,
        translations=tuple(wordings[1:]),
        allowed_origins=tuple(
            checked_origin(each, "allowedOrigins", n)
            for n, each in _few(wanted.allowed_origins, "allowedOrigins")
        ),
        allowed_redirects=tuple(
            checked_redirect(each, "allowedRedirects", n)
            for n, each in _few(wanted.allowed_redirects, "allowedRedirects")
        ),
        locales=tuple(locales),
        fields=checked_fields(wanted.fields, OWN_FIELDS),
        created_at=created_at,
    )


def _few(addresses: Sequence[str], path: str) -> list[tuple[int, str]]:
    if len(addresses) > MOST_ADDRESSES:
        message = f"A form has at most {MOST_ADDRESSES} of these."
        raise InvalidValue(message, path=(path,))
    return list(enumerate(addresses))


async def _wordings(unit: Unit, wanted: NewForm, locales: Sequence[str]) -> list[int]:
    """The wordings of the form, by the table at the top; the first is what it falls back to."""
    _few(locales, "locales")
    _few([str(each) for each in wanted.translations], "translations")
    if wanted.asks is FormQuestion.NOTHING:
        return []
    if wanted.wording_id is None:
        return await _standard(unit, locales)
    ids = [wanted.wording_id, *wanted.translations]
    rows = await unit.connection.fetch(forms.SQL.wordings_by_ids, unit.account_id, ids)
    known = {row["id"]: language_of(row["locale"]) for row in rows}
    for place, each in enumerate(ids):
        path = ("translations", place - 1) if place else ("wordingId",)
        if each not in known:
            raise NotFound(path=path)
        if known[each] in {known[other] for other in ids[:place]}:
            message = "Each wording of a form is in a language of its own."
            raise InvalidValue(message, path=path)
    return ids


async def _standard(unit: Unit, locales: Sequence[str]) -> list[int]:
    account = await unit.connection.fetchrow(accounts.SQL.by_id, unit.account_id)
    name = account["name"] if account else ""
    spoken = {each.tag: each for each in (language(locale) for locale in locales)}
    asked = [Shown(tag, each.say("question.both", account=name)) for tag, each in spoken.items()]
    return [await create_wording(unit, shown) for shown in asked]


def language_of(locale: str) -> str:
    """The language of a tag: `de` of de-CH."""
    return locale.partition("-")[0].lower()


@asynccontextmanager
async def opened_form(instance: Instance, form_id: int) -> AsyncIterator[tuple[Unit, FormRow]]:
    """A unit of the person who fills in this form, with the form. Raises `NotFound`, `DatabaseAway`."""
    async with instance.database.transaction() as connection:
        form = await forms.form_anywhere(connection, form_id)
        if form is None:
            raise NotFound(path=("form",))
        yield Unit(instance, connection, form.account_id, PERSON, instance.clock()), form
