"""Impact: which settings warn, and of what, before anybody saves them."""

from dataclasses import replace

import pytest

from app.domain.impact import Warning as Consequence
from app.domain.impact import warnings
from app.domain.modes import Channel
from app.domain.presets import Preset, preset
from app.domain.settings import AccountSettings
from tests.domain.tracking import ANONYMOUS, OFF, PERMISSIVE, PERSONAL, with_channel

STRICT = preset(Preset.STRICT)


def unanswered(subject: str, how: str, where: str) -> Consequence:
    return Consequence(
        "TRACKS_UNANSWERED",
        f"{subject} of people who never answered are {how} in {where}. "
        "Make sure that you may do so without their consent.",
    )


BOTH_PERSONAL = [
    unanswered("Opens", "tracked personally", "CAMPAIGN, TRANSACTIONAL"),
    unanswered("Clicks", "tracked personally", "CAMPAIGN, TRANSACTIONAL"),
]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Preset.STRICT, []),
        (Preset.ITALY, [unanswered("Opens", "counted anonymously", "CAMPAIGN, TRANSACTIONAL, ONE_TO_ONE")]),
        (Preset.BREVO, BOTH_PERSONAL),
        (Preset.MAPP, BOTH_PERSONAL),
        (Preset.CAMPAIGN_MONITOR, BOTH_PERSONAL),
        (
            Preset.INXMAIL,
            [
                unanswered("Opens", "counted anonymously", "CAMPAIGN, TRANSACTIONAL"),
                unanswered("Clicks", "counted anonymously", "CAMPAIGN, TRANSACTIONAL"),
            ],
        ),
        (
            Preset.PIPEDRIVE,
            [
                unanswered("Opens", "tracked personally", "ONE_TO_ONE"),
                unanswered("Clicks", "tracked personally", "ONE_TO_ONE"),
            ],
        ),
    ],
)
def test_x12_each_preset_warns_of_exactly_what_it_does(chosen: Preset, expected: list[Consequence]):
    assert list(warnings(preset(chosen))) == expected


def test_channels_that_track_in_different_ways_are_told_apart():
    settings = with_channel(PERMISSIVE, Channel.CAMPAIGN, permission_based=False)

    assert list(warnings(settings)) == [
        unanswered("Opens", "counted anonymously", "TRANSACTIONAL, ONE_TO_ONE"),
        unanswered("Opens", "tracked personally", "CAMPAIGN, RELAY"),
        unanswered("Clicks", "counted anonymously", "TRANSACTIONAL, ONE_TO_ONE"),
        unanswered("Clicks", "tracked personally", "CAMPAIGN, RELAY"),
    ]


def test_a_relay_that_is_switched_on_warns_since_it_asks_nobody():
    settings = with_channel(
        replace(STRICT, permission_required=False), Channel.RELAY, default_clicks=ANONYMOUS
    )

    assert list(warnings(settings)) == [unanswered("Clicks", "counted anonymously", "RELAY")]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(
            replace(PERMISSIVE, permission_required=True, unknown_opens=OFF, unknown_clicks=OFF),
            id="required",
        ),
        pytest.param(with_channel(STRICT, Channel.RELAY, default_opens=ANONYMOUS), id="relay under required"),
        pytest.param(replace(STRICT, unknown_opens=PERSONAL, channels={}), id="every channel off"),
        pytest.param(replace(STRICT, minimum_audience=5), id="k of 5"),
    ],
)
def test_settings_that_track_nobody_unasked_do_not_warn(settings: AccountSettings):
    assert list(warnings(settings)) == []


def test_exact_anonymous_numbers_warn_that_nothing_is_promised():
    assert list(warnings(replace(STRICT, minimum_audience=1))) == [
        Consequence(
            "NO_ANONYMITY_PROMISE",
            "minimumAudience 1 shows exact anonymous numbers. With that nobody is promised anonymity.",
        )
    ]


@pytest.mark.parametrize("k", [2, 3, 4])
def test_a_small_audience_warns(k: int):
    assert list(warnings(replace(STRICT, minimum_audience=k))) == [
        Consequence(
            "SMALL_AUDIENCE",
            f"minimumAudience {k} shows anonymous numbers of groups as small as that; 10 is usual.",
        )
    ]


def test_keeping_addresses_is_named_as_what_it_is():
    (warning,) = warnings(replace(STRICT, keep_ip=True))

    assert warning == Consequence(
        "KEEPS_ADDRESSES",
        "keepIp keeps the network address of every personal opening and click for 30 days. An address is personal "
        "data: make sure that your wordings name it, and that you need it.",
    )
