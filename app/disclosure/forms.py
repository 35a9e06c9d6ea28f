"""What a sign-up form shows, to whoever fills it in and to its account; and what is about to be confirmed.

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
from app.domain.form_fields import FormField
from app.domain.forms import Answers, FormQuestion
from app.instance import Instance
from app.look.languages import Language, language
from app.look.snippets import Snippet, sign_up_form
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
    """One form. `wordings` begin with the one that it falls back to; there is none where it asks nothing.

    `former_wordings` are ids that pages of other people may still show. `url` is where it is hosted, and sent to.
    """

    id: int
    account: str
    name: str
    url: str
    list: ListView | None
    asks: FormQuestion
    double_opt_in: bool
    wordings: Sequence[WordingView]
    former_wordings: Sequence[int]
    fields: Sequence[FormField]
    locales: Sequence[str]
    allowed_origins: Sequence[str]
    allowed_redirects: Sequence[str]
    brand: BrandView

    def wording(self, spoken: Language) -> WordingView | None:
        """What somebody is asked with in a language."""
        for each in self.wordings:
            if each.locale.partition("-")[0].lower() == spoken.tag:
                return each
        return next(iter(self.wordings), None)

    def labels_in(self, spoken: Language) -> str | None:
        """The locale of the fields' labels, where it is another than the page's language; labels have one only."""
        first = next(iter(self.locales), None)
        return None if first is None or first.partition("-")[0].lower() == spoken.tag else first

    def snippet(self, locale: str | None = None) -> str:
        """The form as HTML for a page of the sender's own, in a language of theirs."""
        spoken = language(locale, known=next(iter(self.locales), None))
        wording = self.wording(spoken)
        asked = None if wording is None else (wording.id, wording.locale, wording.text)
        return sign_up_form(Snippet(self.url, self.asks, asked, self.fields, self.labels_in(spoken)), spoken)


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
        return await _view(instance, connection, await _row(connection, form_id))


async def confirmation(instance: Instance, form_id: int, pending_id: UUID) -> ConfirmationView:
    """A sign-up by its sealed id. Raises `NotFound`, for people erased since then too, and `DatabaseAway`."""
    async with instance.database.transaction() as connection:
        row = await _row(connection, form_id)
        waiting = await forms.pending(connection, form_id, pending_id)
        if waiting is None or waiting.account_id != row.account_id:
            raise NotFound(path=("confirmation",))
        person = await subscribers.anywhere(connection, waiting.subscriber_id)
        address = waiting.address or (person.address if person else None)
        if address is None:
            raise NotFound(path=("confirmation",))
        return ConfirmationView(
            form=await _view(instance, connection, row),
            address=masked(address),
            locale=person.locale if person else None,
            answers=waiting.answers,
            wording=await _wording(connection, row.account_id, waiting.wording_id),
            confirmed=waiting.confirmed_at is not None,
        )


async def forms_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, FormView]:
    """The account's forms; ids of other accounts are absent. Four statements, however many they are."""
    async with reader.instance.database.connection() as connection:
        rows = await forms.forms_by_ids(connection, reader.account_id, list(ids))
        views = await _views(reader.instance, connection, reader.account_id, rows)
    return {view.id: view for view in views}


async def page_of_forms(reader: Reader, *, after: int, limit: int, backward: bool = False) -> list[FormView]:
    """A page of forms, oldest first; backward pages are read from the end."""
    query = forms.SQL.page_of_forms_backwards if backward else forms.SQL.page_of_forms
    rows = await reader.instance.database.fetch(query, reader.account_id, after, limit)
    ids = [row["id"] for row in rows]
    found = await forms_by_id(reader, ids)
    return [found[each] for each in ids]


async def count_forms(reader: Reader) -> int:
    """How many forms the account has."""
    rows = await reader.instance.database.fetch(forms.SQL.count_forms, reader.account_id)
    count: int = rows[0]["count"]
    return count


async def _row(connection: Connection, form_id: int) -> FormRow:
    row = await forms.form_anywhere(connection, form_id)
    if row is None:
        raise NotFound(path=("form",))
    return row


async def _view(instance: Instance, connection: Connection, row: FormRow) -> FormView:
    (view,) = await _views(instance, connection, row.account_id, [row])
    return view


async def _views(
    instance: Instance, connection: Connection, account_id: int, rows: Sequence[FormRow]
) -> Sequence[FormView]:
    brand = await brand_of(connection, account_id)
    list_ids = [row.list_id for row in rows if row.list_id is not None]
    found = await connection.fetch(lists.SQL.by_ids, account_id, list_ids)
    named = {each["id"]: ListView(each["id"], each["name"]) for each in found}
    wordings = await _wordings(connection, account_id, [each for row in rows for each in row.wordings])
    return [
        FormView(
            id=row.id,
            account=brand.account,
            brand=brand,
            name=row.name,
            url=f"{instance.public_url}/forms/{row.id}",
            list=None if row.list_id is None else named.get(row.list_id),
            asks=row.asks,
            double_opt_in=row.double_opt_in,
            wordings=[wordings[each] for each in row.wordings],
            former_wordings=row.former_wordings,
            fields=row.fields,
            locales=row.locales,
            allowed_origins=row.allowed_origins,
            allowed_redirects=row.allowed_redirects,
        )
        for row in rows
    ]


async def _wordings(connection: Connection, account_id: int, ids: list[int]) -> dict[int, WordingView]:
    rows = await connection.fetch(forms.SQL.wordings_by_ids, account_id, ids)
    return {row["id"]: WordingView(row["id"], row["locale"], row["text"]) for row in rows}


async def _wording(connection: Connection, account_id: int, wording_id: int | None) -> WordingView | None:
    return (await _wordings(connection, account_id, [wording_id] if wording_id else [])).get(wording_id or 0)
