"""What can stand in a `Location` header. Whether a link should be tracked at all is for `app/mail` to say.

Theory: a target is sealed into a link for ever, so it is judged before sealing, and again when a link is
opened. What is not a plain absolute web address is never sealed; the link then stays in the mail as it was.

    the target                                     becomes
    http(s)://host…, visible ASCII                 itself, byte for byte
    http(s)://host… with non-ASCII, space, " < >   the same with exactly those characters percent-encoded
    anything else                                  UnsafeTarget, with a TargetFlaw

A host outside ASCII is percent-encoded too (RFC 3986 §3.2.2); the browser maps it, by newer tables than ours.
Source: the contract of `GET /c/{token}`.
"""

import re
from enum import StrEnum, unique
from urllib.parse import quote

_SAFE_CHARACTERS = "".join(map(chr, range(0x21, 0x7F))).translate({ord(mark): None for mark in '"<>'})
_WEB_ADDRESS = re.compile(
    r"""https?://
        (?:[^/?#@\\]*@)?                            # user information
        (?:\[[0-9A-Fa-f:.]+\]|[^/?#@:\\\[\]]+)      # host: a bracketed IPv6 address, or a name
        (?::[0-9]*)?                                # port
        (?:[/?\#].*)?""",
    re.VERBOSE | re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_HTML_WHITESPACE = " \t\n\r\f"
_WRITTEN = re.compile(r"[!#-;=?-~]+")


@unique
class TargetFlaw(StrEnum):
    """Why an address cannot be the target of a tracked link."""

    NOT_A_WEB_ADDRESS = "NOT_A_WEB_ADDRESS"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"


class UnsafeTarget(ValueError):
    """The address cannot be the target of a tracked link; `flaw` says why."""

    def __init__(self, flaw: TargetFlaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


def safe_target(address: str) -> str:
    """The address as it is sealed and later sent in `Location`: ASCII without controls, space, `"<>`.

    Idempotent. White space around it goes, as in any `href`. Raises UnsafeTarget for other schemes, a missing
    host, and control characters, lone surrogates among them.
    """
    address = address.strip(_HTML_WHITESPACE)
    if _CONTROL.search(address):
        raise UnsafeTarget(TargetFlaw.CONTROL_CHARACTER)
    written = quote(address, safe=_SAFE_CHARACTERS)
    if not is_safe_target(written):
        raise UnsafeTarget(TargetFlaw.NOT_A_WEB_ADDRESS)
    return written


def is_safe_target(target: str) -> bool:
    """Whether the target can stand in a `Location` header as it is (its length aside)."""
    return _WRITTEN.fullmatch(target) is not None and _WEB_ADDRESS.fullmatch(target) is not None
