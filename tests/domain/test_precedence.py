"""Precedence at sending: each row of the rule's two tables, with its exact mode, binding layer and trace."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.decisions import AxisDecision, DecisionLayer, DecisionReason
from app.domain.modes import Axis, Channel, TrackingMode
from app.domain.permission import Permission, PermissionState, Reason
from app.domain.precedence import (
    MailingTracking,
    MessageClass,
    Permissions,
    Sending,
    decide,
)
from app.domain.settings import WayOut
from tests.domain.tracking import (
    ANONYMOUS,
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
DEFAULT = ("MODE_SETTING", "PERSONAL", "CHANNEL_DEFAULT")
SAID_YES = ("PERMISSION", "PERSONAL", "SAID_YES")
LAYERS_AT_SENDING = [
    pytest.param(
        {"instance_tracking": False},
        OFF,
        DecisionLayer.INSTANCE,
        [("INSTANCE", "OFF", "KILL_SWITCH"), DEFAULT, SAID_YES],
        id="1 kill switch",
    ),
    pytest.param(
        {"settings": with_channel(PERMISSIVE, Channel.CAMPAIGN, anonymous_tracking=True)},
        ANONYMOUS,
        DecisionLayer.ACCOUNT_ANONYMOUS,
        [("ACCOUNT_ANONYMOUS", "ANONYMOUS", "ANONYMOUS_SWITCH"), DEFAULT, SAID_YES],
        id="2 anonymous switch of the channel",
    ),
    pytest.param(
        {"mailing": MailingTracking(opens=ANONYMOUS, clicks=ANONYMOUS)},
        ANONYMOUS,
        DecisionLayer.MODE_SETTING,
        [("MODE_SETTING", "ANONYMOUS", "MAILING_MODE"), SAID_YES],
        id="3 the mailing's own mode",
    ),
    pytest.param(
        {"settings": with_channel(PERMISSIVE, Channel.CAMPAIGN, default_opens=OFF, default_clicks=OFF)},
        OFF,
        DecisionLayer.MODE_SETTING,
        [("MODE_SETTING", "OFF", "CHANNEL_DEFAULT"), SAID_YES],
        id="3 the channel's default",
    ),
    pytest.param(
        {"message_class": MessageClass.PERMISSION_REQUEST},
        OFF,
        DecisionLayer.MESSAGE_CLASS,
        [DEFAULT, ("MESSAGE_CLASS", "OFF", "SERVICE_MAIL"), SAID_YES],
        id="4 permission request",
    ),
    pytest.param(
        {"message_class": MessageClass.CONFIRMATION},
        OFF,
        DecisionLayer.MESSAGE_CLASS,
        [DEFAULT, ("MESSAGE_CLASS", "OFF", "SERVICE_MAIL"), SAID_YES],
        id="4 confirmation",
    ),
    pytest.param(
        {"message_class": MessageClass.PREFERENCE_LINK},
        OFF,
        DecisionLayer.MESSAGE_CLASS,
        [DEFAULT, ("MESSAGE_CLASS", "OFF", "SERVICE_MAIL"), SAID_YES],
        id="4 preference link",
    ),
    pytest.param(
        {"has_way_out": False, "settings": replace(PERMISSIVE, way_out=WayOut.REQUIRED)},
        OFF,
        DecisionLayer.MESSAGE_CLASS,
        [DEFAULT, ("MESSAGE_CLASS", "OFF", "NO_WAY_OUT"), SAID_YES],
        id="4 no way out where one is required",
    ),
    pytest.param(
        {
            "channel": Channel.RELAY,
            "settings": with_channel(PERMISSIVE, Channel.RELAY, consent_held_in=None),
        },
        OFF,
        DecisionLayer.MESSAGE_CLASS,
        [DEFAULT, ("MESSAGE_CLASS", "OFF", "RELAY_WITHOUT_CONSENT"), SAID_YES],
        id="4 personal relay without consent",
    ),
    pytest.param(
        {
            "channel": Channel.RELAY,
            "settings": with_channel(PERMISSIVE, Channel.RELAY, consent_held_in=" "),
        },
        OFF,
        DecisionLayer.MESSAGE_CLASS,
        [DEFAULT, ("MESSAGE_CLASS", "OFF", "RELAY_WITHOUT_CONSENT"), SAID_YES],
        id="4 personal relay with a blank for consent",
    ),
    pytest.param(
        {"toggle_opens": False, "toggle_clicks": False},
        OFF,
        DecisionLayer.TOGGLE,
        [DEFAULT, ("TOGGLE", "OFF", "TOGGLED_OFF"), SAID_YES],
        id="5 toggles off",
    ),
    pytest.param(
        {"addressed": (both(YES), both(UNKNOWN))},
        ANONYMOUS,
        DecisionLayer.PERMISSION,
        [DEFAULT, SAID_YES, ("PERMISSION", "ANONYMOUS", "NEVER_ANSWERED")],
        id="6 somebody in copy never answered",
    ),
    pytest.param(
        {"addressed": (both(NO), both(YES))},
        OFF,
        DecisionLayer.PERMISSION,
        [DEFAULT, ("PERMISSION", "OFF", "SAID_NO"), SAID_YES],
        id="6 one of two refused",
    ),
    pytest.param(
        {"addressed": ()},
        OFF,
        DecisionLayer.ERROR,
        [DEFAULT, ("ERROR", "OFF", "NOBODY_ADDRESSED")],
        id="9 nobody addressed",
    ),
]


def spoken(decision: AxisDecision) -> list[tuple[str, str, str]]:
    """The trace without the answers that its PERMISSION steps are about."""
    return [(step.layer.value, step.ceiling.value, step.reason.value) for step in decision.trace]


@pytest.mark.parametrize("axis", Axis)
@pytest.mark.parametrize(("changes", "mode", "bound_by", "trace"), LAYERS_AT_SENDING)
def test_x1_each_layer_lowers_by_itself_and_says_so(
    changes: dict, mode: TrackingMode, bound_by: DecisionLayer, trace: list, axis: Axis
):
    decided = decide(replace(SENDING, **changes)).on(axis)

    assert (decided.mode, decided.bound_by) == (mode, bound_by)
    assert spoken(decided) == trace


def test_x1_where_nothing_lowers_the_mode_setting_is_named():
    decided = decide(SENDING)

    assert spoken(decided.opens) == spoken(decided.clicks) == [DEFAULT, SAID_YES]
    assert (decided.opens.mode, decided.opens.bound_by) == (PERSONAL, DecisionLayer.MODE_SETTING)


def test_x1_every_layer_that_speaks_leaves_a_line_and_the_first_of_the_lowest_is_named():
    """A refused, toggled-off service mail under the kill switch tells all four, in the order of the layers."""
    settings = with_channel(PERMISSIVE, Channel.CAMPAIGN, anonymous_tracking=True)
    sending = replace(
        SENDING,
        instance_tracking=False,
        settings=settings,
        message_class=MessageClass.CONFIRMATION,
        toggle_opens=False,
        addressed=(both(NO),),
    )

    assert spoken(decide(sending).opens) == [
        ("INSTANCE", "OFF", "KILL_SWITCH"),
        ("ACCOUNT_ANONYMOUS", "ANONYMOUS", "ANONYMOUS_SWITCH"),
        DEFAULT,
        ("MESSAGE_CLASS", "OFF", "SERVICE_MAIL"),
        ("TOGGLE", "OFF", "TOGGLED_OFF"),
        ("PERMISSION", "OFF", "SAID_NO"),
    ]
    assert decide(sending).opens.bound_by is DecisionLayer.INSTANCE
    assert decide(replace(sending, instance_tracking=True)).opens.bound_by is DecisionLayer.MESSAGE_CLASS


@pytest.mark.parametrize(
    ("permission_based", "required", "state", "mode", "reason"),
    [
        (True, False, YES, PERSONAL, "SAID_YES"),
        (True, False, UNKNOWN, ANONYMOUS, "NEVER_ANSWERED"),
        (True, False, NO, OFF, "SAID_NO"),
        (False, False, YES, PERSONAL, "SAID_YES"),
        (False, False, UNKNOWN, PERSONAL, "NOT_ASKED_HERE"),
        (False, False, NO, OFF, "SAID_NO"),
        (False, True, YES, PERSONAL, "SAID_YES"),
        (False, True, UNKNOWN, ANONYMOUS, "NEVER_ANSWERED"),
        (False, True, NO, OFF, "SAID_NO"),
    ],
)
def test_c1_the_table_of_permissions_row_by_row(
    permission_based: bool, required: bool, state: PermissionState, mode: TrackingMode, reason: str
):
    """The second table of the rule, with unknown_mode ANONYMOUS and refused_mode OFF."""
    settings = replace(
        with_channel(PERMISSIVE, Channel.CAMPAIGN, permission_based=permission_based),
        permission_required=required,
    )

    decided = decide(replace(SENDING, settings=settings, addressed=(both(state),))).opens

    assert spoken(decided) == [DEFAULT, ("PERMISSION", mode.value, reason)]
    assert decided.trace[-1].state == state


def test_c1_each_axis_has_its_own_answer():
    decided = decide(replace(SENDING, addressed=(Permissions(opens=NO, clicks=YES),)))

    assert (decided.opens.mode, decided.clicks.mode) == (OFF, PERSONAL)


@pytest.mark.parametrize("channel", Channel)
def test_required_permission_makes_unknown_a_ceiling_on_every_channel(channel: Channel):
    """The relay is never permission-based, and no mailing can opt out of what the account requires."""
    settings = replace(PERMISSIVE, permission_required=True)
    mailing = MailingTracking(permission_based=False)
    sending = replace(
        SENDING, settings=settings, channel=channel, mailing=mailing, addressed=(both(UNKNOWN),)
    )

    decided = decide(sending).opens

    assert (decided.mode, decided.bound_by) == (ANONYMOUS, DecisionLayer.PERMISSION)


def test_a_yes_that_outlived_its_lifetime_counts_as_never_answered():
    settings = replace(PERMISSIVE, permission_lifetime_days=30)
    old = replace(YES, person_time=NOW - timedelta(days=30))

    step = decide(replace(SENDING, settings=settings, addressed=(both(old),))).opens.trace[-1]

    assert (step.ceiling, step.reason) == (ANONYMOUS, DecisionReason.NEVER_ANSWERED)
    assert step.state == replace(old, value=Permission.UNKNOWN, reason=Reason.LAPSED, by_person=False)


def test_a_toggle_that_is_on_and_a_way_out_that_is_there_change_nothing():
    sending = replace(SENDING, toggle_opens=True, toggle_clicks=True, has_way_out=True)

    assert decide(sending) == decide(SENDING)


def test_a_missing_way_out_lowers_nothing_where_a_footer_is_added():
    assert decide(replace(SENDING, has_way_out=False)) == decide(SENDING)
