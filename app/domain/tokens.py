"""What tokens carry: their purposes and byte layouts. `app/sealing` encrypts them, this file never does.

Theory: a token is the payload of one dataclass, sealed under its purpose. What belongs to the mailing (link,
target) is one part, what belongs to the delivery another, so that stamping a message is joining pieces:

    /c/{link part}                            ANONYMOUS, SHARED: the same for everybody
    /c/{link part}.{unlinked number}          ANONYMOUS, UNLINKED
    /c/{link part}.{delivery part}            PERSONAL; without the delivery part it leads on and records nothing
    /o/{pixel}.gif, /o/{pixel}.{unlinked number}.gif

A second part is bound by its context to the mailing it was made for; beside another one it does not verify.

    purpose            layout (bytes, big-endian)                                                total
    LINK               flags 1, mailing 8, link 1-5 (LEB128), send day 0|2, target (ASCII)   10 + target up
    CLICK_DELIVERY     flags 1, subscriber 16, delivery 8,          context: mailing 8             25|33
                       keeping account 0|8
    PIXEL_PERSONAL     flags 1, mailing 8, subscriber 16, delivery 8, send day 0|2,                33 up
                       keeping account 0|8
    PIXEL_ANONYMOUS    flags 1, mailing 8, send day 0|2                                            9|11
    UNLINKED           random number 8                              context: mailing 8, link 4     8

    flags              0x01  LINK: ANONYMOUS · CLICK_DELIVERY, PIXEL_PERSONAL: the YES beats Sec-GPC
                       0x02  LINK, PIXEL_ANONYMOUS: UNLINKED
                       0x04  a send day follows
                       0x08  CLICK_DELIVERY, PIXEL_PERSONAL: an account follows, which kept addresses at sending
                       others must be 0: a later layout says so there. Layouts without flags get a new purpose.

Send days (days since 1970, UTC) stand in the tokens of TRANSACTIONAL and RELAY mailings, whose anonymity is
kept per send day. The keeping account stands where the settings frozen at sending have `keep_ip`: the edge, which
has no database, learns from it whose word counts now (`app/keepers`).

Every payload has exactly one value and every value one payload; anything else raises LayoutError.
Source: domain.md §4 (`keep_ip`), §5 (SIGNAL), §6, §7.
"""

from dataclasses import dataclass
from enum import Enum, unique
from struct import Struct
from typing import ClassVar, Self
from uuid import UUID

from app.domain.layouts import (
    LayoutError,
    packed,
    packed_day,
    packed_link,
    unpacked,
    unpacked_day,
    unpacked_link,
)
from app.domain.modes import Anonymity, TrackingMode
from app.domain.targets import is_safe_target

PIXEL_LINK = 0
"""The link number that stands for the pixel; links of a mail are numbered from 1."""

_ANONYMOUS, _YIELDS_GPC, _UNLINKED, _SEND_DAY, _KEEPING = 0x01, 0x01, 0x02, 0x04, 0x08

_HEAD = Struct(">BQ")
_CLICK_DELIVERY = Struct(">B16sQ")
_PIXEL_PERSONAL = Struct(">BQ16sQ")
_MAILING = Struct(">Q")
_ACCOUNT = Struct(">Q")
_MAILING_AND_LINK = Struct(">QI")


@unique
class Purpose(Enum):
    """What a token is for. The value is sealed along as associated data, so no purpose opens another's."""

    LINK = b"link"
    CLICK_DELIVERY = b"click-delivery"
    PIXEL_PERSONAL = b"pixel-personal"
    PIXEL_ANONYMOUS = b"pixel-anonymous"
    UNLINKED = b"unlinked"
    PREFERENCES = b"preferences"
    FRESH_PREFERENCES = b"fresh-preferences"
    HANDED_PREFERENCES = b"handed-preferences"
    UNSUBSCRIBE = b"unsubscribe"
    CONFIRMATION = b"confirmation"
    RECEIPT = b"receipt"
    REPORT = b"report"


@dataclass(frozen=True, slots=True)
class LinkPart:
    """What a link is, sealed once per mailing and mode.

    `mode` is PERSONAL or ANONYMOUS, `link` counts from 1, `target` is what `safe_target` returned.
    In a PERSONAL part, `anonymity` and `send_day` say where a hit goes that a Sec-GPC signal lowers.
    """

    purpose: ClassVar[Purpose] = Purpose.LINK

    mailing: int
    link: int
    mode: TrackingMode
    anonymity: Anonymity
    send_day: int | None
    target: str

    def pack(self) -> bytes:
        """The payload; LayoutError for mode OFF, a link number out of range, an unsafe target."""
        if self.mode is TrackingMode.OFF:
            raise LayoutError("a mail that is not tracked has no link parts")
        _check_target(self.target)
        flags = (
            (_ANONYMOUS if self.mode is TrackingMode.ANONYMOUS else 0)
            | (_UNLINKED if self.anonymity is Anonymity.UNLINKED else 0)
            | (0 if self.send_day is None else _SEND_DAY)
        )
        head = packed(_HEAD, flags, self.mailing)
        return head + packed_link(self.link) + packed_day(self.send_day) + self.target.encode("ascii")

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The part of this payload; LayoutError for any other bytes."""
        flags, mailing = unpacked(
            _HEAD, payload[: _HEAD.size], known_flags=_ANONYMOUS | _UNLINKED | _SEND_DAY
        )
        link, position = unpacked_link(payload, _HEAD.size)
        end = position + (2 if flags & _SEND_DAY else 0)
        send_day = unpacked_day(payload[position:end], stands=bool(flags & _SEND_DAY))
        target = payload[end:].decode("ascii", "replace")
        _check_target(target)
        mode = TrackingMode.ANONYMOUS if flags & _ANONYMOUS else TrackingMode.PERSONAL
        return cls(mailing, link, mode, _anonymity(flags), send_day, target)


@dataclass(frozen=True, slots=True)
class ClickDelivery:
    """Whose mail a link stood in, sealed once per delivery with `mailing_context` as context.

    `yields_gpc`: the person's YES beats a Sec-GPC signal; frozen at sending. `keeping`: the account, where the
    settings frozen at sending keep addresses.
    """

    purpose: ClassVar[Purpose] = Purpose.CLICK_DELIVERY

    subscriber: UUID
    delivery: int
    yields_gpc: bool
    keeping: int | None = None

    def pack(self) -> bytes:
        """The payload, 25 bytes, 33 with a keeping account."""
        flags = self.yields_gpc * _YIELDS_GPC | (0 if self.keeping is None else _KEEPING)
        fixed = packed(_CLICK_DELIVERY, flags, self.subscriber.bytes, self.delivery)
        return fixed + _packed_account(self.keeping)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The part of this payload; LayoutError for any other bytes."""
        subscriber, delivery, yields_gpc, keeping = cls.fields(payload)
        return cls(UUID(bytes=subscriber), delivery, yields_gpc, keeping)

    @staticmethod
    def fields(payload: bytes) -> tuple[bytes, int, bool, int | None]:
        """What `unpack` finds, for those who need no object; LayoutError likewise."""
        keeping = None
        if payload and payload[0] & _KEEPING:
            payload, keeping = _parted(payload)
        flags, subscriber, delivery = unpacked(_CLICK_DELIVERY, payload, known_flags=_YIELDS_GPC | _KEEPING)
        return subscriber, delivery, bool(flags & _YIELDS_GPC), keeping


@dataclass(frozen=True, slots=True)
class PixelPersonal:
    """The pixel of one delivery. `send_day` says where a hit goes that a Sec-GPC signal lowers; the rest as above."""

    purpose: ClassVar[Purpose] = Purpose.PIXEL_PERSONAL

    mailing: int
    subscriber: UUID
    delivery: int
    yields_gpc: bool
    send_day: int | None = None
    keeping: int | None = None

    def pack(self) -> bytes:
        """The payload, 33 bytes, two more with a send day, eight more with a keeping account."""
        flags = (
            self.yields_gpc * _YIELDS_GPC
            | (0 if self.send_day is None else _SEND_DAY)
            | (0 if self.keeping is None else _KEEPING)
        )
        fixed = packed(_PIXEL_PERSONAL, flags, self.mailing, self.subscriber.bytes, self.delivery)
        return fixed + packed_day(self.send_day) + _packed_account(self.keeping)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The pixel of this payload; LayoutError for any other bytes."""
        mailing, subscriber, delivery, yields_gpc, send_day, keeping = cls.fields(payload)
        return cls(mailing, UUID(bytes=subscriber), delivery, yields_gpc, send_day, keeping)

    @staticmethod
    def fields(payload: bytes) -> tuple[int, bytes, int, bool, int | None, int | None]:
        """What `unpack` finds, for those who need no object; LayoutError likewise."""
        keeping = None
        if payload and payload[0] & _KEEPING:
            payload, keeping = _parted(payload)
        fixed, day = payload[: _PIXEL_PERSONAL.size], payload[_PIXEL_PERSONAL.size :]
        flags, mailing, subscriber, delivery = unpacked(
            _PIXEL_PERSONAL, fixed, known_flags=_YIELDS_GPC | _SEND_DAY | _KEEPING
        )
        send_day = unpacked_day(day, stands=bool(flags & _SEND_DAY))
        return mailing, subscriber, delivery, bool(flags & _YIELDS_GPC), send_day, keeping


@dataclass(frozen=True, slots=True)
class PixelAnonymous:
    """The pixel of a mailing (and send day), the same for everybody; UNLINKED ones carry a number beside it."""

    purpose: ClassVar[Purpose] = Purpose.PIXEL_ANONYMOUS

    mailing: int
    anonymity: Anonymity
    send_day: int | None

    def pack(self) -> bytes:
        """The payload, 9 bytes, 11 with a send day."""
        unlinked = _UNLINKED if self.anonymity is Anonymity.UNLINKED else 0
        flags = unlinked | (0 if self.send_day is None else _SEND_DAY)
        return packed(_HEAD, flags, self.mailing) + packed_day(self.send_day)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The pixel of this payload; LayoutError for any other bytes."""
        flags, mailing = unpacked(_HEAD, payload[: _HEAD.size], known_flags=_UNLINKED | _SEND_DAY)
        return cls(
            mailing, _anonymity(flags), unpacked_day(payload[_HEAD.size :], stands=bool(flags & _SEND_DAY))
        )


@dataclass(frozen=True, slots=True)
class UnlinkedNumber:
    """Eight random bytes, new for every pixel and link, stored nowhere; context `link_context`."""

    purpose: ClassVar[Purpose] = Purpose.UNLINKED
    size: ClassVar[int] = 8

    number: bytes

    def pack(self) -> bytes:
        """The payload, 8 bytes; LayoutError if the number has another size."""
        if len(self.number) != self.size:
            raise LayoutError("an unlinked number has eight bytes")
        return self.number

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The number of this payload; LayoutError for any other size."""
        if len(payload) != cls.size:
            raise LayoutError("an unlinked number has eight bytes")
        return cls(payload)


def mailing_context(mailing: int) -> bytes:
    """What a delivery part is bound to: its mailing."""
    return packed(_MAILING, mailing)


def link_context(mailing: int, link: int) -> bytes:
    """What an unlinked number is bound to: its mailing and link, PIXEL_LINK for the pixel."""
    return packed(_MAILING_AND_LINK, mailing, link)


def _packed_account(account: int | None) -> bytes:
    return b"" if account is None else packed(_ACCOUNT, account)


def _parted(payload: bytes) -> tuple[bytes, int]:
    """A personal payload without the account that ends it, and that account."""
    (account,) = unpacked(_ACCOUNT, payload[-_ACCOUNT.size :])
    return payload[: -_ACCOUNT.size], int(account)


def _anonymity(flags: int) -> Anonymity:
    return Anonymity.UNLINKED if flags & _UNLINKED else Anonymity.SHARED


def _check_target(target: str) -> None:
    if not is_safe_target(target):
        raise LayoutError("the target is not a safe web address")
