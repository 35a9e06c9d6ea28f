"""Which links may be tracked. This file is the one rule; nothing else decides it.

Theory: a link is tracked only if it surely leads to a web page of the sender. Any doubt means: do not track. The
first line that fits a target, from the top, is its answer (`judge`):

    NEVER      holds a way out ({{preferences_url}}, {{unsubscribe_url}})
               speaks of unsubscribing or opting out, in any language of `_OPT_OUT`
               holds control characters
               is neither http(s):// nor starts with template syntax (mailto, tel, cid, #, relative, javascript …)
               lies under our own public URL (preferences, forms, links that are tracked already)
    UNTRACKED  longer than 1,500 bytes
               holds template syntax that Assent does not fill, so that the real target is unknown here
    NEVER      has no host
    VARYING    holds merge tags only: differs from person to person, so PERSONAL mode alone may track it
    TRACKED    the same for everybody

NEVER is left alone in silence, since nobody expects it to be tracked; UNTRACKED is reported to the sender.
A target is the decoded attribute as a browser reads it (`target_of`). Source: domain.md §6.
"""

import re
import unicodedata
from enum import Enum, auto
from urllib.parse import unquote

from app.mail.tags import WAYS_OUT, tags_in, with_tags_as_words

MOST_BYTES = 1500

# C0 controls and space, which the URL standard trims (WHATWG URL §4.4).
_EDGE = "".join(map(chr, range(0x21)))
_BREAKS = re.compile(r"[\t\n\r]")
_ABSOLUTE = re.compile(r"https?://(?P<authority>[^/?#\\]*)", re.IGNORECASE)
_HOST = re.compile(r"\S+")
_DEFAULT_PORT = re.compile(r":(?:80|443)?\Z")
_FOREIGN = re.compile(r"\{\{|\{%|\*\||%%[^%\s]++%%|\[\[|\$\{")
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# English, German, French, Italian, Dutch, Spanish and Portuguese, accents taken off.
_OPT_OUT = re.compile(
    r"unsub|opt[-_.+ ]?out|abmeld|abbestell|austrag|desabonn|desinscri|disiscri|cancella-?iscri|afmeld"
    r"|uitschrijv|darse-?de-?baja|(?:anular|cancelar)-?(?:la-?)?(?:suscri|subscri|assinat)|remove-?me"
)


class Verdict(Enum):
    """What may happen to a link; the table above says when."""

    NEVER = auto()
    UNTRACKED = auto()
    VARYING = auto()
    TRACKED = auto()


def target_of(attribute: str) -> str:
    """The URL in a decoded attribute, as browsers read it: trimmed, without tabs and line breaks."""
    return _BREAKS.sub("", attribute.strip(_EDGE))


def place_of(url: str) -> str | None:
    """Host, port and path of an absolute web URL in a form to compare, or None if it is none.

    The scheme, a name before the @, and a default port make no difference: http://us and https://us are both us.
    """
    absolute = _ABSOLUTE.match(url)
    if absolute is None:
        return None
    host = absolute["authority"].rpartition("@")[2].lower()
    return _DEFAULT_PORT.sub("", host) + url[absolute.end() :]


def judge(target: str, *, own_place: str) -> Verdict:
    """What may happen to a link; `own_place` is `place_of` our own public URL, without a slash at its end."""
    around_tags = with_tags_as_words(target) if "{{" in target else target
    if _is_way_out(target) or not _may_be_web_page(target, own_place):
        return Verdict.NEVER
    if len(target.encode()) > MOST_BYTES or _FOREIGN.search(around_tags):
        return Verdict.UNTRACKED
    if not _has_host(around_tags):
        return Verdict.NEVER
    return Verdict.VARYING if around_tags != target else Verdict.TRACKED


def _is_way_out(target: str) -> bool:
    if "{{" in target and any(tag.name in WAYS_OUT for tag in tags_in(target)):
        return True
    words = unquote(target).lower()
    if not words.isascii():
        words = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
    return _OPT_OUT.search(words) is not None


def _may_be_web_page(target: str, own_place: str) -> bool:
    if _UNSENDABLE.search(target):
        return False
    place = place_of(target)
    if place is None:
        return _FOREIGN.match(target) is not None
    return place != own_place and not place.startswith(tuple(own_place + mark for mark in "/?#\\"))


def _has_host(around_tags: str) -> bool:
    absolute = _ABSOLUTE.match(around_tags)
    return absolute is None or _HOST.fullmatch(absolute["authority"]) is not None
