"""Composes the addresses that stand in mails, and opens them when somebody comes by.

Theory: an address is the public URL, a door, and one or two sealed parts joined by a dot (`domain/tokens`).
Nothing in them needs escaping: letters, digits, `-`, `_` and `.` only. A link to a 60-byte target is, behind
`https://host`, 119 characters when anonymous and shared, 154 unlinked, 176 personal.

    the first part            the second part              opens as
    verifies, ANONYMOUS       as its anonymity asks for    a hit that belongs to nobody
    verifies, PERSONAL        verifies for the mailing     a hit of that delivery
    verifies                  anything else, or missing    no hit; a link still leads to its target
    does not verify           whatever                     TokenInvalid

Source: domain.md §6, §7; RFC 8058 (unsubscribing).
"""

from contextlib import suppress
from functools import lru_cache, partial
from typing import ClassVar, Final, NamedTuple, Protocol, Self, TypeVar

from app.domain.layouts import LayoutError
from app.domain.modes import Anonymity, TrackingMode
from app.domain.person_links import (
    Confirmation,
    FreshPreferencesLink,
    HandedPreferencesLink,
    PreferencesLink,
    ReceiptLink,
    UnsubscribeLink,
)
from app.domain.report_links import ReportLink
from app.domain.tokens import (
    PIXEL_LINK,
    ClickDelivery,
    LinkPart,
    PixelAnonymous,
    PixelPersonal,
    Purpose,
    UnlinkedNumber,
    link_context,
    mailing_context,
)
from app.sealing.keyring import Keyring, TokenInvalid, associated

SEPARATOR = "."

MOST_OPENED: Final = 1024
"""Parts of mailings that an opener keeps open; the longest fill six megabytes."""

_PIXELS: Final = associated(PixelPersonal.purpose)

AnyPreferencesLink = PreferencesLink | HandedPreferencesLink | FreshPreferencesLink
"""Every token that opens a person's page."""


class TokenExpired(TokenInvalid):
    """The token was sealed here, and its time is over."""


class _Part(Protocol):
    purpose: ClassVar[Purpose]

    def pack(self) -> bytes: ...

    @classmethod
    def unpack(cls, payload: bytes) -> Self: ...


_Opened = TypeVar("_Opened", bound=_Part)


class PersonalHit(NamedTuple):
    """A hit on a delivery's own pixel or link. `link` is PIXEL_LINK for the pixel, `subscriber` the id's 16 bytes.

    `send_day` is not the delivery's secret: it says where the hit goes if a Sec-GPC signal lowers it. `keeping`: the
    account, where it kept addresses at sending.
    """

    mailing: int
    link: int
    subscriber: bytes
    delivery: int
    yields_gpc: bool
    send_day: int | None
    keeping: int | None = None


class AnonymousHit(NamedTuple):
    """A hit that belongs to nobody; `number` (8 random bytes) stands where the mailing is UNLINKED."""

    mailing: int
    link: int
    send_day: int | None
    number: bytes | None


class Click(NamedTuple):
    """Where a link leads, and the hit to record, None where its second part was missing or foreign."""

    target: str
    hit: PersonalHit | AnonymousHit | None


class Addresses:
    """Writes the addresses of one instance; `public_url` as in `ASSENT_PUBLIC_URL`."""

    def __init__(self, keyring: Keyring, public_url: str) -> None:
        self._keyring = keyring
        self._public_url = public_url.rstrip("/")

    def link(self, part: LinkPart) -> str:
        """A link up to the end of its link part, made once per mailing: complete if ANONYMOUS and SHARED.

        Everybody else's is `joined` with the delivery's or the unlinked part. LayoutError if `part` is none.
        """
        return f"{self._public_url}/c/{self._sealed(part)}"

    def delivery_part(self, part: ClickDelivery, mailing: int) -> str:
        """The second part of all PERSONAL links in one delivery's mail."""
        return self._sealed(part, mailing_context(mailing))

    def unlinked_part(self, part: UnlinkedNumber, mailing: int, link: int) -> str:
        """The second part of one UNLINKED link, or of the pixel (PIXEL_LINK)."""
        return self._sealed(part, link_context(mailing, link))

    def personal_pixel(self, pixel: PixelPersonal) -> str:
        """The pixel of one delivery."""
        return f"{self._public_url}/o/{self._sealed(pixel)}.gif"

    def anonymous_pixel(self, pixel: PixelAnonymous, number: UnlinkedNumber | None = None) -> str:
        """The pixel of a mailing, with a number if it is UNLINKED."""
        token = self._sealed(pixel)
        if number is not None:
            token = joined(token, self.unlinked_part(number, pixel.mailing, PIXEL_LINK))
        return f"{self._public_url}/o/{token}.gif"

    def preferences(self, link: AnyPreferencesLink) -> str:
        """The person's page in the preference center."""
        return f"{self._public_url}/preferences/{self._sealed(link)}"

    def stop_tracking(self, link: PreferencesLink) -> str:
        """Where one POST stops tracking."""
        return f"{self.preferences(link)}/stop-tracking"

    def unsubscribe(self, link: UnsubscribeLink) -> str:
        """Where one POST leaves the mailing's list (`List-Unsubscribe`)."""
        return f"{self._public_url}/unsubscribe/{self._sealed(link)}"

    def confirmation(self, confirmation: Confirmation) -> str:
        """The second step of a sign-up."""
        return f"{self._public_url}/forms/{confirmation.form}/confirm/{self._sealed(confirmation)}"

    def receipt(self, link: ReceiptLink) -> str:
        """The person's receipt."""
        return f"{self._public_url}/receipts/{self._sealed(link)}"

    def report(self, link: ReportLink) -> str:
        """The page of a mailing's report."""
        return f"{self._public_url}/reports/{self._sealed(link)}"

    def _sealed(self, part: _Part, context: bytes = b"") -> str:
        return self._keyring.seal(part.purpose, part.pack(), context)


def joined(first: str, second: str) -> str:
    """An address or token with its second part behind it."""
    return f"{first}{SEPARATOR}{second}"


class MailOpener:
    """Opens what stands in mails, at the rate at which it comes back.

    What belongs to a mailing is the same in all its mails and stays open; what belongs to a delivery never does.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._link = lru_cache(MOST_OPENED)(partial(_link, keyring))
        self._anonymous_pixel = lru_cache(MOST_OPENED)(partial(_opened, keyring, PixelAnonymous))

    def click(self, path_token: str) -> Click:
        """What `/c/{path_token}` is; raises TokenInvalid if the link part does not verify."""
        first, separator, second = path_token.partition(SEPARATOR)
        part, bound_to = self._link(first)
        if bound_to is not None:
            return Click(part.target, _personal_click(self._keyring, part, second, bound_to))
        hit = _anonymous_hit(self._keyring, part, part.link, second if separator else None)
        return Click(part.target, hit)

    def pixel(self, path_token: str) -> PersonalHit | AnonymousHit | None:
        """The hit that `/o/{path_token}.gif` is, None if its number is missing or foreign; raises TokenInvalid."""
        first, separator, second = path_token.partition(SEPARATOR)
        if separator:
            return _anonymous_hit(self._keyring, self._anonymous_pixel(first), PIXEL_LINK, second)
        try:
            payload = self._keyring.opened(first, _PIXELS)
            mailing, subscriber, delivery, yields_gpc, send_day, keeping = PixelPersonal.fields(payload)
        except (TokenInvalid, LayoutError):
            return _anonymous_hit(self._keyring, self._anonymous_pixel(first), PIXEL_LINK, None)
        return PersonalHit(mailing, PIXEL_LINK, subscriber, delivery, yields_gpc, send_day, keeping)


def open_preferences(keyring: Keyring, token: str, now: int) -> AnyPreferencesLink:
    """Whose page a link opens; `now` in epoch seconds. Raises TokenInvalid, TokenExpired for an old fresh one."""
    lasting: tuple[type[PreferencesLink | HandedPreferencesLink], ...] = (
        PreferencesLink,
        HandedPreferencesLink,
    )
    for kind in lasting:
        with suppress(TokenInvalid):
            return _opened(keyring, kind, token)
    fresh = _opened(keyring, FreshPreferencesLink, token)
    if now >= fresh.expires_at:
        raise TokenExpired
    return fresh


def open_unsubscribe(keyring: Keyring, token: str) -> UnsubscribeLink:
    """Who leaves which mailing's list; raises TokenInvalid."""
    return _opened(keyring, UnsubscribeLink, token)


def open_confirmation(keyring: Keyring, token: str) -> Confirmation:
    """Which pending sign-up is confirmed; raises TokenInvalid. The form in the path must be compared."""
    return _opened(keyring, Confirmation, token)


def open_receipt(keyring: Keyring, token: str, now: int) -> ReceiptLink:
    """Whose receipt a link leads to; `now` in epoch seconds. Raises TokenInvalid, TokenExpired for an old one."""
    link = _opened(keyring, ReceiptLink, token)
    if now >= link.expires_at:
        raise TokenExpired
    return link


def open_report(keyring: Keyring, token: str, now: int) -> ReportLink:
    """Which report a link leads to; `now` in epoch seconds. Raises TokenInvalid, TokenExpired for an old one."""
    link = _opened(keyring, ReportLink, token)
    if now >= link.expires_at:
        raise TokenExpired
    return link


def _link(keyring: Keyring, token: str) -> tuple[LinkPart, list[bytes] | None]:
    """A link part, and, where it is PERSONAL, what the delivery parts of its mailing are bound to."""
    part = _opened(keyring, LinkPart, token)
    if part.mode is not TrackingMode.PERSONAL:
        return part, None
    return part, associated(ClickDelivery.purpose, mailing_context(part.mailing))


def _personal_click(
    keyring: Keyring, part: LinkPart, second: str, bound_to: list[bytes]
) -> PersonalHit | None:
    try:
        subscriber, delivery, yields_gpc, keeping = ClickDelivery.fields(keyring.opened(second, bound_to))
    except (TokenInvalid, LayoutError):
        return None
    return PersonalHit(part.mailing, part.link, subscriber, delivery, yields_gpc, part.send_day, keeping)


def _anonymous_hit(
    keyring: Keyring, part: LinkPart | PixelAnonymous, link: int, second: str | None
) -> AnonymousHit | None:
    match part.anonymity, second:
        case Anonymity.SHARED, None:
            return AnonymousHit(part.mailing, link, part.send_day, None)
        case Anonymity.UNLINKED, str(token):
            number = _number(keyring, token, link_context(part.mailing, link))
            return None if number is None else AnonymousHit(part.mailing, link, part.send_day, number)
        case _:
            return None


def _number(keyring: Keyring, token: str, context: bytes) -> bytes | None:
    try:
        return _opened(keyring, UnlinkedNumber, token, context).number
    except TokenInvalid:
        return None


def _opened(keyring: Keyring, part: type[_Opened], token: str, context: bytes = b"") -> _Opened:
    payload = keyring.open(part.purpose, token, context)
    try:
        return part.unpack(payload)
    except LayoutError as cause:
        raise TokenInvalid from cause
