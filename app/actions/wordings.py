"""Wordings: the exact texts that people are shown when they are asked. They are added and never changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.actions.unit import Unit
from app.domain.errors import InvalidValue
from app.domain.forms import Purpose
from app.domain.texts import checked_locale, checked_wording
from app.storage import forms

ALL_PURPOSES = tuple(Purpose)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that somebody is shown, its language tag, and the purposes that it names."""

    locale: str
    text: str
    purposes: Sequence[Purpose] = ALL_PURPOSES


async def create_wording(unit: Unit, shown: Shown) -> int:
    """Adds a wording and returns its id; the same text for the same purposes is the same wording.

    Raises `InvalidValue` for an empty or endless text, no purpose, or a locale that is none.
    """
    text = checked_wording(shown.text, "text")
    if Purpose.MEASURE not in shown.purposes:
        message = "Every use of tracking begins with measuring, so the purposes name MEASURE."
        raise InvalidValue(message, path=("purposes",))
    locale = checked_locale(shown.locale, "locale")
    purposes = tuple(purpose for purpose in Purpose if purpose in shown.purposes)
    digest = hash_of(locale, text)
    for known in await forms.wordings_by_hash(unit.account_id, digest):
        if known.purposes == purposes:
            return known.id
    wording_id = unit.instance.new_id()
    row = forms.WordingRow(wording_id, unit.account_id, locale, text, purposes, digest, unit.now)
    await forms.add_wording(row)
    return wording_id


def hash_of(locale: str, text: str) -> bytes:
    """SHA-256 over the locale, a line break, and the text; a locale has no line break."""
    return hashlib.sha256(f"{locale}\n{text}".encode()).digest()
