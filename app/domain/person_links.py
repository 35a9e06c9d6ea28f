"""The tokens that stand for a person rather than for a hit: preferences, unsubscribing, confirming, receipts.

    purpose            layout (bytes, big-endian)                                                total
    PREFERENCES        subscriber 16, mailing 8, delivery 8                                        32
    FRESH_PREFERENCES  subscriber 16, expiry 8 (seconds since 1970)                                24
    HANDED_PREFERENCES subscriber 16, API token 8 (its id)                                         24
    UNSUBSCRIBE        subscriber 16, mailing 8                                                    24
    CONFIRMATION       form 8, pending sign-up 16                                                  24
    RECEIPT            subscriber 16, expiry 8 (seconds since 1970)                                24

They have no flags: a later layout gets a new purpose. Their purposes stand in `tokens`. Source: domain.md §6, §8.
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Self
from uuid import UUID

from app.domain.layouts import packed, unpacked
from app.domain.tokens import Purpose

_PREFERENCES = Struct(">16sQQ")
_SUBSCRIBER_AND_NUMBER = Struct(">16sQ")
_CONFIRMATION = Struct(">Q16s")


@dataclass(frozen=True, slots=True)
class PreferencesLink:
    """The way to the preference center that stands in a mail. Never expires.

    mailing   delivery   it came from
    its id    its id     a mail of that delivery
    0         a job's    the permission request that this job mailed
    0         0          no mail
    """

    purpose: ClassVar[Purpose] = Purpose.PREFERENCES

    subscriber: UUID
    mailing: int = 0
    delivery: int = 0

    @property
    def of_request(self) -> bool:
        """Whether it came in a mail that asked for permission."""
        return self.mailing == 0 and self.delivery > 0

    def pack(self) -> bytes:
        """The payload, 32 bytes."""
        return packed(_PREFERENCES, self.subscriber.bytes, self.mailing, self.delivery)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The link of this payload; LayoutError for any other bytes."""
        subscriber, mailing, delivery = unpacked(_PREFERENCES, payload)
        return cls(UUID(bytes=subscriber), mailing, delivery)


@dataclass(frozen=True, slots=True)
class FreshPreferencesLink:
    """The way to everything recorded about a person, mailed on request; valid before `expires_at` (epoch s)."""

    purpose: ClassVar[Purpose] = Purpose.FRESH_PREFERENCES

    subscriber: UUID
    expires_at: int

    def pack(self) -> bytes:
        """The payload, 24 bytes."""
        return packed(_SUBSCRIBER_AND_NUMBER, self.subscriber.bytes, self.expires_at)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The link of this payload; LayoutError for any other bytes."""
        subscriber, expires_at = unpacked(_SUBSCRIBER_AND_NUMBER, payload)
        return cls(UUID(bytes=subscriber), expires_at)


@dataclass(frozen=True, slots=True)
class HandedPreferencesLink:
    """The way to the preference center that a caller of the API was handed. Never expires.

    `token` is the id of the API token that asked for it: what is answered through the link names it.
    """

    purpose: ClassVar[Purpose] = Purpose.HANDED_PREFERENCES

    subscriber: UUID
    token: int

    def pack(self) -> bytes:
        """The payload, 24 bytes."""
        return packed(_SUBSCRIBER_AND_NUMBER, self.subscriber.bytes, self.token)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The link of this payload; LayoutError for any other bytes."""
        subscriber, token = unpacked(_SUBSCRIBER_AND_NUMBER, payload)
        return cls(UUID(bytes=subscriber), token)


@dataclass(frozen=True, slots=True)
class UnsubscribeLink:
    """The way off the list of a mailing (RFC 8058). Never expires."""

    purpose: ClassVar[Purpose] = Purpose.UNSUBSCRIBE

    subscriber: UUID
    mailing: int

    def pack(self) -> bytes:
        """The payload, 24 bytes."""
        return packed(_SUBSCRIBER_AND_NUMBER, self.subscriber.bytes, self.mailing)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The link of this payload; LayoutError for any other bytes."""
        subscriber, mailing = unpacked(_SUBSCRIBER_AND_NUMBER, payload)
        return cls(UUID(bytes=subscriber), mailing)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The second step of a sign-up: which form, and which pending sign-up (double opt-in)."""

    purpose: ClassVar[Purpose] = Purpose.CONFIRMATION

    form: int
    pending: UUID

    def pack(self) -> bytes:
        """The payload, 24 bytes."""
        return packed(_CONFIRMATION, self.form, self.pending.bytes)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The confirmation of this payload; LayoutError for any other bytes."""
        form, pending = unpacked(_CONFIRMATION, payload)
        return cls(form, UUID(bytes=pending))


@dataclass(frozen=True, slots=True)
class ReceiptLink:
    """The way to a person's receipt and to nothing else; valid before `expires_at` (epoch s)."""

    purpose: ClassVar[Purpose] = Purpose.RECEIPT

    subscriber: UUID
    expires_at: int

    def pack(self) -> bytes:
        """The payload, 24 bytes."""
        return packed(_SUBSCRIBER_AND_NUMBER, self.subscriber.bytes, self.expires_at)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The link of this payload; LayoutError for any other bytes."""
        subscriber, expires_at = unpacked(_SUBSCRIBER_AND_NUMBER, payload)
        return cls(UUID(bytes=subscriber), expires_at)
