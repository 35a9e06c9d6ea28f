"""Says what stood behind one hit, by what the request itself tells: rules for a single hit, in this order.

    rule                   the request                                    class          loaded ahead
    PREFETCH_HEADER        (Sec-, X-)Purpose or X-Moz: prefetch, preview  SCANNER        yes
    NO_USER_AGENT          no user agent, or an empty one                 UNKNOWN        no
    APPLE_MAIL_PRIVACY     the user agent is exactly Mozilla/5.0          PROXY          yes
    GMAIL_PREFETCH         Gmail's own look at a mail before anybody's    PROXY          yes
    GMAIL_IMAGE_PROXY      GoogleImageProxy                               PROXY          no
    YAHOO_IMAGE_PROXY      YahooMailProxy                                 PROXY          no
    OUTLOOK_IMAGE_PROXY    Outlook or Microsoft, and image proxy          PROXY          no
    SECURITY_SCANNER       names of mail security products                SCANNER        no
    CRAWLER                a bot, crawler, preview or HTTP library        SCANNER        no
    ORDINARY_CLIENT        everything else                                HUMAN_LIKELY   no

An opening that was loaded ahead is LOADED_BY_PROXY. Gmail, Yahoo and Outlook fetch when the mail is looked at, so theirs
are openings. A prefetched link is fetched again when somebody follows it, since nothing here may be cached.
Crawlers and families are known to ua-parser (the rules of uap-core); mail proxies and scanners to us.
The user agent goes no further than this file; what leaves it is one of the families below. Whoever changes a
rule, or takes a newer ua-parser, raises RULES_VERSION. Rules over several hits belong to the drain.
Source: domain.md §6 (Kinds).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache
from typing import Final

from ua_parser import Domain
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

from app.domain.modes import ClientClass

RULES_VERSION: Final = 3


@unique
class Rule(StrEnum):
    """Which line of the table spoke."""

    PREFETCH_HEADER = "PREFETCH_HEADER"
    NO_USER_AGENT = "NO_USER_AGENT"
    APPLE_MAIL_PRIVACY = "APPLE_MAIL_PRIVACY"
    GMAIL_PREFETCH = "GMAIL_PREFETCH"
    GMAIL_IMAGE_PROXY = "GMAIL_IMAGE_PROXY"
    YAHOO_IMAGE_PROXY = "YAHOO_IMAGE_PROXY"
    OUTLOOK_IMAGE_PROXY = "OUTLOOK_IMAGE_PROXY"
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


LONGEST_USER_AGENT: Final = 1024
"""Bytes of a user agent that are looked at; nobody's is longer, and the rules take time for every byte."""

_PREFETCH_HEADERS = frozenset([b"purpose", b"sec-purpose", b"x-purpose", b"x-moz"])
# Safari and Facebook's app load a preview, and Chromium prerenders, where other browsers prefetch.
_AHEAD = (b"prefetch", b"preview", b"prerender")
_APPLE_MAIL_PRIVACY = "mozilla/5.0"
# An Edge of 2015 that says Mozilla/5.0 once more: no browser does, Gmail's servers do.
_GMAIL_PREFETCH = "edge/12.246 mozilla/5.0"
_OUTLOOK_IMAGE_PROXY = re.compile(r"(?:outlook|microsoft).{0,40}image.?proxy")
_SECURITY_SCANNERS = re.compile(
    r"barracuda|proofpoint|mimecast|fireeye|trellix|trend ?micro|symantec|messagelabs|sophos|forcepoint|websense"
    r"|ironport|cisco.?talos|fortimail|fortinet|checkpoint|check point|kaspersky|mcafee|zscaler|urlscan|safelinks"
    r"|cloudmark|vade|hornetsecurity|trustwave|mailscanner|phishtank|virustotal|microsoft office existence discovery"
)
# CUBOT makes telephones; their owners are people.
_CRAWLER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|preview|headless|phantomjs|^(?:curl|wget|libwww|python|go-http|java/|okhttp|apache-http"
    r"|axios|node-fetch|undici|guzzle|ruby|perl|ahc/|postmanruntime|httpie|powershell|faraday|amazon cloudfront)"
)
_CUBOT = re.compile("cubot", re.IGNORECASE)
_SPIDER = "Spider"
_FAMILIES = {
    **dict.fromkeys(("Thunderbird",), "Thunderbird"),
    **dict.fromkeys(("Outlook", "Windows Live Mail", "Outlook-iOS", "Outlook-Android"), "Outlook"),
    **dict.fromkeys(("Apple Mail", "Mobile Safari UI/WKWebView"), "Apple Mail"),
    **dict.fromkeys(("Edge", "Edge Mobile"), "Edge"),
    **dict.fromkeys(("Firefox", "Firefox Mobile", "Firefox iOS"), "Firefox"),
    **dict.fromkeys(("Opera", "Opera Mobile", "Opera Mini"), "Opera"),
    **dict.fromkeys(("Samsung Internet",), "Samsung Internet"),
    **dict.fromkeys(("Chrome", "Chrome Mobile", "Chrome Mobile iOS", "Chrome Mobile WebView"), "Chrome"),
    **dict.fromkeys(("Safari", "Mobile Safari"), "Safari"),
}
_OFFICE = ("outlook", "msoffice", "ms-office")

_PREFETCHED = Classification(ClientClass.SCANNER, Rule.PREFETCH_HEADER, "", loaded_ahead=True)
_UNKNOWN = Classification(ClientClass.UNKNOWN, Rule.NO_USER_AGENT, "")
_APPLE = Classification(ClientClass.PROXY, Rule.APPLE_MAIL_PRIVACY, "Apple Mail", loaded_ahead=True)
_GMAIL_AHEAD = Classification(ClientClass.PROXY, Rule.GMAIL_PREFETCH, "Gmail", loaded_ahead=True)
_GMAIL = Classification(ClientClass.PROXY, Rule.GMAIL_IMAGE_PROXY, "Gmail")
_YAHOO = Classification(ClientClass.PROXY, Rule.YAHOO_IMAGE_PROXY, "Yahoo Mail")
_OUTLOOK = Classification(ClientClass.PROXY, Rule.OUTLOOK_IMAGE_PROXY, "Outlook")
_SCANNER = Classification(ClientClass.SCANNER, Rule.SECURITY_SCANNER, "")
_CRAWLING = Classification(ClientClass.SCANNER, Rule.CRAWLER, "")


def classify(headers: Mapping[bytes, bytes]) -> Classification:
    """The verdict of the first rule that speaks; header names in lower case, as ASGI gives them."""
    return _PREFETCHED if is_prefetched(headers) else classify_user_agent(headers.get(b"user-agent", b""))


def is_prefetched(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the request says itself that nobody has asked for it yet."""
    if _PREFETCH_HEADERS.isdisjoint(headers):
        return False
    said = [headers.get(name, b"").lower() for name in _PREFETCH_HEADERS]
    return any(word in value for value in said for word in _AHEAD)


def classify_user_agent(user_agent: bytes) -> Classification:
    """The verdict of the first rule that speaks about a user agent; the same bytes get the same one."""
    text = user_agent[:LONGEST_USER_AGENT].decode("latin-1").strip()
    lowered = text.lower()
    if not lowered:
        return _UNKNOWN
    return _proxy(lowered) or _machine(text, lowered) or _person(text, lowered)


def _proxy(lowered: str) -> Classification | None:
    if lowered == _APPLE_MAIL_PRIVACY:
        return _APPLE
    if lowered.endswith(_GMAIL_PREFETCH):
        return _GMAIL_AHEAD
    if "googleimageproxy" in lowered:
        return _GMAIL
    if "yahoomailproxy" in lowered:
        return _YAHOO
    return _OUTLOOK if _OUTLOOK_IMAGE_PROXY.search(lowered) else None


def _machine(text: str, lowered: str) -> Classification | None:
    if _SECURITY_SCANNERS.search(lowered):
        return _SCANNER
    if _CRAWLER.search(lowered):
        return _CRAWLING
    device = _library()(_CUBOT.sub("", text), Domain.DEVICE).device
    return _CRAWLING if device is not None and device.family == _SPIDER else None


def _person(text: str, lowered: str) -> Classification:
    found = _library()(text, Domain.USER_AGENT).user_agent
    family = _FAMILIES.get(found.family, "") if found is not None else ""
    if not family and any(mark in lowered for mark in _OFFICE):
        family = "Outlook"
    return Classification(ClientClass.HUMAN_LIKELY, Rule.ORDINARY_CLIENT, family)


@cache
def _library() -> Resolver:
    """ua-parser with the rules that are asked for: families, and of the devices those that are crawlers."""
    user_agents, _, devices = load_lazy_builtins()
    return Resolver((user_agents, [], [each for each in devices if getattr(each, "family", "") == _SPIDER]))
