"""Wordings: the exact texts that people were shown when they were asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.disclosure.reader import Reader
from app.storage import forms


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One wording; `hash` is SHA-256 over locale and text, in hexadecimal."""

    id: int
    locale: str
    text: str
    hash: str


async def wordings_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, EvidenceView]:
    """The wordings; ids of other accounts are absent."""
    rows = await reader.instance.database.fetch(forms.SQL.wordings_by_ids, reader.account_id, list(ids))
    return {row["id"]: EvidenceView(row["id"], row["locale"], row["text"], row["hash"].hex()) for row in rows}
