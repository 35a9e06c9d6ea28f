"""The languages of pages and of our own mails, and which one somebody gets.

    first that is spoken here   from
    wanted                      `?lang=`, or the hidden field of a page that was already shown
    accepted                    `Accept-Language`, by its weights
    known                       the subscriber's locale
    otherwise                   English

A regional tag such as de-CH reads as its language. There is a language for each folder of `catalogs`.
Source: RFC 9110 §12.5.4; CLDR, by Babel, for dates, numbers and plurals.
"""

import gettext
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

_CATALOGS = Path(__file__).parent / "catalogs"
_LEAST, _FEW, _NEARLY_ALL = 0.001, 0.0995, 0.99


@dataclass(frozen=True, slots=True)
class Language:
    """One language; `tag` is what stands in `lang` attributes."""

    tag: str
    words: Mapping[str, str]
    counted: Mapping[str, Sequence[str]]
    locale: Locale
    form_of: Callable[[int], int]

    @property
    def name(self) -> str:
        """What its speakers call it. Asked for by pages only: Babel then reads a megabyte, which other workers never need."""
        return (self.locale.get_language_name(self.tag) or self.tag).capitalize()

    def say(self, key: str, **values: str) -> str:
        """The words of a key as plain text, its braces filled in; KeyError for a key that no catalog has."""
        return self.words[key].format(**values)

    def count(self, key: str, number: int) -> str:
        """The words of a key for so many things; `{count}` is the number."""
        return self.counted[key][self.form_of(number)].format(count=self.number(number))

    def number(self, number: int) -> str:
        """A number as the language groups its digits."""
        return format_decimal(number, locale=self.locale)

    def percent(self, share: float) -> str:
        """A share in per cent, with one decimal below ten and above 99, where it never reads as nothing or as all."""
        pattern = self.locale.percent_formats[None].pattern
        if 0 < share < _FEW or _NEARLY_ALL < share < 1:
            share = min(max(share, _LEAST), 1 - _LEAST)
            pattern = pattern.replace("0", "0.#")
        return format_percent(share, format=pattern, locale=self.locale)

    def decimal(self, number: float) -> str:
        """A number with two decimals at most."""
        return format_decimal(round(number, 2), locale=self.locale)

    def date(self, at: datetime) -> str:
        """A day in words."""
        return format_date(at.astimezone(UTC), "long", locale=self.locale)

    def time(self, at: datetime) -> str:
        """A time of day. Nobody knows where the reader is, so it says that it is UTC."""
        return f"{format_time(at.astimezone(UTC), 'short', tzinfo=UTC, locale=self.locale)} UTC"

    def moment(self, at: datetime) -> str:
        """A day and a time."""
        return self.say("when.moment", date=self.date(at), time=self.time(at))


def read_catalog(folder: Path) -> Catalog:
    """The catalog in a language's folder. Raises `babel.messages.pofile.PoFileError` where it cannot be read."""
    with (folder / "messages.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def read_language(folder: Path) -> Language:
    """The language of a folder, whose name is its tag. Raises as `read_catalog`."""
    catalog = read_catalog(folder)
    locale = catalog.locale or Locale(folder.name)
    messages = [message for message in catalog if message.id]
    return Language(
        tag=folder.name,
        words={str(each.id): str(each.string) for each in messages if not each.pluralizable},
        counted={each.id[0]: tuple(each.string or ()) for each in messages if each.pluralizable},
        locale=locale,
        form_of=gettext.c2py(catalog.plural_expr),
    )


FOLDERS = sorted(path.parent for path in _CATALOGS.glob("*/messages.po"))

LANGUAGES: Mapping[str, Language] = {folder.name: read_language(folder) for folder in FOLDERS}
"""Every language that is spoken here, by tag."""


def language(wanted: str | None = None, *, accepted: str | None = None, known: str | None = None) -> Language:
    """The first language that is spoken here, by the table at the top."""
    for tag in (wanted, *_by_weight(accepted or ""), known):
        spoken = LANGUAGES.get((tag or "").partition("-")[0].lower())
        if spoken is not None:
            return spoken
    return LANGUAGES["en"]


def _by_weight(header: str) -> Iterator[str]:
    weighed = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.partition(";")
        weighed.append((-_weight(weight), position, tag.strip()))
    return (tag for weight, _, tag in sorted(weighed) if weight < 0)


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
