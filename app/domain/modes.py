"""The words of tracking: axes, modes, channels and the ceilings that modes put on each other.

Theory: everything about tracking is decided per axis, and every decision is one of three modes.

    OFF  <  ANONYMOUS  <  PERSONAL

    OFF        no pixel and no rewritten link in the mail at all
    ANONYMOUS  counted, linked to nobody
    PERSONAL   linked to the delivery

A layer can only lower, so the one operation on modes is the minimum (`lowest`). Source: domain.md §2, §5.
"""

from enum import StrEnum, unique


@unique
class Axis(StrEnum):
    """What a decision is about: opens (the pixel) or clicks (the links)."""

    OPENS = "OPENS"
    CLICKS = "CLICKS"


@unique
class TrackingMode(StrEnum):
    """How far a recipient may be tracked on one axis, from not at all to personally."""

    OFF = "OFF"
    ANONYMOUS = "ANONYMOUS"
    PERSONAL = "PERSONAL"

    @property
    def rank(self) -> int:
        """0 for OFF, 1 for ANONYMOUS, 2 for PERSONAL."""
        return _RANK[self]


_RANK = {TrackingMode.OFF: 0, TrackingMode.ANONYMOUS: 1, TrackingMode.PERSONAL: 2}


def lowest(first: TrackingMode, *others: TrackingMode) -> TrackingMode:
    """The minimum of the given modes: the one that tracks least."""
    return min((first, *others), key=_RANK.__getitem__)


@unique
class Channel(StrEnum):
    """The kind of sending that a mailing belongs to; settings are made per channel."""

    CAMPAIGN = "CAMPAIGN"
    TRANSACTIONAL = "TRANSACTIONAL"
    ONE_TO_ONE = "ONE_TO_ONE"
    RELAY = "RELAY"

    @property
    def by_send_day(self) -> bool:
        """Whether anonymity is kept per send day, because sending never ends (domain.md §7)."""
        return self in (Channel.TRANSACTIONAL, Channel.RELAY)


@unique
class Anonymity(StrEnum):
    """How an anonymous mail is anonymous: the same token for all, or a random number for each."""

    SHARED = "SHARED"
    UNLINKED = "UNLINKED"


@unique
class EventKind(StrEnum):
    """What a hit was, one event per hit (domain.md §6)."""

    LOADED_BY_PROXY = "LOADED_BY_PROXY"
    FIRST_OPENING = "FIRST_OPENING"
    OPENED = "OPENED"
    CLICKED = "CLICKED"


@unique
class ClientClass(StrEnum):
    """Who stood behind a hit, as far as rules can tell."""

    HUMAN_LIKELY = "HUMAN_LIKELY"
    PROXY = "PROXY"
    SCANNER = "SCANNER"
    UNKNOWN = "UNKNOWN"


@unique
class MembershipStatus(StrEnum):
    """A subscriber's place on a list."""

    UNCONFIRMED = "UNCONFIRMED"
    SUBSCRIBED = "SUBSCRIBED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    BOUNCED = "BOUNCED"
