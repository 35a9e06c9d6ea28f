"""The words of a decision: every step of a trace as one sentence that a privacy officer understands.

A sentence names the rule, and for an answer of the person also when and where it was given; it never names the
person. Source: domain.md §5, row X1.
"""

from datetime import datetime
from typing import assert_never

from app.domain.decisions import DecisionReason, DecisionStep
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import PermissionSource, PermissionState, Reason

_AXIS = {Axis.OPENS: "Opens", Axis.CLICKS: "Clicks"}
_MODE = {
    TrackingMode.OFF: "are not tracked",
    TrackingMode.ANONYMOUS: "are counted at most anonymously",
    TrackingMode.PERSONAL: "may be tracked personally",
}
_FIXED = {
    DecisionReason.KILL_SWITCH: "tracking is switched off for the whole instance",
    DecisionReason.ANONYMOUS_SWITCH: "anonymous tracking is on for this channel",
    DecisionReason.MAILING_MODE: "the mailing itself says so",
    DecisionReason.MAILING_PERMISSION_BASED: "the mailing itself asks for each person's permission",
    DecisionReason.CHANNEL_DEFAULT: "this is the default of the channel",
    DecisionReason.SERVICE_MAIL: "mails that ask, confirm or hand out a preferences link are never tracked",
    DecisionReason.NO_WAY_OUT: "the mail has no preferences link and the account requires one",
    DecisionReason.NOTHING_TO_TRACK: "there is nothing in the mail that could be tracked",
    DecisionReason.RELAY_WITHOUT_CONSENT: "the relay does not say in which system consent is held",
    DecisionReason.TOGGLED_OFF: "tracking was switched off for this mail",
    DecisionReason.NOT_ASKED_HERE: "the person never answered, and this mailing does not depend on an answer",
    DecisionReason.FROZEN_AT_SENDING: "this was decided when the mail was sent",
    DecisionReason.PRIVACY_SIGNAL: "the browser sent the Global Privacy Control signal",
    DecisionReason.NOBODY_ADDRESSED: "the message names no recipient",
    DecisionReason.UNREADABLE: "something about this message could not be read",
}
_PLACE = {
    PermissionSource.FORM: "in a sign-up form",
    PermissionSource.PREFERENCE_CENTER: "in the preference center",
    PermissionSource.ONE_CLICK: "by a one-click link",
    PermissionSource.REQUEST_MAIL: "in answer to a permission request",
    PermissionSource.IMPORT: "according to an import",
    PermissionSource.API: "according to the sender's system",
    PermissionSource.SEND: "according to the sender, with a mail",
    PermissionSource.MERGE: "under another address that was merged with this one",
    PermissionSource.RESUBSCRIBE: "before subscribing again",
    PermissionSource.EXPIRY: "too long ago",
    PermissionSource.RESET: "before a reset",
    PermissionSource.ERASURE: "when asking to be erased",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SILENCE = {
    Reason.NEVER_ASKED: "the person was never asked",
    Reason.ASKED_NO_ANSWER: "the person was asked and did not answer",
    Reason.NOTIFIED_NO_OBJECTION: "the person was notified and did not object",
    Reason.LAPSED: "an earlier yes has lapsed",
}


def sentence(step: DecisionStep, axis: Axis) -> str:
    """One step of a trace in words, e.g. "Opens are not tracked, because the person said no on 3 March 2026 …"."""
    return f"{_AXIS[axis]} {_MODE[step.ceiling]}, because {_cause(step)}."


def _cause(step: DecisionStep) -> str:
    match step.reason:
        case DecisionReason.SAID_YES:
            return _answer("said yes", step.state)
        case DecisionReason.SAID_NO:
            return _answer("said no", step.state)
        case DecisionReason.NEVER_ANSWERED:
            return _silence(step)
        case (
            DecisionReason.KILL_SWITCH
            | DecisionReason.ANONYMOUS_SWITCH
            | DecisionReason.MAILING_MODE
            | DecisionReason.MAILING_PERMISSION_BASED
            | DecisionReason.CHANNEL_DEFAULT
            | DecisionReason.SERVICE_MAIL
            | DecisionReason.NO_WAY_OUT
            | DecisionReason.NOTHING_TO_TRACK
            | DecisionReason.RELAY_WITHOUT_CONSENT
            | DecisionReason.TOGGLED_OFF
            | DecisionReason.NOT_ASKED_HERE
            | DecisionReason.FROZEN_AT_SENDING
            | DecisionReason.PRIVACY_SIGNAL
            | DecisionReason.NOBODY_ADDRESSED
            | DecisionReason.UNREADABLE
        ):
            return _FIXED[step.reason]
        case _:
            assert_never(step.reason)


def _silence(step: DecisionStep) -> str:
    reason = step.state.reason if step.state else None
    silence = _SILENCE.get(reason or Reason.NEVER_ASKED, "the person has not answered")
    if step.ceiling is TrackingMode.PERSONAL:
        # Silence is no permission; it is the account that takes it for one.
        return f"{silence}, and the account tracks people who have not answered"
    return silence


def _answer(said: str, state: PermissionState | None) -> str:
    words = [f"the person {said}"]
    if state is not None and state.person_time is not None:
        words.append(f"on {_day(state.person_time)}")
    if state is not None and state.source is not None:
        words.append(_PLACE[state.source])
    return " ".join(words)


def _day(moment: datetime) -> str:
    # Not strftime: the names of months would follow the locale of the process.
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
