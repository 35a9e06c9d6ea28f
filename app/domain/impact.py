"""What settings mean for people who never answered, in words: the warnings of a choice.

Rule: a choice that tracks people who never answered says so, by name of axis and channel; so does a small
audience, and the keeping of addresses. A warning never hinders. Source: domain.md §4, §6, §7.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.modes import Axis, Channel, TrackingMode
from app.domain.permission import NEVER_ASKED
from app.domain.precedence import MailingTracking, Permissions, Sending
from app.domain.precedence_modes import decide_modes
from app.domain.settings import AccountSettings

_SAFE_AUDIENCE = 5
_NOBODY = Permissions(NEVER_ASKED, NEVER_ASKED)
_INHERITS = MailingTracking()
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
_HOW = {TrackingMode.ANONYMOUS: "counted anonymously", TrackingMode.PERSONAL: "tracked personally"}


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - the contract's word; nobody raises this one
    """A consequence that the caller should know. `code` is stable, `message` is one sentence or two."""

    code: str
    message: str


def mailing_warnings(
    settings: AccountSettings, channel: Channel, stated: MailingTracking, name: str
) -> Iterator[Warning]:
    """What a mailing's own choices mean for people who never answered. A mailing that inherits says nothing."""
    if stated == _INHERITS:
        return
    for axis in Axis:
        how = _HOW.get(_unanswered(settings, channel, axis, stated))
        if how is not None:
            message = (
                f"{axis.value.capitalize()} of people who never answered are {how} in the mailing “{name}”. "
                "Make sure that you may do so without their consent."
            )
            yield Warning("TRACKS_UNANSWERED", message)


def warnings(settings: AccountSettings) -> Iterator[Warning]:
    """Every consequence of the settings that a privacy officer would want to hear of before saving."""
    for axis in Axis:
        yield from _tracked_unanswered(settings, axis)
    if settings.minimum_audience == 1:
        message = "minimumAudience 1 shows exact anonymous numbers. With that nobody is promised anonymity."
        yield Warning("NO_ANONYMITY_PROMISE", message)
    elif settings.minimum_audience < _SAFE_AUDIENCE:
        message = (
            f"minimumAudience {settings.minimum_audience} shows anonymous numbers of groups as small as that; "
            "10 is usual."
        )
        yield Warning("SMALL_AUDIENCE", message)
    if settings.keep_ip:
        message = (
            "keepIp keeps the network address of every personal opening and click for 30 days. An address is personal "
            "data: make sure that your wordings name it, and that you need it."
        )
        yield Warning("KEEPS_ADDRESSES", message)


def _tracked_unanswered(settings: AccountSettings, axis: Axis) -> Iterator[Warning]:
    for mode, how in _HOW.items():
        channels = [name.value for name in Channel if _unanswered(settings, name, axis) is mode]
        if channels:
            message = (
                f"{axis.value.capitalize()} of people who never answered are {how} in {', '.join(channels)}. "
                "Make sure that you may do so without their consent."
            )
            yield Warning("TRACKS_UNANSWERED", message)


def _unanswered(
    settings: AccountSettings, channel: Channel, axis: Axis, stated: MailingTracking = _INHERITS
) -> TrackingMode:
    sending = Sending(True, settings, channel, stated, (_NOBODY,), _ANY_TIME)  # noqa: FBT003
    opens, clicks = decide_modes(sending)
    return opens if axis is Axis.OPENS else clicks
