"""The sentences of a person's page, from what `disclosure` hands out and the catalogs of `look`.

What somebody sees follows from the mode, why it is so from the step of the trace that explains it, and what a
saved page says from what was saved. Every reason has its sentence, so nothing on the page goes unexplained.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from app.disclosure.preferences import AxisView, PreferencesView
from app.disclosure.recorded import AnswerView, MailView, RecordedView
from app.domain.decisions import DecisionReason
from app.domain.modes import Axis, Channel, TrackingMode
from app.domain.permission import Permission, PermissionSource, PermissionState, Reason
from app.domain.receipts import ShownWording
from app.look.languages import Language

_RECORDS = frozenset({PermissionSource.IMPORT, PermissionSource.API, PermissionSource.SEND})
_DOORS = frozenset(
    {
        PermissionSource.FORM,
        PermissionSource.PREFERENCE_CENTER,
        PermissionSource.ONE_CLICK,
        PermissionSource.REQUEST_MAIL,
        PermissionSource.MERGE,
    }
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen on one axis today, and why, in words. `what` names the axis, and the channel if it is another."""

    what: str
    sees: str
    why: str


def seen(view: PreferencesView, spoken: Language) -> list[Seen]:
    """Both axes in words, and whatever mail of other channels shows more."""
    return [
        Seen(
            _what(each, spoken),
            spoken.say(f"sees.{each.axis}.{each.mode}", account=view.account),
            why(each, view.account, spoken),
        )
        for each in (*view.axes, *view.more)
    ]


def _what(each: AxisView, spoken: Language) -> str:
    axis = spoken.say(f"axis.{each.axis}")
    if each.channel is Channel.CAMPAIGN:
        return axis
    return spoken.say("axis.channel", axis=axis, channel=spoken.say(f"channel.{each.channel}"))


def why(each: AxisView, account: str, spoken: Language) -> str:
    """Why an axis is at its mode, in one sentence: "Opens are not tracked, because you said no on 3 March 2026 …"."""
    tracked = spoken.say(f"tracked.{each.axis}.{each.mode}")
    # Where a day or a place is not known, its blank goes with it.
    return " ".join(filter(None, f"{tracked}, {_because(each, account, spoken)}".split(" "))) + "."


def _because(each: AxisView, account: str, spoken: Language) -> str:
    reason = each.because.reason
    match reason:
        case DecisionReason.SAID_YES | DecisionReason.SAID_NO:
            return spoken.say(f"because.{reason}", when=_when(each.stands, account, spoken))
        case DecisionReason.NEVER_ANSWERED | DecisionReason.NOT_ASKED_HERE:
            silence = spoken.say(f"because.{each.stands.reason or Reason.NEVER_ASKED}")
            if each.mode is TrackingMode.OFF:
                return silence
            # Silence is no permission; it is the account that takes it for one.
            return spoken.say("because.unless_no", silence=silence, account=account)
        case (
            DecisionReason.CHANNEL_DEFAULT
            | DecisionReason.ANONYMOUS_SWITCH
            | DecisionReason.KILL_SWITCH
            | DecisionReason.UNREADABLE
            | DecisionReason.MAILING_MODE
            | DecisionReason.MAILING_PERMISSION_BASED
            | DecisionReason.SERVICE_MAIL
            | DecisionReason.NO_WAY_OUT
            | DecisionReason.NOTHING_TO_TRACK
            | DecisionReason.RELAY_WITHOUT_CONSENT
            | DecisionReason.TOGGLED_OFF
            | DecisionReason.FROZEN_AT_SENDING
            | DecisionReason.PRIVACY_SIGNAL
            | DecisionReason.NOBODY_ADDRESSED
        ):
            return spoken.say(f"because.{reason}", account=account)
        case _:
            assert_never(reason)


def _when(state: PermissionState, account: str, spoken: Language) -> str:
    words = []
    if state.person_time is not None:
        words.append(spoken.say("when.on", date=spoken.date(state.person_time)))
    if state.source in _RECORDS:
        words.append(spoken.say("place.records", account=account))
    elif state.source in _DOORS:
        words.append(spoken.say(f"place.{state.source}"))
    return " ".join(words)


def questions(account: str, spoken: Language) -> dict[str, str]:
    """The questions exactly as they are shown, and kept as wordings with the answers: both, OPENS, CLICKS."""
    keys = ("both", *Axis)
    return {key: spoken.say(f"question.{key}", account=account) for key in keys}


def signalled(view: PreferencesView, answered: Collection[Axis]) -> set[Axis]:
    """The axes on which Global Privacy Control chooses no: all but those just answered, and a YES given to us.

    Both are the person's own word, which a signal must not turn round at the next saving.
    """
    own_yes = {
        each.axis for each in view.axes if each.stands.value is Permission.YES and each.stands.by_person
    }
    return {*Axis} - own_yes - {*answered}


def checked(view: PreferencesView, signalled: Collection[Axis] = ()) -> dict[str, str]:
    """What is chosen when the page opens: what stands, no where a signal says so, and nothing otherwise."""
    chosen = {
        str(each.axis): "no" if each.axis in signalled else _CHOSEN[each.stands.value] for each in view.axes
    }
    alike = len(set(chosen.values())) == 1
    return {**chosen, "both": chosen[Axis.OPENS] if alike else ""}


def of_person(view: RecordedView, spoken: Language) -> list[tuple[str, str]]:
    """What is stored of the person, each with its name."""
    return [
        (spoken.say("recorded.address"), view.address),
        (spoken.say("recorded.language"), view.locale or spoken.say("recorded.language.none")),
        (spoken.say("recorded.since"), spoken.date(view.since)),
        *view.attributes.items(),
    ]


@dataclass(frozen=True, slots=True)
class MailWords:
    """One mail and what was recorded of it."""

    name: str
    said: Sequence[str]
    links: Sequence[str]


def of_mail(mail: MailView, spoken: Language) -> MailWords:
    """When a mail was sent and what is recorded of it, in words."""
    return MailWords(mail.name, [_sent(mail, spoken), *_done(mail, spoken)], mail.links)


def _sent(mail: MailView, spoken: Language) -> str:
    return spoken.say("recorded.sent", date=spoken.date(mail.sent_at))


def _done(mail: MailView, spoken: Language) -> Iterator[str]:
    if mail.opens:
        yield spoken.count("recorded.opens", mail.opens)
    if mail.first_opened_at is not None:
        first = mail.first_opened_at
        yield spoken.say("recorded.opens.first", date=spoken.date(first), time=spoken.time(first))
    if mail.clicks:
        yield spoken.count("recorded.clicks", mail.clicks)
    if not mail.opens and not mail.clicks:
        yield spoken.say("recorded.quiet" if mail.personal else "recorded.off")


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """One change of answers: when, what, where, and the question that was asked."""

    when: str
    said: Sequence[str]
    where: str
    wording: ShownWording | None


def of_change(change: AnswerView, account: str, spoken: Language) -> ChangeWords:
    """A change of answers in words; where it was given is a part of a sentence."""
    said = [
        spoken.say("answers.line", axis=spoken.say(f"axis.{axis}"), answer=spoken.say(f"answers.{answer}"))
        for axis, answer in change.answers.items()
    ]
    return ChangeWords(spoken.moment(change.at), said, _where(change, account, spoken), change.wording)


def _where(change: AnswerView, account: str, spoken: Language) -> str:
    if change.source in _RECORDS:
        return spoken.say("place.records", account=account)
    silent = set(change.answers.values()) == {Permission.UNKNOWN}
    if silent and change.source is PermissionSource.REQUEST_MAIL:
        return spoken.say("answers.requested")
    return spoken.say(f"place.{change.source}", account=account)


_CHOSEN = {Permission.YES: "yes", Permission.NO: "no", Permission.UNKNOWN: ""}


def saved(given: Mapping[Axis, Permission], new: int, account: str, spoken: Language) -> list[str]:
    """What happened, when it takes effect, and how to undo it."""
    if not new:
        return [spoken.say("saved.same"), spoken.say("saved.undo")]
    values = set(given.values())
    if len(values) > 1:
        happened = spoken.say("saved.mixed")
    else:
        scope = "both" if len(given) > 1 else str(next(iter(given)))
        happened = spoken.say(f"saved.{next(iter(values))}.{scope}", account=account)
    effects = [spoken.say(f"saved.effect.{value}") for value in Permission if value in values]
    return [happened, *effects, spoken.say("saved.undo")]
