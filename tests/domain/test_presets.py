"""Presets: each row of the table, value by value (X12)."""

from dataclasses import replace

import pytest

from app.domain.modes import Anonymity, Axis, Channel, TrackingMode
from app.domain.presets import Preset, preset
from app.domain.settings import (
    AccountSettings,
    ChannelSettings,
    GpcRule,
    LateRefusal,
    WayOut,
    Withdrawal,
    problems,
)
from tests.domain.tracking import ANONYMOUS, OFF, PERSONAL


def row(
    default: TrackingMode,
    *,
    one_to_one: TrackingMode,
    permission_based: bool,
    required: bool = False,
    unknown: tuple[TrackingMode, TrackingMode],
    refused: tuple[TrackingMode, TrackingMode],
    anonymity: Anonymity = Anonymity.SHARED,
    withdrawal: Withdrawal = Withdrawal.KEEP,
    late_refusal: LateRefusal = LateRefusal.DROP,
    totals_only: bool = False,
) -> AccountSettings:
    """A row of the table, with what all of them share written out."""

    def channel(mode: TrackingMode, *, based: bool = permission_based) -> ChannelSettings:
        return ChannelSettings(mode, mode, False, based, None)  # noqa: FBT003

    return AccountSettings(
        channels={
            Channel.CAMPAIGN: channel(default),
            Channel.TRANSACTIONAL: channel(default),
            Channel.ONE_TO_ONE: channel(one_to_one),
            Channel.RELAY: channel(OFF, based=False),
        },
        unknown_opens=unknown[0],
        unknown_clicks=unknown[1],
        refused_opens=refused[0],
        refused_clicks=refused[1],
        permission_required=required,
        anonymity=anonymity,
        minimum_audience=10,
        late_refusal=late_refusal,
        withdrawal=withdrawal,
        gpc=GpcRule.CEILING,
        way_out=WayOut.FOOTER,
        keep_ip=False,
        ask_again_after_days=182,
        permission_lifetime_days=None,
        anonymous_totals_only=totals_only,
        retention_days={},
    )


def test_x12_strict_tracks_nobody_who_did_not_say_yes():
    assert preset(Preset.STRICT) == row(
        PERSONAL,
        one_to_one=PERSONAL,
        permission_based=True,
        required=True,
        unknown=(OFF, OFF),
        refused=(OFF, OFF),
        withdrawal=Withdrawal.HIDE,
    )


def test_x12_italy_counts_opens_anonymously_and_shows_them_in_the_total_alone():
    assert preset(Preset.ITALY) == row(
        PERSONAL,
        one_to_one=PERSONAL,
        permission_based=True,
        required=True,
        unknown=(ANONYMOUS, OFF),
        refused=(ANONYMOUS, OFF),
        withdrawal=Withdrawal.HIDE,
        totals_only=True,
    )


def test_x12_brevo_is_not_permission_based_and_unlinked():
    assert preset(Preset.BREVO) == row(
        PERSONAL,
        one_to_one=OFF,
        permission_based=False,
        unknown=(PERSONAL, PERSONAL),
        refused=(ANONYMOUS, ANONYMOUS),
        anonymity=Anonymity.UNLINKED,
    )


def test_x12_mapp_is_permission_based_and_counts_late_refusals():
    assert preset(Preset.MAPP) == row(
        PERSONAL,
        one_to_one=OFF,
        permission_based=True,
        unknown=(PERSONAL, PERSONAL),
        refused=(ANONYMOUS, ANONYMOUS),
        late_refusal=LateRefusal.COUNT,
    )


def test_x12_campaign_monitor_tracks_until_a_no_and_then_not_at_all():
    assert preset(Preset.CAMPAIGN_MONITOR) == row(
        PERSONAL,
        one_to_one=OFF,
        permission_based=True,
        unknown=(PERSONAL, PERSONAL),
        refused=(OFF, OFF),
    )


def test_x12_inxmail_is_anonymous_from_the_start():
    assert preset(Preset.INXMAIL) == row(
        ANONYMOUS,
        one_to_one=OFF,
        permission_based=False,
        unknown=(ANONYMOUS, ANONYMOUS),
        refused=(ANONYMOUS, ANONYMOUS),
    )


def test_x12_pipedrive_tracks_one_to_one_mails_only():
    assert preset(Preset.PIPEDRIVE) == row(
        OFF,
        one_to_one=PERSONAL,
        permission_based=False,
        unknown=(PERSONAL, PERSONAL),
        refused=(OFF, OFF),
    )


@pytest.mark.parametrize("chosen", Preset)
def test_x12_no_preset_contradicts_itself(chosen: Preset):
    assert list(problems(preset(chosen))) == []


@pytest.mark.parametrize("chosen", Preset)
@pytest.mark.parametrize("axis", Axis)
def test_x12_every_preset_leaves_anonymous_tracking_and_the_relay_off(chosen: Preset, axis: Axis):
    settings = preset(chosen)

    assert {settings.channel(channel).anonymous_tracking for channel in Channel} == {False}
    assert settings.channel(Channel.RELAY).default_mode(axis) is OFF


def test_i5_the_relay_may_be_switched_on_in_every_preset_without_touching_anything_else():
    for chosen in Preset:
        settings = preset(chosen)
        relay = replace(settings.channel(Channel.RELAY), default_opens=ANONYMOUS, default_clicks=ANONYMOUS)
        assert list(problems(replace(settings, channels={**settings.channels, Channel.RELAY: relay}))) == []


def test_a_new_account_without_a_word_starts_as_strict():
    """What an account does not say reads as in the default preset, so that silence never tracks."""
    strict = preset(Preset.STRICT)

    assert AccountSettings(channels=strict.channels) == strict
