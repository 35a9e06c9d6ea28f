"""Finding the links of a mail, with the exact place of each value.

Theory: a mail's HTML is read as browsers read it (WHATWG HTML §13.2.5), as far as links need it, once from left
to right, and never by one expression over the whole. What is read, and what counts in it:

    text                               shown
    start tag                          href of <a>, <area> and Outlook's VML (<v:roundrect>, <v:rect> …)
    <!--[if …]> … <![endif]-->         read like the rest, since Outlook shows it; only links count
    other comments, CDATA, <!…>, <?…>  nothing
    <script> <style> <title> <textarea> and the like      nothing, up to their end tag
    a tag, comment or element that never ends             nothing, up to the end of the mail

Broken HTML is no error: it is read the way a browser would, and what cannot be seen there does not count here.
Every step moves forward and looks for something only until its first appearance, so time grows with length alone.
"""

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from typing import NamedTuple

_OPENING = re.compile(
    r"<(?:(?P<cdata>!\[CDATA\[)|(?P<comment>!--(?!-?>))|(?P<bogus>[!?]|/(?![A-Za-z]))"
    r"|(?P<tag>/?[A-Za-z][^ \t\n\f\r/>]*+))"
)
_COMMENT_END = re.compile(r"--!?>")
_CONDITION = re.compile(r"\s*+\[if[^\]>]*+\]>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"[ \t\n\f\r/]*+(?:(?P<close>>)|(?P<name>[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+)"
    r"(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:(?P<quote>[\"'])|(?P<bare>[^ \t\n\f\r>]++))?)?)"
)
_REFERENCE = re.compile(r"&(?:#(?:[0-9]++|[xX][0-9a-fA-F]++)|[A-Za-z][A-Za-z0-9]*+)(?:;|(?P<equals>=))?")
_RAW_END = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}
_LONGEST_NUMBER = 1000  # Python refuses to read numbers of several thousand digits.
_NEVER_ENDS = -1


class Link(NamedTuple):
    """One link: `html[start:end]` is the value between its quotes, `value` the same with entities decoded."""

    start: int
    end: int
    value: str
    outlook_only: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found: the links in order, and the place where something visible can be added at the end.

    `body_end` is before the last real </body>, else before </html>, else before whatever never ends, else the end.
    """

    links: list[Link]
    body_end: int
    _text_starts: "array[int]"
    _text_ends: "array[int]"

    def shows(self, position: int) -> bool:
        """Whether the character there is text that every reader sees, not markup, comment or script."""
        run = bisect_right(self._text_starts, position) - 1
        return run >= 0 and position < self._text_ends[run]


def scan(html: str) -> Scan:
    """Read a mail. Never raises, whatever the text is."""
    reader = _Reader(html, 0, len(html), outlook_only=False)
    reader.read()
    ends = (reader.body_close, reader.html_close, reader.position)
    body_end = next(end for end in ends if end >= 0)
    return Scan(reader.links, body_end, reader.text_starts, reader.text_ends)


def decoded(value: str) -> str:
    """An attribute's value with its entities decoded.

    Unlike in text, a name without semicolon that runs on or meets `=` is no entity here (WHATWG HTML §13.2.5.73),
    or `?a=1&region=2` would turn into `?a=1®ion=2`.
    """
    return _REFERENCE.sub(_character, value) if "&" in value else value


def _character(reference: re.Match[str]) -> str:
    text = reference[0]
    if text.startswith("&#"):
        return unescape(text) if len(text) < _LONGEST_NUMBER else "\N{REPLACEMENT CHARACTER}"
    known = reference["equals"] is None and text[1:] in html5
    return html5[text[1:]] if known else text


class _Reader:
    """Reads `html[start:end]` once; `position` ends up where the readable part ends."""

    def __init__(self, html: str, start: int, end: int, *, outlook_only: bool) -> None:
        self.html = html
        self.position = start
        self.end = end
        self.outlook_only = outlook_only
        self.links: list[Link] = []
        self.body_close = self.html_close = _NEVER_ENDS
        self.text_starts = array("q")
        self.text_ends = array("q")

    def read(self) -> None:
        while opening := _OPENING.search(self.html, self.position, self.end):
            self._text_until(opening.start())
            self.position = opening.start()
            after = self._after_markup(opening)
            if after == _NEVER_ENDS:
                return
            self.position = after
        self._text_until(self.end)
        self.position = self.end

    def _text_until(self, end: int) -> None:
        if self.position < end:
            self.text_starts.append(self.position)
            self.text_ends.append(end)

    def _after_markup(self, opening: re.Match[str]) -> int:
        start = opening.end()
        match opening.lastgroup:
            case "comment":
                return self._after_comment(start)
            case "cdata":
                return self._after("]]>", start)
            case "bogus":
                return self._after(">", start)
            case _:
                return self._after_tag(opening["tag"].lower(), start)

    def _after(self, mark: str, start: int) -> int:
        found = self.html.find(mark, start, self.end)
        return _NEVER_ENDS if found < 0 else found + len(mark)

    def _after_comment(self, start: int) -> int:
        closing = _COMMENT_END.search(self.html, start, self.end)
        if closing is None:
            return _NEVER_ENDS
        condition = _CONDITION.match(self.html, start, closing.start())
        if condition is not None and not self.outlook_only:
            inside = _Reader(self.html, condition.end(), closing.start(), outlook_only=True)
            inside.read()
            self.links += inside.links
        return closing.end()

    def _after_tag(self, name: str, start: int) -> int:
        has_link = name in {"a", "area"} or name.startswith("v:")
        after = self._after_attributes(start, has_link=has_link)
        if after == _NEVER_ENDS:
            return _NEVER_ENDS
        if name == "/body":
            self.body_close = self.position
        elif name == "/html":
            self.html_close = self.position
        elif name in _RAW_END:
            closing = _RAW_END[name].search(self.html, after, self.end)
            return _NEVER_ENDS if closing is None else closing.start()
        return after

    def _after_attributes(self, start: int, *, has_link: bool) -> int:
        """The place after the tag's `>`. A link is noted only then, since a tag that never ends is not shown."""
        link: Link | None = None
        while attribute := _ATTRIBUTE.match(self.html, start, self.end):
            if attribute["close"]:
                if link is not None and link.value:
                    self.links.append(link)
                return attribute.end()
            opens, closes, start = self._value(attribute)
            if closes == _NEVER_ENDS:
                break
            if has_link and attribute["name"].lower() == "href":
                link = Link(opens, closes, decoded(self.html[opens:closes]), self.outlook_only)
                has_link = False  # Of two attributes with one name, browsers take the first.
        return _NEVER_ENDS

    def _value(self, attribute: re.Match[str]) -> tuple[int, int, int]:
        """Where the value opens and closes, and where reading goes on."""
        if not attribute["quote"]:
            bare = attribute.span("bare") if attribute["bare"] else (attribute.end(), attribute.end())
            return *bare, attribute.end()
        opens = attribute.end()
        closes = self.html.find(attribute["quote"], opens, self.end)
        return opens, closes, closes + 1
