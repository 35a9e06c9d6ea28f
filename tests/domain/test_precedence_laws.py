"""The laws of precedence, over any settings, mailing, answers and signal that there could be."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decisions import AxisDecision, DecisionLayer
from app.domain.modes import Axis, Channel, TrackingMode, lowest
from app.domain.permission import Permission, PermissionState
from app.domain.precedence import Hit, MessageClass, Permissions, Sending, decide, decide_hit
from app.domain.presets import Preset, preset
from app.domain.settings import GpcRule, WayOut
from tests.domain.tracking import (
    ANONYMOUS,
    NO,
    NOW,
    OFF,
    UNKNOWN,
    both,
    hits,
    mailings,
    modes,
    permissions,
    sendings,
    settings_in_order,
    states,
    toggles,
    with_channel,
)

axes = st.sampled_from(Axis)
ORDER = list(DecisionLayer)


def with_mode(sending: Sending, mode: TrackingMode) -> Sending:
    """The sending, its mailing stating at most this mode for itself.

    A relay that is PERSONAL without saying where consent is held is no sending that an account can ask for: it is
    OFF, which is less than the ANONYMOUS that it could state.
    """
    if sending.channel is Channel.RELAY and not sending.settings.channel(Channel.RELAY).names_consent:
        return sending
    own = {axis.value.lower(): lowest(mode, _mode_setting(decide(sending).on(axis))) for axis in Axis}
    return replace(sending, mailing=replace(sending.mailing, **own))


def _mode_setting(decided: AxisDecision) -> TrackingMode:
    return next(step.ceiling for step in decided.trace if step.layer is DecisionLayer.MODE_SETTING)


def with_settings(sending: Sending, **changes: object) -> Sending:
    """The sending under settings that differ in these."""
    return replace(sending, settings=replace(sending.settings, **changes))


LOWERINGS = {
    "kill switch": lambda sending, *_: replace(sending, instance_tracking=False),
    "anonymous switch": lambda sending, *_: replace(
        sending, settings=with_channel(sending.settings, sending.channel, anonymous_tracking=True)
    ),
    "mode": lambda sending, mode, _person: with_mode(sending, mode),
    "service mail": lambda sending, *_: replace(sending, message_class=MessageClass.CONFIRMATION),
    "way out": lambda sending, *_: with_settings(
        replace(sending, has_way_out=False), way_out=WayOut.REQUIRED
    ),
    "toggles": lambda sending, *_: replace(sending, toggle_opens=False, toggle_clicks=False),
    "permission required": lambda sending, *_: with_settings(sending, permission_required=True),
    "shorter lifetime": lambda sending, *_: with_settings(sending, permission_lifetime_days=1),
    "one more recipient": lambda sending, _mode, person: replace(
        sending, addressed=[*sending.addressed, person]
    ),
}
"""One more thing said against tracking, by what says it."""


@pytest.mark.parametrize("layer", LOWERINGS)
@given(sending=sendings(), mode=modes, person=permissions, axis=axes)
def test_a_layer_can_only_lower(
    layer: str, sending: Sending, mode: TrackingMode, person: Permissions, axis: Axis
):
    after = decide(LOWERINGS[layer](sending, mode, person)).on(axis).mode

    assert after.rank <= decide(sending).on(axis).mode.rank


@given(sendings(settings_in_order), axes)
def test_a_person_who_takes_back_what_they_said_is_never_tracked_more(sending: Sending, axis: Axis):
    """From yes to silence, and from either to no, wherever the account keeps refused below unknown."""
    first, *others = sending.addressed
    silent = replace(sending, addressed=[both(UNKNOWN), *others])
    refused = replace(sending, addressed=[both(NO), *others])

    modes_of = [decide(each).on(axis).mode.rank for each in (refused, silent)]
    assert modes_of == sorted(modes_of)
    if first.on(axis).value is Permission.YES:
        assert modes_of[0] <= decide(sending).on(axis).mode.rank


def assert_bound_by_the_first_of_the_lowest(decided: AxisDecision) -> None:
    ceilings = [step.ceiling for step in decided.trace]
    layers = [step.layer for step in decided.trace]

    assert decided.mode is min(ceilings, key=lambda mode: mode.rank)
    assert layers == sorted(layers, key=ORDER.index)
    assert decided.bound_by is layers[ceilings.index(decided.mode)]


@given(sendings(), axes)
def test_x1_the_mode_at_sending_is_the_minimum_of_its_trace(sending: Sending, axis: Axis):
    assert_bound_by_the_first_of_the_lowest(decide(sending).on(axis))


@given(hits())
def test_x1_the_mode_at_a_hit_is_the_minimum_of_its_trace(hit: Hit):
    assert_bound_by_the_first_of_the_lowest(decide_hit(hit))


@given(sendings(), axes)
def test_x1_the_mode_setting_is_named_where_nothing_lowered_it(sending: Sending, axis: Axis):
    decided = decide(sending).on(axis)

    others = [step for step in decided.trace if step.layer is not DecisionLayer.MODE_SETTING]
    if all(step.ceiling.rank > _mode_setting(decided).rank for step in others):
        assert decided.bound_by is DecisionLayer.MODE_SETTING


@given(sendings(), permissions, axes, st.integers(0, 3))
def test_no_switch_anywhere_overrides_a_refusal(
    sending: Sending, person: Permissions, axis: Axis, place: int
):
    """Whatever the account, the mailing and the toggles say, one NO holds the whole message to refused_mode."""
    addressed = [*sending.addressed]
    addressed.insert(
        place, Permissions(NO, person.clicks) if axis is Axis.OPENS else Permissions(person.opens, NO)
    )

    decided = decide(replace(sending, addressed=addressed)).on(axis)

    assert decided.mode.rank <= sending.settings.refused_mode(axis).rank


@pytest.mark.parametrize("chosen", [Preset.STRICT, Preset.CAMPAIGN_MONITOR, Preset.PIPEDRIVE])
@given(sending=sendings(), mailing=mailings, opens=toggles, clicks=toggles, axis=axes)
def test_where_the_preset_refuses_with_off_a_no_is_off(
    chosen: Preset, sending: Sending, mailing, opens, clicks, axis: Axis
):
    refused = replace(
        sending,
        settings=preset(chosen),
        mailing=mailing,
        toggle_opens=opens,
        toggle_clicks=clicks,
        addressed=[*sending.addressed, both(NO)],
    )

    assert decide(refused).on(axis).mode is OFF


@given(sendings(), st.randoms(use_true_random=False), axes)
def test_the_order_of_recipients_is_irrelevant(sending: Sending, random, axis: Axis):
    shuffled = list(sending.addressed)
    random.shuffle(shuffled)

    one = decide(sending).on(axis)
    other = decide(replace(sending, addressed=shuffled)).on(axis)

    assert (one.mode, one.bound_by) == (other.mode, other.bound_by)
    assert Counter(one.trace) == Counter(other.trace)


@given(sendings(), axes)
def test_required_permission_makes_silence_a_ceiling_on_every_channel(sending: Sending, axis: Axis):
    sending = with_settings(
        replace(sending, addressed=[*sending.addressed, both(UNKNOWN)]), permission_required=True
    )

    assert decide(sending).on(axis).mode.rank <= sending.settings.unknown_mode(axis).rank


@given(sendings())
def test_the_kill_switch_and_an_empty_message_are_off(sending: Sending):
    stopped = decide(replace(sending, instance_tracking=False))
    empty = decide(replace(sending, addressed=()))

    assert [stopped.opens.mode, stopped.clicks.mode] == [OFF, OFF]
    assert [empty.opens.mode, empty.clicks.mode] == [OFF, OFF]
    assert empty.opens.trace[-1].layer is DecisionLayer.ERROR


@given(sendings(), axes)
def test_the_axes_are_decided_apart(sending: Sending, axis: Axis):
    """What is said about the other axis makes no difference to this one."""
    silenced = [
        Permissions(each.opens, NO) if axis is Axis.OPENS else Permissions(NO, each.clicks)
        for each in sending.addressed
    ]

    assert decide(replace(sending, addressed=silenced)).on(axis) == decide(sending).on(axis)


@given(hits())
def test_a_hit_is_never_more_than_what_was_frozen(hit: Hit):
    assert decide_hit(hit).mode.rank <= hit.frozen.rank


@given(hits(), states, st.integers(0, 3))
def test_one_more_state_on_the_way_never_raises_a_hit(hit: Hit, state: PermissionState, place: int):
    first, *others = hit.addressed
    longer = [*first]
    longer.insert(place, state)

    assert decide_hit(replace(hit, addressed=[longer, *others])).mode.rank <= decide_hit(hit).mode.rank


@given(hits(), st.integers(0, 3))
def test_a_no_anywhere_between_hit_and_writing_holds_it_to_the_refused_mode(hit: Hit, place: int):
    assert hit.settings is not None
    first, *others = hit.addressed
    refusing = [*first]
    refusing.insert(place, NO)

    decided = decide_hit(replace(hit, addressed=[refusing, *others]))

    assert decided.mode.rank <= hit.settings.refused_mode(hit.axis).rank


@given(hits())
def test_x7_the_signal_only_lowers_and_is_a_ceiling_unless_everybody_said_yes_to_us(hit: Hit):
    assert hit.settings is not None
    without, signalled = (decide_hit(replace(hit, privacy_signal=seen)).mode for seen in (False, True))

    assert signalled.rank <= without.rank
    everybody = all(
        state.value is Permission.YES and state.by_person for states in hit.addressed for state in states
    )
    if hit.settings.gpc is GpcRule.CEILING or not everybody:
        assert signalled.rank <= ANONYMOUS.rank


@given(hits())
def test_what_cannot_be_read_is_off(hit: Hit):
    assert decide_hit(replace(hit, settings=None)).mode is OFF
    assert decide_hit(replace(hit, addressed=[*hit.addressed, []])).mode is OFF


@given(sendings(), axes)
def test_a_hit_after_which_nothing_changed_has_the_mode_of_sending(sending: Sending, axis: Axis):
    sending = replace(sending, instance_tracking=True)
    at_sending = decide(sending).on(axis).mode

    hit = Hit(
        instance_tracking=True,
        settings=sending.settings,
        axis=axis,
        frozen=at_sending,
        permission_based=sending.permission_based,
        addressed=[[each.on(axis)] for each in sending.addressed],
        now=NOW,
    )

    assert decide_hit(hit).mode is at_sending
