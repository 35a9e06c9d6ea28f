"""What a sign-up form's page shows, and what its confirmation page says before somebody confirms.

A form is public. A confirmation shows the address masked: its link came in a mail, and mails get forwarded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.disclosure.brands import BrandView, brand_of
from app.disclosure.lists import ListView
from app.disclosure.preferences import masked
from app.disclosure.reader import Reader
from app.domain.errors import NotFound
from app.domain.forms import Answers, FormQuestion
from app.instance import Instance
from app.look.languages import language
from app.look.snippets import sign_up_form
from app.storage import forms, lists, subscribers
from app.storage.database import Connection
from app.storage.forms import FormRow


@dataclass(frozen=True, slots=True)
class WordingView:
    """A text exactly as it is shown, and the language that it is in."""

    id: int
    locale: str
    text: str


@dataclass(frozen=True, slots=True)
class FormView:
    """One form. `wording` is None where it asks nothing."""

    id: int
    account: str
    list_id: int | None
    list_name: str | None
    asks: FormQuestion
    wording: WordingView | None
    locales: Sequence[str]
    allowed_origins: Sequence[str]
    allowed_redirects: Sequence[str]
    brand: BrandView


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """What somebody is about to confirm, or has confirmed already."""

    form: FormView
    address: str
    locale: str | None
    answers: Answers
    wording: WordingView | None
    confirmed: bool


async def form(instance: Instance, form_id: int) -> FormView:
    """A form by its public id. Raises `NotFound` and `DatabaseAway`."""
    async with instance.database.transaction() as connection:
        return await _view(connection, await _row(form_id))


async def confirmation(instance: Instance, form_id: int, pending_id: UUID) -> ConfirmationView:
    """A sign-up by its sealed id. Raises `NotFound`, for people erased since then too, and `DatabaseAway`."""
    async with instance.database.transaction() as connection:
        row = await _row(form_id)
        waiting = await forms.pending(connection, form_id, pending_id)
        if waiting is None or waiting.account_id != row.account_id:
            raise NotFound(path=("confirmation",))
        person = await subscribers.anywhere(connection, waiting.subscriber_id)
        address = waiting.address or (person.address if person else None)
        if address is None:
            raise NotFound(path=("confirmation",))
        return ConfirmationView(
            form=await _view(connection, row),
            address=masked(address),
            locale=person.locale if person else None,
            answers=waiting.answers,
            wording=await _wording(row.account_id, waiting.wording_id),
            confirmed=waiting.confirmed_at is not None,
        )


async def _row(form_id: int) -> FormRow:
    row = await forms.form_anywhere(form_id)
    if row is None:
        raise NotFound(path=("form",))
    return row


async def _view(connection: Connection, row: FormRow) -> FormView:
    brand = await brand_of(connection, row.account_id)
    return FormView(
        id=row.id,
        account=brand.account,
        brand=brand,
        list_id=row.list_id,
        list_name=await _list_name(connection, row),
        asks=row.asks,
        wording=await _wording(row.account_id, row.wording_id),
        locales=row.locales,
        allowed_origins=row.allowed_origins,
        allowed_redirects=row.allowed_redirects,
    )


async def _list_name(connection: Connection, row: FormRow) -> str | None:
    if row.list_id is None:
        return None
    rows = await connection.fetch(lists.SQL.by_ids, row.account_id, [row.list_id])
    return rows[0]["name"] if rows else None


async def _wording(account_id: int, wording_id: int | None) -> WordingView | None:
    row = None if wording_id is None else await forms.wording(account_id, wording_id)
    return None if row is None else WordingView(row.id, row.locale, row.text)


@dataclass(frozen=True, slots=True)
class OwnFormView:
    """A form as its account sees it: where it is hosted, and the HTML for a page of the sender's own."""

    id: int
    name: str
    url: str
    snippet: str
    list: ListView | None
    asks: FormQuestion
    double_opt_in: bool


async def forms_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, OwnFormView]:
    """The account's forms; ids of other accounts are absent."""
    rows = await reader.instance.database.fetch(forms.SQL.forms_by_ids, reader.account_id, list(ids))
    found = {}
    for row in rows:
        url, asks = f"{reader.instance.public_url}/forms/{row['id']}", FormQuestion(row["asks"])
        found[row["id"]] = OwnFormView(
            id=row["id"],
            name=row["name"],
            url=url,
            snippet=sign_up_form(url, asks, row["text"], language(row["locale"] or row["locales"][0])),
            list=None if row["list_id"] is None else ListView(row["list_id"], row["list_name"]),
            asks=asks,
            double_opt_in=row["double_opt_in"],
        )
    return found
