"""Says what stood behind one hit, by what the request itself tells: rules for a single hit, in this order.

    rule                   the request                                    class          loaded ahead
    PREFETCH_HEADER        (Sec-)Purpose: prefetch, X-Moz: prefetch       SCANNER        yes
    NO_USER_AGENT          no user agent, or an empty one                 UNKNOWN        no
    APPLE_MAIL_PRIVACY     the user agent is exactly Mozilla/5.0          PROXY          yes
    GMAIL_IMAGE_PROXY      GoogleImageProxy                               PROXY          no
    YAHOO_IMAGE_PROXY      YahooMailProxy                                 PROXY          no
    SECURITY_SCANNER       names of mail security products                SCANNER        no
    CRAWLER                a bot, crawler, preview or HTTP library        SCANNER        no
    ORDINARY_CLIENT        everything else                                HUMAN_LIKELY   no

An opening that was loaded ahead is LOADED_BY_PROXY. Gmail and Yahoo fetch when the mail is looked at, so theirs
are openings. A prefetched link is fetched again when somebody follows it, since nothing here may be cached.
The user agent goes no further than this file; what leaves it is one of the families below. Whoever changes a
rule raises RULES_VERSION. Rules over several hits belong to the drain. Source: domain.md §6 (Kinds).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from app.domain.modes import ClientClass

RULES_VERSION: Final = 1


@unique
class Rule(StrEnum):
    """Which line of the table spoke."""

    PREFETCH_HEADER = "PREFETCH_HEADER"
    NO_USER_AGENT = "NO_USER_AGENT"
    APPLE_MAIL_PRIVACY = "APPLE_MAIL_PRIVACY"
    GMAIL_IMAGE_PROXY = "GMAIL_IMAGE_PROXY"
    YAHOO_IMAGE_PROXY = "YAHOO_IMAGE_PROXY"
    SECURITY_SCANNER = "SECURITY_SCANNER"
    CRAWLER = "CRAWLER"
    ORDINARY_CLIENT = "ORDINARY_CLIENT"


@dataclass(frozen=True, slots=True)
class Classification:
    """The verdict on one hit. `client_family` is a short name of this file, empty where none is known."""

    client_class: ClientClass
    rule: Rule
    client_family: str
    loaded_ahead: bool = False
    rule_version: int = RULES_VERSION


_PREFETCH_HEADERS = (b"purpose", b"sec-purpose", b"x-purpose", b"x-moz")
_APPLE_MAIL_PRIVACY = "mozilla/5.0"
_SECURITY_SCANNERS = ("barracuda", "proofpoint", "mimecast", "fireeye", "trendmicro", "symantec", "sophos")
# CUBOT makes telephones; their owners are people.
_CRAWLER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|preview|existence discovery|headless|^(?:curl|wget|python|go-http|java|okhttp)"
)
_FAMILIES = (
    ("thunderbird", "Thunderbird"),
    ("outlook", "Outlook"),
    ("msoffice", "Outlook"),
    ("edg/", "Edge"),
    ("edga/", "Edge"),
    ("firefox/", "Firefox"),
    ("opr/", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("chrome/", "Chrome"),
    ("crios/", "Chrome"),
    ("safari/", "Safari"),
    ("applewebkit/", "Apple Mail"),
)

_PREFETCHED = Classification(ClientClass.SCANNER, Rule.PREFETCH_HEADER, "", loaded_ahead=True)
_UNKNOWN = Classification(ClientClass.UNKNOWN, Rule.NO_USER_AGENT, "")
_APPLE = Classification(ClientClass.PROXY, Rule.APPLE_MAIL_PRIVACY, "Apple Mail", loaded_ahead=True)
_GMAIL = Classification(ClientClass.PROXY, Rule.GMAIL_IMAGE_PROXY, "Gmail")
_YAHOO = Classification(ClientClass.PROXY, Rule.YAHOO_IMAGE_PROXY, "Yahoo Mail")
_SCANNER = Classification(ClientClass.SCANNER, Rule.SECURITY_SCANNER, "")
_CRAWLING = Classification(ClientClass.SCANNER, Rule.CRAWLER, "")


def classify(headers: Mapping[bytes, bytes]) -> Classification:
    """The verdict of the first rule that speaks; header names in lower case, as ASGI gives them."""
    if any(b"prefetch" in headers.get(name, b"").lower() for name in _PREFETCH_HEADERS):
        return _PREFETCHED
    user_agent = headers.get(b"user-agent", b"").decode("latin-1").strip().lower()
    return _proxy(user_agent) or _machine(user_agent) or _person(user_agent)


def _proxy(user_agent: str) -> Classification | None:
    if user_agent == _APPLE_MAIL_PRIVACY:
        return _APPLE
    if "googleimageproxy" in user_agent:
        return _GMAIL
    return _YAHOO if "yahoomailproxy" in user_agent else None


def _machine(user_agent: str) -> Classification | None:
    if not user_agent:
        return _UNKNOWN
    if any(name in user_agent for name in _SECURITY_SCANNERS):
        return _SCANNER
    return _CRAWLING if _CRAWLER.search(user_agent) else None


def _person(user_agent: str) -> Classification:
    family = next((family for mark, family in _FAMILIES if mark in user_agent), "")
    return Classification(ClientClass.HUMAN_LIKELY, Rule.ORDINARY_CLIENT, family)
