"""Turns decided modes into the message itself: which pixel, which links, which ways out.

What belongs to the mailing is sealed once a call, what belongs to the delivery once a message, so a message is
made by joining pieces. Source: domain.md §6, §7.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.domain.modes import Anonymity, TrackingMode
from app.domain.person_links import PreferencesLink, UnsubscribeLink
from app.domain.targets import UnsafeTarget, safe_target
from app.domain.tokens import ClickDelivery, LinkPart, PixelAnonymous, PixelPersonal, UnlinkedNumber
from app.look.footers import footer_html
from app.mail.tags import Merge
from app.mail.template import Seal, Template
from app.mail.text import stamp_text
from app.sealing.links import Addresses, joined

_NUMBER_BYTES = 8


def recorded_target(target: str, mode: TrackingMode) -> str:
    """The name under which clicks on a target are counted.

    Query strings of anonymous targets are never stored: a sender may have put a person's id into them.
    """
    if mode is TrackingMode.PERSONAL:
        return target
    return target.partition("#")[0].partition("?")[0]


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to be stamped.

    `subscriber` and `delivery` are what its tokens carry: the delivery's key, or the message's own where it has
    several addresses (`shared_message`). `keeping`: the account, where it keeps addresses of this letter's hits.
    """

    subscriber: UUID
    delivery: int
    opens: TrackingMode
    clicks: TrackingMode
    opens_yield: bool
    clicks_yield: bool
    merge: Merge
    locale: str | None
    shared_message: bool
    keeping: int | None


@dataclass(frozen=True, slots=True)
class Stamped:
    """A finished message. `headers` are to be added to the mail as they stand."""

    html: str | None
    text: str | None
    headers: tuple[tuple[str, str], ...]
    untracked: tuple[str, ...]


class Stamper:
    """Stamps the messages of one call: one mailing, one template, one send day."""

    def __init__(
        self,
        addresses: Addresses,
        public_url: str,
        mailing: int,
        *,
        anonymity: Anonymity,
        send_day: int | None,
        template: Template | None,
        text: str | None,
        numbers: Mapping[str, int],
        footer: bool,
    ) -> None:
        """`numbers` are the numbers of the mailing's links, `footer` whether a mail without a way out gets one."""
        self._addresses = addresses
        self._public_url = public_url.rstrip("/")
        self._mailing = mailing
        self._anonymity = anonymity
        self._send_day = send_day
        self._template = template
        self._text = text
        self._numbers = numbers
        self._footer = footer
        self._parts: dict[TrackingMode, list[str | None]] = {}

    def stamp(self, letter: Letter) -> Stamped:
        """The message for one letter."""
        preferences, unsubscribe, headers = self._ways_out(letter)
        template, text = self._template, self._text
        return Stamped(
            html=None if template is None else self._html(template, letter, preferences, unsubscribe),
            text=None
            if text is None
            else stamp_text(
                text, preferences_url=preferences, unsubscribe_url=unsubscribe, merge=letter.merge
            ),
            headers=headers,
            untracked=() if template is None else template.untracked(letter.clicks, letter.merge),
        )

    def _ways_out(self, letter: Letter) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        if letter.shared_message:
            # Nobody can tell which of the recipients follows the link, so the page asks for the address.
            url = f"{self._public_url}/preferences"
            return url, url, (("List-Unsubscribe", f"<{url}>"),)
        preferences = self._addresses.preferences(
            PreferencesLink(letter.subscriber, self._mailing, letter.delivery)
        )
        unsubscribe = self._addresses.unsubscribe(UnsubscribeLink(letter.subscriber, self._mailing))
        headers = (
            ("List-Unsubscribe", f"<{unsubscribe}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        )
        return preferences, unsubscribe, headers

    def _html(self, template: Template, letter: Letter, preferences: str, unsubscribe: str) -> str:
        tracked = TrackingMode.OFF is not letter.opens or TrackingMode.OFF is not letter.clicks
        footer = self._footer and tracked and not template.has_way_out
        delivery_part = self._delivery_part(letter)
        return template.stamp(
            preferences_url=preferences,
            unsubscribe_url=unsubscribe,
            links=self._links(template, letter, delivery_part),
            seal=None if delivery_part is None else self._seal(delivery_part, template),
            pixel_url=self._pixel(letter),
            footer_html=footer_html(letter.locale, preferences) if footer else None,
            merge=letter.merge,
        )

    def _pixel(self, letter: Letter) -> str | None:
        match letter.opens:
            case TrackingMode.OFF:
                return None
            case TrackingMode.PERSONAL:
                pixel = PixelPersonal(
                    self._mailing,
                    letter.subscriber,
                    letter.delivery,
                    letter.opens_yield,
                    self._send_day,
                    letter.keeping,
                )
                return self._addresses.personal_pixel(pixel)
            case TrackingMode.ANONYMOUS:
                number = self._number()
                return self._addresses.anonymous_pixel(
                    PixelAnonymous(self._mailing, self._anonymity, self._send_day), number
                )

    def _number(self) -> UnlinkedNumber | None:
        unlinked = self._anonymity is Anonymity.UNLINKED
        return UnlinkedNumber(secrets.token_bytes(_NUMBER_BYTES)) if unlinked else None

    def _delivery_part(self, letter: Letter) -> str | None:
        if letter.clicks is not TrackingMode.PERSONAL:
            return None
        part = ClickDelivery(letter.subscriber, letter.delivery, letter.clicks_yield, letter.keeping)
        return self._addresses.delivery_part(part, self._mailing)

    def _links(
        self, template: Template, letter: Letter, delivery_part: str | None
    ) -> list[str | None] | None:
        if letter.clicks is TrackingMode.OFF:
            return None
        parts = self._link_parts(template, letter.clicks)
        if delivery_part is not None:
            return [None if part is None else joined(part, delivery_part) for part in parts]
        if self._anonymity is Anonymity.SHARED:
            return parts
        return [
            None if part is None else self._numbered(part, template, place)
            for place, part in enumerate(parts)
        ]

    def _numbered(self, part: str, template: Template, place: int) -> str:
        number = self._numbers[recorded_target(template.links[place], TrackingMode.ANONYMOUS)]
        random = UnlinkedNumber(secrets.token_bytes(_NUMBER_BYTES))
        return joined(part, self._addresses.unlinked_part(random, self._mailing, number))

    def _link_parts(self, template: Template, mode: TrackingMode) -> list[str | None]:
        if mode not in self._parts:
            self._parts[mode] = [
                None if place in template.varying else self._link_part(target, target, mode)
                for place, target in enumerate(template.links)
            ]
        return self._parts[mode]

    def _link_part(self, template_target: str, target: str, mode: TrackingMode) -> str | None:
        try:
            safe = safe_target(target)
        except UnsafeTarget:
            return None
        number = self._numbers[recorded_target(template_target, mode)]
        return self._addresses.link(
            LinkPart(self._mailing, number, mode, self._anonymity, self._send_day, safe)
        )

    def _seal(self, delivery_part: str, template: Template) -> Seal:
        def seal(place: int, target: str) -> str | None:
            part = self._link_part(template.links[place], target, TrackingMode.PERSONAL)
            return None if part is None else joined(part, delivery_part)

        return seal
