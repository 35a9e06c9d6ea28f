"""The tags that Assent fills: merge tags, which a recipient brings, and the two ways out, which we bring.

    {{name}}  {{ name }}                 merge tag: replaced if the recipient's `merge` names it, else left alone
    {{preferences_url}}                  way out: always filled, whatever `merge` says; three braces work too
    {{unsubscribe_url}}                  way out, likewise

A name is letters, digits, `_`, `.` and `-`. Everything else in braces (`{{#if}}`, `{{{html}}}`, `{% … %}`) is the
language of some other system and is left alone. A text is read once, so a value that looks like a tag is not
filled again: nobody's first name can bring a link of its own. Source: domain.md §6.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from types import MappingProxyType
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

PREFERENCES = "preferences_url"
UNSUBSCRIBE = "unsubscribe_url"
WAYS_OUT = frozenset({PREFERENCES, UNSUBSCRIBE})

MergeValue: TypeAlias = str | int | float | bool | None
Merge: TypeAlias = Mapping[str, MergeValue]
NO_MERGE: Merge = MappingProxyType({})

# Every run is possessive, so that a mail full of half-open braces is still read once from left to right. The middle
# line takes three braces around other names out of reach of the last; a brace on one side only belongs to the text.
_TAG = re.compile(
    r"\{\{\{[ \t]*+(?P<way_out>preferences_url|unsubscribe_url)[ \t]*+\}\}\}"
    r"|\{\{\{[ \t]*+\w[\w.\-]*+[ \t]*+\}\}\}"
    r"|\{\{[ \t]*+(?P<name>\w[\w.\-]*+)[ \t]*+\}\}"
)


class Tag(NamedTuple):
    """One tag: `text[start:end]` is the tag with its braces, `name` what stands inside."""

    start: int
    end: int
    name: str


def tags_in(text: str) -> Iterator[Tag]:
    """All merge tags and ways out, from left to right."""
    for match in _TAG.finditer(text):
        if match.lastgroup:
            yield Tag(match.start(), match.end(), match[match.lastgroup])


def with_tags_as_words(text: str) -> str:
    """The text with a plain letter for every tag, to see what stands around them."""
    return _TAG.sub(lambda match: "x" if match.lastgroup else match[0], text)


def written(value: MergeValue) -> str:
    """How a merge value reads in a mail: null is nothing, truth is `true` or `false`, numbers as in JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def fill(text: str, merge: Merge) -> str:
    """The text with the named tags replaced by their plain values; ways out are filled if `merge` has them."""
    return _TAG.sub(lambda match: _value(match, merge, written), text)


def fill_target(target: str, merge: Merge, *, spell: Callable[[MergeValue], str] = written) -> str:
    """A link target with the named tags replaced, percent-encoded so that a value cannot reshape the URL.

    A tag that is the whole start of the target stands for a URL: its value goes in as `spell` writes it.
    """
    begin = len(target) - len(target.lstrip())

    def encoded(match: re.Match[str]) -> str:
        return _value(match, merge, spell if match.start() == begin else in_url)

    return _TAG.sub(encoded, target)


def in_html(value: MergeValue) -> str:
    """A value as it may stand in HTML, in text and in quoted attributes."""
    return escape(written(value))


def in_url(value: MergeValue) -> str:
    """A value as it may stand inside a URL: all but unreserved characters and `/` encoded (RFC 3986 §2.3).

    A slash does no harm in a query and is needed in a path. A lone surrogate becomes a question mark.
    """
    return quote(written(value), safe="/", errors="replace")


def _value(match: re.Match[str], merge: Merge, spell: Callable[[MergeValue], str]) -> str:
    if match.lastgroup and (name := match[match.lastgroup]) in merge:
        return spell(merge[name])
    return match[0]
