"""The languages of pages and of our own mails, and which one somebody gets.

    first that is spoken here   from
    wanted                      `?lang=`, or the hidden field of a page that was already shown
    accepted                    `Accept-Language`, by its weights
    known                       the subscriber's locale
    otherwise                   English

A regional tag such as de-CH reads as its language. Source: RFC 9110 §12.5.4.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.look.catalogs import de, en


@dataclass(frozen=True, slots=True)
class Language:
    """One language; `tag` is what stands in `lang` attributes."""

    tag: str
    name: str
    words: Mapping[str, str]
    months: Sequence[str]
    date_pattern: str

    def say(self, key: str, **values: str) -> str:
        """The words of a key as plain text, its braces filled in; KeyError for a key that no catalog has."""
        return self.words[key].format(**values)

    def date(self, at: datetime) -> str:
        """A day in words."""
        return self.date_pattern.format(day=at.day, month=self.months[at.month - 1], year=at.year)


LANGUAGES: Mapping[str, Language] = {
    tag: Language(tag, module.NAME, module.WORDS, module.MONTHS, module.DATE)
    for tag, module in (("en", en), ("de", de))
}
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
