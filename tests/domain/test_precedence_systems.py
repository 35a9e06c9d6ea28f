"""Precedence as each system knows it: its rows of domain.md §12, on its own preset where it has one."""

from dataclasses import replace

import pytest

from app.domain.decisions import DecisionLayer
from app.domain.modes import Channel, TrackingMode
from app.domain.permission import PermissionState
from app.domain.precedence import MailingTracking, Sending, decide
from app.domain.presets import Preset, preset
from app.domain.settings import AccountSettings
from tests.domain.tracking import (
    ANONYMOUS,
    IMPORTED_NO,
    NO,
    NOW,
    OFF,
    PERMISSIVE,
    PERSONAL,
    UNKNOWN,
    YES,
    both,
    with_channel,
)

SENDING = Sending(True, PERMISSIVE, Channel.CAMPAIGN, MailingTracking(), (both(YES),), NOW)  # noqa: FBT003


def test_p2_a_toggle_lowers_its_own_axis_only():
    decided = decide(replace(SENDING, toggle_clicks=False))

    assert (decided.opens.mode, decided.clicks.mode) == (PERSONAL, OFF)


def test_b1_the_switch_for_campaigns_covers_every_campaign_without_exceptions():
    """Neither the mailing's own mode nor a permission-based mailing gets past the switch."""
    settings = with_channel(PERMISSIVE, Channel.CAMPAIGN, anonymous_tracking=True)

    for mailing in (MailingTracking(opens=PERSONAL), MailingTracking(permission_based=True)):
        decided = decide(replace(SENDING, settings=settings, mailing=mailing)).opens
        assert (decided.mode, decided.bound_by) == (ANONYMOUS, DecisionLayer.ACCOUNT_ANONYMOUS)


def test_b2_campaigns_and_transactional_mails_are_switched_apart():
    settings = with_channel(PERMISSIVE, Channel.TRANSACTIONAL, anonymous_tracking=True)

    campaign = decide(replace(SENDING, settings=settings))
    transactional = decide(replace(SENDING, settings=settings, channel=Channel.TRANSACTIONAL))

    assert (campaign.opens.mode, transactional.opens.mode) == (PERSONAL, ANONYMOUS)


@pytest.mark.parametrize(
    ("state", "mode"), [(UNKNOWN, PERSONAL), (YES, PERSONAL), (NO, OFF), (IMPORTED_NO, OFF)]
)
def test_c3_people_who_never_answered_are_tracked_until_they_say_no(
    state: PermissionState, mode: TrackingMode
):
    sending = replace(SENDING, settings=preset(Preset.CAMPAIGN_MONITOR), addressed=(both(state),))

    assert decide(sending).opens.mode is mode


@pytest.mark.parametrize("unknown", TrackingMode)
def test_m8_one_switch_decides_for_everybody_who_is_unset(unknown: TrackingMode):
    """The switch moves people without an answer and nobody else."""
    settings = replace(
        preset(Preset.MAPP),
        unknown_opens=unknown,
        unknown_clicks=unknown,
        refused_opens=OFF,
        refused_clicks=OFF,
    )

    def mode(state: PermissionState) -> TrackingMode:
        return decide(replace(SENDING, settings=settings, addressed=(both(state),))).opens.mode

    assert (mode(UNKNOWN), mode(YES), mode(NO)) == (unknown, PERSONAL, OFF)


@pytest.mark.parametrize(
    ("mailing", "mode", "reason"),
    [
        (MailingTracking(), ANONYMOUS, "CHANNEL_DEFAULT"),
        (MailingTracking(permission_based=False), ANONYMOUS, "CHANNEL_DEFAULT"),
        (MailingTracking(permission_based=True), PERSONAL, "MAILING_PERMISSION_BASED"),
        (MailingTracking(opens=OFF, permission_based=True), OFF, "MAILING_MODE"),
        (MailingTracking(opens=PERSONAL), PERSONAL, "MAILING_MODE"),
    ],
)
def test_i2_what_an_event_states_replaces_the_default_and_silence_inherits_it(
    mailing: MailingTracking, mode: TrackingMode, reason: str
):
    step = decide(replace(SENDING, settings=preset(Preset.INXMAIL), mailing=mailing)).opens.trace[0]

    assert (step.layer, step.ceiling, step.reason) == (DecisionLayer.MODE_SETTING, mode, reason)


@pytest.mark.parametrize(("own", "based"), [(None, True), (True, True), (False, False)])
def test_i3_the_event_says_whether_it_asks_permission_or_inherits_it(own: bool | None, based: bool):
    assert replace(SENDING, mailing=MailingTracking(permission_based=own)).permission_based is based


@pytest.mark.parametrize(("consent", "mode"), [(None, OFF), ("our CRM", PERSONAL)])
def test_i5_a_relay_is_off_then_anonymous_or_personal_where_consent_is_held(
    consent: str | None, mode: TrackingMode
):
    def decided(stream: TrackingMode) -> TrackingMode:
        settings = with_channel(
            preset(Preset.STRICT),
            Channel.RELAY,
            default_opens=stream,
            default_clicks=stream,
            consent_held_in=consent,
        )
        return decide(replace(SENDING, settings=settings, channel=Channel.RELAY)).opens.mode

    assert (decided(OFF), decided(ANONYMOUS), decided(PERSONAL)) == (OFF, ANONYMOUS, mode)


@pytest.mark.parametrize(
    "settings",
    [
        PERMISSIVE,
        preset(Preset.INXMAIL),
        with_channel(PERMISSIVE, Channel.RELAY, default_opens=ANONYMOUS, default_clicks=OFF),
    ],
)
def test_i6_a_relay_is_never_permission_based_whatever_its_stream_states(settings: AccountSettings):
    """Such a statement is refused at the door; were it stored all the same, it would lift nothing."""
    stream = replace(SENDING, settings=settings, channel=Channel.RELAY)
    stating = replace(stream, mailing=MailingTracking(permission_based=True))

    assert not stating.permission_based
    assert decide(stating) == decide(stream)


def test_i6_a_known_refusal_still_caps_the_relay():
    decided = decide(replace(SENDING, channel=Channel.RELAY, addressed=(both(NO),))).opens

    assert (decided.mode, decided.bound_by) == (OFF, DecisionLayer.PERMISSION)
