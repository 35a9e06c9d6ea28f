"""Precedence: which mode is in force. No other file decides that.

Theory: every layer that has something to say puts a ceiling on the mode, and the effective mode is the minimum of
the ceilings. A layer can only lower, so the order of the layers never changes the mode; it only decides which of
several equally low layers is named as the one that bound it (the first).

    order  layer              speaks when                              ceiling
    1      INSTANCE           the kill switch is on                    OFF
    2      ACCOUNT_ANONYMOUS  the channel's anonymous_tracking is on   ANONYMOUS
    3      MODE_SETTING       always, once: the mailing's own mode;    that mode
                              else PERSONAL if the mailing itself is
                              permission-based (never in a relay);
                              else the default
    4      MESSAGE_CLASS      permission requests, confirmations,      OFF
                              preference-link mails; no way out;
                              nothing in the mail to track
                              a relay PERSONAL without consent held    OFF
    5      TOGGLE             a toggle of the mail at hand is off      OFF
    6      PERMISSION         for every address of the message         see below
    7      FROZEN             at the hit: the mode at sending          that mode
    8      SIGNAL             at the hit: Sec-GPC                      ANONYMOUS
    9      ERROR              nobody is addressed; settings or         OFF
                              somebody's answer cannot be read

    PERMISSION                YES        UNKNOWN                        NO
    permission-based          PERSONAL   unknown_mode                   refused_mode
    not permission-based      PERSONAL   PERSONAL, but unknown_mode     refused_mode
                                         if permission is required

At the hit only 1, 6, 7 and 8 are decided, under the settings frozen on the delivery. Source: domain.md §5.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import assert_never

from app.domain.decisions import AxisDecision, Decision, DecisionLayer, DecisionReason, DecisionStep
from app.domain.modes import Axis, Channel, TrackingMode, lowest
from app.domain.permission import Permission, PermissionState, standing
from app.domain.settings import AccountSettings, GpcRule, WayOut


@unique
class MessageClass(StrEnum):
    """What a message is for. Mails that ask, confirm or hand out a preference link are never tracked."""

    ORDINARY = "ORDINARY"
    PERMISSION_REQUEST = "PERMISSION_REQUEST"
    CONFIRMATION = "CONFIRMATION"
    PREFERENCE_LINK = "PREFERENCE_LINK"


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one address stands at, on both axes, without expiry applied."""

    opens: PermissionState
    clicks: PermissionState

    def on(self, axis: Axis) -> PermissionState:
        """The state of one axis."""
        return self.opens if axis is Axis.OPENS else self.clicks


@dataclass(frozen=True, slots=True)
class MailingTracking:
    """What a mailing itself states; None inherits."""

    opens: TrackingMode | None = None
    clicks: TrackingMode | None = None
    permission_based: bool | None = None

    def mode(self, axis: Axis) -> TrackingMode | None:
        """The mailing's own mode on one axis."""
        return self.opens if axis is Axis.OPENS else self.clicks


@dataclass(frozen=True, slots=True)
class Sending:
    """Everything that a decision at sending depends on. `toggle_*` None means that the mail has none."""

    instance_tracking: bool
    settings: AccountSettings
    channel: Channel
    mailing: MailingTracking
    addressed: Sequence[Permissions]
    now: datetime
    message_class: MessageClass = MessageClass.ORDINARY
    has_way_out: bool = True
    toggle_opens: bool | None = None
    toggle_clicks: bool | None = None

    @property
    def permission_based(self) -> bool:
        """Whether this mailing asks the recipients' permission; it is frozen on each delivery."""
        if self.channel is Channel.RELAY:
            return False
        own = self.mailing.permission_based
        return self.settings.channel(self.channel).permission_based if own is None else own


@dataclass(frozen=True, slots=True)
class Hit:
    """Everything that a decision at a hit depends on.

    `addressed` holds, for every address of the message, all the states from the hit until the writing: a NO in
    between wins. `settings` None, and an address without any state, mean that they could not be read.
    """

    instance_tracking: bool
    settings: AccountSettings | None
    axis: Axis
    frozen: TrackingMode
    permission_based: bool
    addressed: Sequence[Sequence[PermissionState]]
    now: datetime
    privacy_signal: bool = False


_UNREADABLE = DecisionStep(DecisionLayer.ERROR, TrackingMode.OFF, DecisionReason.UNREADABLE)


def decide(sending: Sending) -> Decision:
    """The mode of a message on both axes, when it is sent."""
    return Decision(
        opens=_bind(_layers_at_sending(sending, Axis.OPENS)),
        clicks=_bind(_layers_at_sending(sending, Axis.CLICKS)),
    )


@dataclass(frozen=True, slots=True)
class Means:
    """What a mail has that could be tracked at all: a place for a pixel, links, links that are the same for all."""

    pixel: bool = True
    links: bool = True
    shared_links: bool = True

    def carry(self, axis: Axis, mode: TrackingMode) -> bool:
        """Whether a mail with these means can be tracked in this mode."""
        if axis is Axis.OPENS:
            return self.pixel
        return self.shared_links if mode is TrackingMode.ANONYMOUS else self.links


def with_means(decision: Decision, means: Means) -> Decision:
    """The decision lowered to OFF on each axis for which the mail has nothing to track.

    Nobody is measured by a pixel that is not there, and nobody may count in an audience that cannot act.
    """
    return Decision(
        opens=_with_means(decision.opens, Axis.OPENS, means),
        clicks=_with_means(decision.clicks, Axis.CLICKS, means),
    )


def _with_means(decided: AxisDecision, axis: Axis, means: Means) -> AxisDecision:
    if means.carry(axis, decided.mode):
        return decided
    step = DecisionStep(DecisionLayer.MESSAGE_CLASS, TrackingMode.OFF, DecisionReason.NOTHING_TO_TRACK)
    order = list(DecisionLayer)
    return _bind(sorted((*decided.trace, step), key=lambda each: order.index(each.layer)))


def decide_hit(hit: Hit) -> AxisDecision:
    """The mode of a hit on one axis, when it is written down."""
    return _bind(_layers_at_hit(hit))


def _bind(steps: Iterable[DecisionStep]) -> AxisDecision:
    trace = tuple(steps)
    mode = lowest(*(step.ceiling for step in trace))
    bound_by = next(step.layer for step in trace if step.ceiling is mode)
    return AxisDecision(mode, bound_by, trace)


def _layers_at_sending(sending: Sending, axis: Axis) -> Iterator[DecisionStep]:
    yield from _instance(instance_tracking=sending.instance_tracking)
    if sending.settings.channel(sending.channel).anonymous_tracking:
        yield DecisionStep(
            DecisionLayer.ACCOUNT_ANONYMOUS, TrackingMode.ANONYMOUS, DecisionReason.ANONYMOUS_SWITCH
        )
    setting = _mode_setting(sending, axis)
    yield setting
    yield from _message_class(sending, setting.ceiling)
    if (sending.toggle_opens if axis is Axis.OPENS else sending.toggle_clicks) is False:
        yield DecisionStep(DecisionLayer.TOGGLE, TrackingMode.OFF, DecisionReason.TOGGLED_OFF)
    if not sending.addressed:
        yield DecisionStep(DecisionLayer.ERROR, TrackingMode.OFF, DecisionReason.NOBODY_ADDRESSED)
    for permissions in sending.addressed:
        yield permission_step(
            sending.settings,
            axis,
            permissions.on(axis),
            permission_based=sending.permission_based,
            now=sending.now,
        )


def _layers_at_hit(hit: Hit) -> Iterator[DecisionStep]:
    yield from _instance(instance_tracking=hit.instance_tracking)
    yield from _permissions_at_hit(hit)
    yield DecisionStep(DecisionLayer.FROZEN, hit.frozen, DecisionReason.FROZEN_AT_SENDING)
    if hit.privacy_signal and not _yields(hit):
        yield DecisionStep(DecisionLayer.SIGNAL, TrackingMode.ANONYMOUS, DecisionReason.PRIVACY_SIGNAL)
    if not hit.addressed:
        yield DecisionStep(DecisionLayer.ERROR, TrackingMode.OFF, DecisionReason.NOBODY_ADDRESSED)
    elif hit.settings is None or not all(hit.addressed):
        yield _UNREADABLE


def _permissions_at_hit(hit: Hit) -> Iterator[DecisionStep]:
    if hit.settings is None:
        return
    for state in (state for states in hit.addressed for state in states):
        yield permission_step(
            hit.settings, hit.axis, state, permission_based=hit.permission_based, now=hit.now
        )


def _yields(hit: Hit) -> bool:
    settings = hit.settings
    return settings is not None and all(
        signal_yields(settings, state, hit.now) for states in hit.addressed for state in states
    )


def signal_yields(settings: AccountSettings, state: PermissionState, now: datetime) -> bool:
    """Whether Sec-GPC yields to this answer: only to a YES that the person gave to us, if the account says so."""
    return (
        settings.gpc is GpcRule.YIELDS_TO_PERSONS_YES
        and state.by_person
        and standing(state, settings.permission_lifetime_days, now).value is Permission.YES
    )


def _instance(*, instance_tracking: bool) -> Iterator[DecisionStep]:
    if not instance_tracking:
        yield DecisionStep(DecisionLayer.INSTANCE, TrackingMode.OFF, DecisionReason.KILL_SWITCH)


def _mode_setting(sending: Sending, axis: Axis) -> DecisionStep:
    own = sending.mailing.mode(axis)
    if own is not None:
        return DecisionStep(DecisionLayer.MODE_SETTING, own, DecisionReason.MAILING_MODE)
    if sending.mailing.permission_based and sending.permission_based:
        reason = DecisionReason.MAILING_PERMISSION_BASED
        return DecisionStep(DecisionLayer.MODE_SETTING, TrackingMode.PERSONAL, reason)
    default = sending.settings.channel(sending.channel).default_mode(axis)
    return DecisionStep(DecisionLayer.MODE_SETTING, default, DecisionReason.CHANNEL_DEFAULT)


def _message_class(sending: Sending, asked: TrackingMode) -> Iterator[DecisionStep]:
    if sending.message_class is not MessageClass.ORDINARY:
        yield DecisionStep(DecisionLayer.MESSAGE_CLASS, TrackingMode.OFF, DecisionReason.SERVICE_MAIL)
    if not sending.has_way_out and sending.settings.way_out is WayOut.REQUIRED:
        yield DecisionStep(DecisionLayer.MESSAGE_CLASS, TrackingMode.OFF, DecisionReason.NO_WAY_OUT)
    personal_relay = sending.channel is Channel.RELAY and asked is TrackingMode.PERSONAL
    if personal_relay and not sending.settings.channel(Channel.RELAY).names_consent:
        reason = DecisionReason.RELAY_WITHOUT_CONSENT
        yield DecisionStep(DecisionLayer.MESSAGE_CLASS, TrackingMode.OFF, reason)


def permission_step(
    settings: AccountSettings, axis: Axis, state: PermissionState, *, permission_based: bool, now: datetime
) -> DecisionStep:
    """The ceiling that one person's answer puts on one axis, by the second table at the top."""
    stands = standing(state, settings.permission_lifetime_days, now)
    match stands.value:
        case Permission.YES:
            ceiling, reason = TrackingMode.PERSONAL, DecisionReason.SAID_YES
        case Permission.NO:
            ceiling, reason = settings.refused_mode(axis), DecisionReason.SAID_NO
        case Permission.UNKNOWN if permission_based or settings.permission_required:
            ceiling, reason = settings.unknown_mode(axis), DecisionReason.NEVER_ANSWERED
        case Permission.UNKNOWN:
            ceiling, reason = TrackingMode.PERSONAL, DecisionReason.NOT_ASKED_HERE
        case _:
            assert_never(stands.value)
    return DecisionStep(DecisionLayer.PERMISSION, ceiling, reason, stands)
