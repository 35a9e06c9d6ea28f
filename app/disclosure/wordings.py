"""Wordings: the exact texts that people were shown when they were asked, and how one looks when it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.disclosure.reader import Reader
from app.domain.forms import FormQuestion, Purpose
from app.domain.texts import checked_locale, checked_wording
from app.look.languages import language
from app.look.previews import question_page
from app.storage import forms
from app.storage.database import Record


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One wording; `hash` is SHA-256 over locale and text, in hexadecimal."""

    id: int
    locale: str
    text: str
    hash: str
    purposes: tuple[Purpose, ...]


async def wordings_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, EvidenceView]:
    """The wordings; ids of other accounts are absent."""
    rows = await reader.instance.database.fetch(forms.SQL.wordings_by_ids, reader.account_id, list(ids))
    return {row["id"]: _view(row) for row in rows}


async def page_of_wordings(
    reader: Reader, *, after: int, limit: int, backward: bool = False
) -> list[EvidenceView]:
    """A page of wordings, oldest first; backward pages are read from the end."""
    query = forms.SQL.page_of_wordings_backwards if backward else forms.SQL.page_of_wordings
    rows = await reader.instance.database.fetch(query, reader.account_id, after, limit)
    return [_view(row) for row in rows]


async def count_wordings(reader: Reader) -> int:
    """How many wordings the account has."""
    rows = await reader.instance.database.fetch(forms.SQL.count_wordings, reader.account_id)
    count: int = rows[0]["count"]
    return count


def preview(reader: Reader, locale: str, text: str, asks: FormQuestion) -> str:
    """A page of HTML that asks with this text, as a form does; nothing on it can be sent. Raises `InvalidValue`."""
    tag, shown = checked_locale(locale, "locale"), checked_wording(text, "text")
    return question_page(language(tag), tag, shown, asks, reader.instance.public_url)


def _view(row: Record) -> EvidenceView:
    purposes = tuple(Purpose(each) for each in row["purposes"])
    return EvidenceView(row["id"], row["locale"], row["text"], row["hash"].hex(), purposes)
