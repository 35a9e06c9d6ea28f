"""Who is mailed a permission request, and who is left in peace (M5).

    they                                                  are
    said no, or were asked and kept silent, less than     ASKED_RECENTLY
    `ask_again_after` ago, on any axis or by any mail
    are on no list any more                               LEFT
    said yes on both axes                                 ANSWERED
    anybody else                                          asked

A NO or a silence without a time counts as recent. Without `ask_again_after` nobody is ever asked again. A YES that
has outlived its lifetime is no answer any more. Source: domain.md §3, §4, row M5.
"""

from datetime import datetime, timedelta
from enum import StrEnum, unique

from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionState, Reason, standing
from app.domain.precedence import Permissions
from app.domain.settings import AccountSettings


@unique
class Asking(StrEnum):
    """What becomes of one person; a job counts people by it."""

    ASKED = "asked"
    ASKED_RECENTLY = "askedRecently"
    ANSWERED = "answered"
    LEFT = "left"
    NOT_SENT = "notSent"
    """No server took the mail, or there is nobody at that address any more, so the person was not asked."""


def asking(
    permissions: Permissions,
    asked_at: datetime | None,
    settings: AccountSettings,
    now: datetime,
    *,
    on_a_list: bool,
) -> Asking:
    """What becomes of one person, by the table at the top. `on_a_list` also where they never were on any."""
    days = settings.ask_again_after_days
    states = [standing(permissions.on(axis), settings.permission_lifetime_days, now) for axis in Axis]
    if any(_recent(each, days, now) for each in states):
        return Asking.ASKED_RECENTLY
    if asked_at is not None and _within(asked_at, days, now):
        return Asking.ASKED_RECENTLY
    if not on_a_list:
        return Asking.LEFT
    if all(each.value is Permission.YES for each in states):
        return Asking.ANSWERED
    return Asking.ASKED


def _recent(state: PermissionState, days: int | None, now: datetime) -> bool:
    match state.value, state.reason:
        case Permission.NO, _:
            return _within(state.person_time or state.server_time, days, now)
        case Permission.UNKNOWN, Reason.ASKED_NO_ANSWER:
            return _within(state.server_time, days, now)
        case _:
            return False


def _within(moment: datetime | None, days: int | None, now: datetime) -> bool:
    return moment is None or days is None or now - moment < timedelta(days=days)
