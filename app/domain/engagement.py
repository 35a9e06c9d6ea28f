"""Engagement: how long ago somebody last did something that was measured (C6).

    class         the last PERSONAL open or click was
    ACTIVE        at most 30 days ago
    ENGAGED       at most 90 days ago
    UNENGAGED     at most 180 days ago
    DORMANT       at most 365 days ago
    GHOST         longer ago, or never
    NOT_MEASURED  nobody can say: permission is not PERSONAL now, or no PERSONAL delivery was sent in 90 days

Each axis is looked at for itself: one whose permission is not PERSONAL now, or whose YES was not given for segments,
says nothing, and what was recorded on it before counts no more. NOT_MEASURED means that neither axis says anything.
Whether an UNKNOWN is PERSONAL follows the account's settings for campaigns. Source: domain.md §8, §9.
"""

from datetime import datetime, timedelta
from enum import StrEnum, unique

from app.domain.modes import Axis, Channel, TrackingMode
from app.domain.settings import AccountSettings


@unique
class Engagement(StrEnum):
    """A class, by the table at the top."""

    ACTIVE = "ACTIVE"
    ENGAGED = "ENGAGED"
    UNENGAGED = "UNENGAGED"
    DORMANT = "DORMANT"
    GHOST = "GHOST"
    NOT_MEASURED = "NOT_MEASURED"


LATEST = {
    Engagement.ACTIVE: timedelta(days=30),
    Engagement.ENGAGED: timedelta(days=90),
    Engagement.UNENGAGED: timedelta(days=180),
    Engagement.DORMANT: timedelta(days=365),
}
"""How long ago the last event of a class may lie, nearest first."""

RECENT = timedelta(days=90)
"""How long ago the last PERSONAL delivery may lie."""


def unknown_is_personal(settings: AccountSettings, axis: Axis) -> bool:
    """Whether somebody who never answered is tracked personally by campaigns, as far as permission goes."""
    asks = settings.permission_required or settings.channel(Channel.CAMPAIGN).permission_based
    return not asks or settings.unknown_mode(axis) is TrackingMode.PERSONAL


def engagement(last: datetime | None, now: datetime) -> Engagement:
    """The class of somebody who is measured, by their last event."""
    if last is None:
        return Engagement.GHOST
    return next((each for each, latest in LATEST.items() if now - last <= latest), Engagement.GHOST)
