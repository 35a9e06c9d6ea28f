"""The rule of `precedence` without its trace: the modes alone, several times as quick.

Most decisions are made to be carried out, and nobody asks why: hits above all. Everything that lowers is looked at
here in the same way, and nothing is written down about it. That both agree on every input is a law of its tests;
whoever changes one of them changes both. Source: domain.md §5, row X1.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.domain.modes import Axis, Channel, TrackingMode
from app.domain.permission import Permission, PermissionState
from app.domain.precedence import Hit, MessageClass, Sending, signal_yields
from app.domain.settings import AccountSettings, WayOut

_OFF, _ANONYMOUS, _PERSONAL = TrackingMode.OFF, TrackingMode.ANONYMOUS, TrackingMode.PERSONAL
_YES, _NO = Permission.YES, Permission.NO
_ALL_OFF = (_OFF, _OFF)


def decide_modes(sending: Sending) -> tuple[TrackingMode, TrackingMode]:
    """The modes of `decide(sending)`, for opens and for clicks."""
    settings = sending.settings
    if (
        not sending.instance_tracking
        or not sending.addressed
        or sending.message_class is not MessageClass.ORDINARY
        or (not sending.has_way_out and settings.way_out is WayOut.REQUIRED)
    ):
        return _ALL_OFF
    opens = clicks = _OFF
    asks = sending.permission_based or settings.permission_required
    cutoff = _cutoff(settings, sending.now)
    if sending.toggle_opens is not False:
        states = [each.opens for each in sending.addressed]
        opens = _lowered(_stated(sending, Axis.OPENS), settings, Axis.OPENS, states, asks, cutoff)
    if sending.toggle_clicks is not False:
        states = [each.clicks for each in sending.addressed]
        clicks = _lowered(_stated(sending, Axis.CLICKS), settings, Axis.CLICKS, states, asks, cutoff)
    return opens, clicks


def decide_hit_mode(hit: Hit) -> TrackingMode:
    """The mode of `decide_hit(hit)`."""
    settings = hit.settings
    if not hit.instance_tracking or not hit.addressed or settings is None or not all(hit.addressed):
        return _OFF
    states = [state for each in hit.addressed for state in each]
    asks = hit.permission_based or settings.permission_required
    mode = _lowered(hit.frozen, settings, hit.axis, states, asks, _cutoff(settings, hit.now))
    if hit.privacy_signal and mode is _PERSONAL:
        yields = all(signal_yields(settings, state, hit.now) for state in states)
        return _PERSONAL if yields else _ANONYMOUS
    return mode


def _stated(sending: Sending, axis: Axis) -> TrackingMode:
    """The ceilings of layers 2 to 4 that differ by axis: what the mailing or the channel says."""
    stated, channel = sending.mailing, sending.settings.channel(sending.channel)
    relay = sending.channel is Channel.RELAY
    mode = stated.mode(axis)
    if mode is None:
        itself = stated.permission_based and not relay
        mode = _PERSONAL if itself else channel.default_mode(axis)
    if relay and mode is _PERSONAL and not channel.names_consent:
        return _OFF
    return _ANONYMOUS if channel.anonymous_tracking and mode is _PERSONAL else mode


def _cutoff(settings: AccountSettings, now: datetime) -> datetime | None:
    days = settings.permission_lifetime_days
    return None if days is None else now - timedelta(days=days)


def _lowered(
    mode: TrackingMode,
    settings: AccountSettings,
    axis: Axis,
    states: Iterable[PermissionState],
    asks: bool,
    cutoff: datetime | None,
) -> TrackingMode:
    """The mode under what each person said. A YES given at or before `cutoff` has run out."""
    for state in states:
        if mode is _OFF:
            return _OFF
        value = state.value
        if value is _NO:
            ceiling = settings.refused_mode(axis)
        elif value is _YES and (
            cutoff is None or (state.person_time is not None and state.person_time > cutoff)
        ):
            continue
        elif asks:
            ceiling = settings.unknown_mode(axis)
        else:
            continue
        if ceiling is not _PERSONAL:
            mode = ceiling
    return mode
