"""Settings: what contradicts itself, what a change touches, and what survives storage."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidSetting, RelayNotPermissionBased
from app.domain.modes import Anonymity, Axis, Channel, TrackingMode
from app.domain.precedence import MailingTracking, Sending, decide
from app.domain.presets import Preset, preset
from app.domain.settings import (
    AccountSettings,
    ChannelSettings,
    GpcRule,
    LateRefusal,
    WayOut,
    Withdrawal,
    camel_case,
    changed,
    from_document,
    problems,
    to_document,
)
from tests.domain.tracking import (
    ANONYMOUS,
    NOW,
    OFF,
    PERMISSIVE,
    PERSONAL,
    YES,
    both,
    channels,
    deciding_settings,
    with_channel,
)

STRICT = preset(Preset.STRICT)
RELAY_PATH = ("channels", "RELAY")


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        pytest.param(
            replace(PERMISSIVE, unknown_opens=OFF, refused_opens=ANONYMOUS),
            ("refusedOpens",),
            id="opens refused above unknown",
        ),
        pytest.param(
            replace(PERMISSIVE, unknown_clicks=OFF, refused_clicks=ANONYMOUS),
            ("refusedClicks",),
            id="clicks refused above unknown",
        ),
        pytest.param(
            replace(PERMISSIVE, unknown_opens=PERSONAL, refused_opens=PERSONAL),
            ("refusedOpens",),
            id="opens of who refused personal",
        ),
        pytest.param(
            replace(PERMISSIVE, unknown_clicks=OFF, refused_clicks=PERSONAL),
            ("refusedClicks",),
            id="clicks of who refused personal",
        ),
        pytest.param(replace(PERMISSIVE, minimum_audience=0), ("minimumAudience",), id="k of 0"),
        pytest.param(replace(PERMISSIVE, minimum_audience=-5), ("minimumAudience",), id="k below 0"),
        pytest.param(
            replace(PERMISSIVE, ask_again_after_days=0), ("askAgainAfterDays",), id="asking again at once"
        ),
        pytest.param(
            replace(PERMISSIVE, permission_lifetime_days=0), ("permissionLifetimeDays",), id="no lifetime"
        ),
        pytest.param(
            replace(STRICT, anonymity=Anonymity.UNLINKED), ("anonymity",), id="unlinked where required"
        ),
        pytest.param(
            with_channel(STRICT, Channel.TRANSACTIONAL, permission_based=False),
            ("channels", "TRANSACTIONAL", "permissionBased"),
            id="not permission-based where required",
        ),
        pytest.param(
            with_channel(PERMISSIVE, Channel.RELAY, consent_held_in=None),
            (*RELAY_PATH, "consentHeldIn"),
            id="personal relay without consent",
        ),
        pytest.param(
            with_channel(PERMISSIVE, Channel.RELAY, default_opens=OFF, consent_held_in=" \t"),
            (*RELAY_PATH, "consentHeldIn"),
            id="relay personal on clicks with a blank for consent",
        ),
    ],
)
def test_settings_that_contradict_themselves_are_named_by_their_path(
    settings: AccountSettings, path: tuple[str, ...]
):
    (problem,) = problems(settings)

    assert (type(problem), problem.code, problem.path) == (InvalidSetting, "INVALID_SETTING", path)


@pytest.mark.parametrize("settings", [PERMISSIVE, STRICT])
def test_i6_a_relay_cannot_be_permission_based(settings: AccountSettings):
    (problem,) = problems(with_channel(settings, Channel.RELAY, permission_based=True))

    assert (type(problem), problem.code) == (RelayNotPermissionBased, "RELAY_NOT_PERMISSION_BASED")
    assert problem.path == (*RELAY_PATH, "permissionBased")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(PERMISSIVE, id="personal relay with consent"),
        pytest.param(replace(PERMISSIVE, anonymity=Anonymity.UNLINKED), id="unlinked, not required"),
        pytest.param(replace(PERMISSIVE, minimum_audience=1), id="k of 1"),
        pytest.param(replace(PERMISSIVE, refused_opens=ANONYMOUS), id="refused as unknown"),
        pytest.param(replace(PERMISSIVE, ask_again_after_days=None), id="never asking again"),
        pytest.param(with_channel(PERMISSIVE, Channel.CAMPAIGN, permission_based=False), id="not required"),
        pytest.param(with_channel(STRICT, Channel.RELAY, default_opens=ANONYMOUS), id="anonymous relay"),
    ],
)
def test_settings_at_the_edge_of_what_is_allowed_have_no_problem(settings: AccountSettings):
    assert list(problems(settings)) == []


def test_every_problem_is_told_at_once():
    settings = replace(STRICT, refused_opens=ANONYMOUS, minimum_audience=0, anonymity=Anonymity.UNLINKED)

    assert [problem.path for problem in problems(settings)] == [
        ("refusedOpens",),
        ("minimumAudience",),
        ("anonymity",),
    ]


@given(deciding_settings)
def test_settings_without_a_problem_refuse_with_at_most_what_silence_gets(settings: AccountSettings):
    if not list(problems(settings)):
        for axis in Axis:
            assert settings.refused_mode(axis) is not PERSONAL
            assert settings.refused_mode(axis).rank <= settings.unknown_mode(axis).rank


def test_a_change_touches_only_what_it_names():
    after = changed(
        STRICT,
        {"minimum_audience": 20, "permission_lifetime_days": 365},
        {Channel.CAMPAIGN: {"default_opens": ANONYMOUS}},
    )

    assert after == replace(
        STRICT,
        minimum_audience=20,
        permission_lifetime_days=365,
        channels={
            **STRICT.channels,
            Channel.CAMPAIGN: ChannelSettings(ANONYMOUS, PERSONAL, False, True, None),  # noqa: FBT003
        },
    )


def test_a_change_of_nothing_changes_nothing_and_no_change_reaches_back():
    before = to_document(STRICT)

    assert changed(STRICT, {}, {}) == STRICT
    changed(STRICT, {"keep_ip": True}, {Channel.RELAY: {"default_opens": ANONYMOUS}})

    assert to_document(STRICT) == before


def test_null_takes_a_limit_away():
    assert changed(STRICT, {"ask_again_after_days": None}, {}).ask_again_after_days is None


def test_a_channel_that_nobody_spoke_of_is_off():
    silent = AccountSettings(channels={})

    assert {silent.channel(channel).default_mode(axis) for channel in Channel for axis in Axis} == {OFF}
    sending = Sending(True, silent, Channel.CAMPAIGN, MailingTracking(), (both(YES),), NOW)  # noqa: FBT003
    assert decide(sending).opens.mode is OFF


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("gpc", "gpc"),
        ("keep_ip", "keepIp"),
        ("unknown_opens", "unknownOpens"),
        ("ask_again_after_days", "askAgainAfterDays"),
    ],
)
def test_names_are_spelled_as_in_the_contract(name: str, spelled: str):
    assert camel_case(name) == spelled


any_settings = st.builds(
    replace,
    deciding_settings,
    channels=st.dictionaries(st.sampled_from(Channel), channels),
    anonymity=st.sampled_from(Anonymity),
    minimum_audience=st.integers(1, 50),
    late_refusal=st.sampled_from(LateRefusal),
    withdrawal=st.sampled_from(Withdrawal),
    keep_ip=st.booleans(),
    ask_again_after_days=st.none() | st.integers(1, 400),
    anonymous_totals_only=st.booleans(),
    retention_days=st.dictionaries(st.text(max_size=8), st.integers(1, 4_000), max_size=3),
)


@given(any_settings)
def test_b3_settings_come_back_from_storage_as_they_went(settings: AccountSettings):
    """What a delivery froze is what its hits are decided under, down to the type of each value."""
    read = from_document(json.loads(json.dumps(to_document(settings))))

    assert read == settings
    for each in fields(AccountSettings):
        assert type(getattr(read, each.name)) is type(getattr(settings, each.name))


def test_a_document_without_a_newer_setting_reads_as_its_careful_default():
    document = to_document(PERMISSIVE)
    for name in ("permission_required", "unknown_opens", "gpc", "retention_days"):
        del document[name]

    read = from_document(document)

    assert (read.permission_required, read.unknown_opens, read.gpc) == (True, OFF, GpcRule.CEILING)
    assert read.retention_days == {}


def test_a_setting_that_exists_no_more_is_left_out_of_an_old_document():
    document = to_document(PERMISSIVE)
    document["pixel_colour"] = "red"
    document["channels"]["CAMPAIGN"]["pixel_colour"] = "red"

    assert from_document(document) == PERMISSIVE


def unreadable(**changes: object) -> dict:
    return {**to_document(PERMISSIVE), **changes}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(unreadable(unknown_opens="SOMETIMES"), id="unknown mode"),
        pytest.param(unreadable(unknown_opens=None), id="no mode"),
        pytest.param(unreadable(withdrawal="FORGET"), id="unknown word"),
        pytest.param(unreadable(minimum_audience="10"), id="number as text"),
        pytest.param(unreadable(minimum_audience=True), id="number as truth"),
        pytest.param(unreadable(permission_required="no"), id="truth as text"),
        pytest.param(unreadable(permission_required=0), id="truth as number"),
        pytest.param(unreadable(retention_days={"events": "long"}), id="days as text"),
        pytest.param(unreadable(retention_days=None), id="no days"),
        pytest.param(unreadable(channels={"PIGEON": {}}), id="unknown channel"),
        pytest.param(unreadable(channels={"CAMPAIGN": {"default_opens": "ALWAYS"}}), id="unknown default"),
        pytest.param(unreadable(channels={"RELAY": {"consent_held_in": 7}}), id="text as number"),
        pytest.param(unreadable(channels=["CAMPAIGN"]), id="channels as a list"),
        pytest.param({}, id="empty"),
        pytest.param([], id="list"),
        pytest.param(None, id="null"),
    ],
)
def test_a_document_that_cannot_be_read_is_never_guessed_at(document):
    """One kind of error, so that the layer for errors needs to know one."""
    with pytest.raises(ValueError, match=r"is not a valid|This is no|invalid literal"):
        from_document(document)


def test_modes_and_words_of_a_document_are_the_contracts():
    document = to_document(STRICT)

    assert document["channels"]["CAMPAIGN"]["default_opens"] == TrackingMode.PERSONAL.value
    assert (document["way_out"], document["withdrawal"]) == (WayOut.FOOTER.value, Withdrawal.HIDE.value)
