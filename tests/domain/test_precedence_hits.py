"""Precedence at a hit: only the kill switch, the answers and the signal are decided again, under what was frozen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.decisions import AxisDecision, DecisionLayer
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import PermissionState
from app.domain.precedence import Hit, decide_hit, signal_yields
from app.domain.settings import GpcRule
from tests.domain.tracking import (
    ANONYMOUS,
    IMPORTED_NO,
    IMPORTED_YES,
    NO,
    NOW,
    OFF,
    PERMISSIVE,
    PERSONAL,
    UNKNOWN,
    YES,
)

COUNTING = replace(PERMISSIVE, refused_opens=ANONYMOUS)
YIELDING = replace(PERMISSIVE, gpc=GpcRule.YIELDS_TO_PERSONS_YES)
HIT = Hit(
    instance_tracking=True,
    settings=PERMISSIVE,
    axis=Axis.OPENS,
    frozen=PERSONAL,
    permission_based=True,
    addressed=((YES,),),
    now=NOW,
)
SAID_YES = ("PERMISSION", "PERSONAL", "SAID_YES")
SAID_NO = ("PERMISSION", "OFF", "SAID_NO")
NEVER_ANSWERED = ("PERMISSION", "ANONYMOUS", "NEVER_ANSWERED")
FROZEN = ("FROZEN", "PERSONAL", "FROZEN_AT_SENDING")


def spoken(decision: AxisDecision) -> list[tuple[str, str, str]]:
    """The trace without the answers that its PERMISSION steps are about."""
    return [(step.layer.value, step.ceiling.value, step.reason.value) for step in decision.trace]


@pytest.mark.parametrize(
    ("changes", "mode", "bound_by", "trace"),
    [
        pytest.param(
            {"instance_tracking": False},
            OFF,
            DecisionLayer.INSTANCE,
            [("INSTANCE", "OFF", "KILL_SWITCH"), SAID_YES, FROZEN],
            id="1 kill switch since sending",
        ),
        pytest.param(
            {"addressed": ((NO,),)}, OFF, DecisionLayer.PERMISSION, [SAID_NO, FROZEN], id="6 refused since"
        ),
        pytest.param(
            {"addressed": ((UNKNOWN,),)},
            ANONYMOUS,
            DecisionLayer.PERMISSION,
            [NEVER_ANSWERED, FROZEN],
            id="6 reset or lapsed since",
        ),
        pytest.param(
            {"addressed": ((UNKNOWN,),), "permission_based": False},
            PERSONAL,
            DecisionLayer.PERMISSION,
            [("PERMISSION", "PERSONAL", "NOT_ASKED_HERE"), FROZEN],
            id="6 never asked by this mailing",
        ),
        pytest.param(
            {
                "addressed": ((UNKNOWN,),),
                "permission_based": False,
                "settings": replace(PERMISSIVE, permission_required=True),
            },
            ANONYMOUS,
            DecisionLayer.PERMISSION,
            [NEVER_ANSWERED, FROZEN],
            id="6 permission required by the account",
        ),
        pytest.param(
            {"addressed": ((YES,), (YES, NO))},
            OFF,
            DecisionLayer.PERMISSION,
            [SAID_YES, SAID_YES, SAID_NO, FROZEN],
            id="6 somebody in copy refused",
        ),
        pytest.param(
            {"frozen": ANONYMOUS},
            ANONYMOUS,
            DecisionLayer.FROZEN,
            [SAID_YES, ("FROZEN", "ANONYMOUS", "FROZEN_AT_SENDING")],
            id="7 frozen anonymous",
        ),
        pytest.param(
            {"frozen": OFF},
            OFF,
            DecisionLayer.FROZEN,
            [SAID_YES, ("FROZEN", "OFF", "FROZEN_AT_SENDING")],
            id="7 frozen off",
        ),
        pytest.param(
            {"privacy_signal": True},
            ANONYMOUS,
            DecisionLayer.SIGNAL,
            [SAID_YES, FROZEN, ("SIGNAL", "ANONYMOUS", "PRIVACY_SIGNAL")],
            id="8 Sec-GPC",
        ),
        pytest.param(
            {"addressed": ()},
            OFF,
            DecisionLayer.ERROR,
            [FROZEN, ("ERROR", "OFF", "NOBODY_ADDRESSED")],
            id="9 nobody addressed",
        ),
        pytest.param(
            {"addressed": ((YES,), ())},
            OFF,
            DecisionLayer.ERROR,
            [SAID_YES, FROZEN, ("ERROR", "OFF", "UNREADABLE")],
            id="9 nothing known of somebody in copy",
        ),
        pytest.param(
            {"settings": None},
            OFF,
            DecisionLayer.ERROR,
            [FROZEN, ("ERROR", "OFF", "UNREADABLE")],
            id="9 settings that cannot be read",
        ),
    ],
)
def test_x1_each_layer_lowers_by_itself_and_says_so(
    changes: dict, mode: TrackingMode, bound_by: DecisionLayer, trace: list
):
    decided = decide_hit(replace(HIT, **changes))

    assert (decided.mode, decided.bound_by) == (mode, bound_by)
    assert spoken(decided) == trace


def test_x1_the_layers_are_told_in_their_order_and_the_first_of_the_lowest_is_named():
    """Frozen OFF stands before an error, which has the last word in the trace."""
    decided = decide_hit(replace(HIT, frozen=OFF, privacy_signal=True, settings=None))

    assert spoken(decided) == [
        ("FROZEN", "OFF", "FROZEN_AT_SENDING"),
        ("SIGNAL", "ANONYMOUS", "PRIVACY_SIGNAL"),
        ("ERROR", "OFF", "UNREADABLE"),
    ]
    assert decided.bound_by is DecisionLayer.FROZEN


@pytest.mark.parametrize(
    "states",
    [(NO, YES), (YES, NO), (YES, NO, YES), (NO, YES, YES), (YES, IMPORTED_NO, YES)],
    ids=[
        "at the hit",
        "at the writing",
        "in between",
        "taken back before the writing",
        "imported in between",
    ],
)
def test_a_no_anywhere_between_the_hit_and_its_writing_wins(states: tuple[PermissionState, ...]):
    decided = decide_hit(replace(HIT, addressed=(states,)))

    assert (decided.mode, decided.bound_by) == (OFF, DecisionLayer.PERMISSION)


@pytest.mark.parametrize("frozen", TrackingMode)
def test_a_later_yes_never_upgrades_a_mail_that_was_sent(frozen: TrackingMode):
    assert decide_hit(replace(HIT, frozen=frozen, addressed=((YES,),))).mode is frozen


def test_a_refusal_is_held_to_the_mode_that_the_frozen_settings_give_it():
    """With refused_mode ANONYMOUS the hit may join the anonymous part, never the person."""
    assert decide_hit(replace(HIT, settings=COUNTING, addressed=((NO,),))).mode is ANONYMOUS


def test_the_axis_of_the_hit_decides_which_ceiling_holds():
    refused = replace(HIT, settings=COUNTING, addressed=((NO,),))

    assert decide_hit(replace(refused, axis=Axis.CLICKS)).mode is OFF


def test_a_yes_that_expired_since_sending_no_longer_carries_a_personal_event():
    settings = replace(PERMISSIVE, permission_lifetime_days=30)

    def decided(age: timedelta) -> TrackingMode:
        old = replace(YES, person_time=NOW - age)
        return decide_hit(replace(HIT, settings=settings, addressed=((old,),))).mode

    assert decided(timedelta(days=30) - timedelta(microseconds=1)) is PERSONAL
    assert decided(timedelta(days=30)) is ANONYMOUS


@pytest.mark.parametrize("state", [YES, IMPORTED_YES, UNKNOWN])
def test_x7_the_signal_is_a_ceiling_for_everybody_unless_the_account_says_otherwise(state: PermissionState):
    hit = replace(HIT, permission_based=False, addressed=((state,),), privacy_signal=True)

    decided = decide_hit(hit)

    assert (decided.mode, decided.bound_by) == (ANONYMOUS, DecisionLayer.SIGNAL)


def test_x7_the_signal_never_raises_a_lower_ceiling():
    hit = replace(HIT, privacy_signal=True)

    assert decide_hit(replace(hit, frozen=OFF)).mode is OFF
    assert decide_hit(replace(hit, settings=YIELDING, addressed=((NO,),))).mode is OFF


@pytest.mark.parametrize(
    ("state", "mode"),
    [
        (YES, PERSONAL),
        (IMPORTED_YES, ANONYMOUS),
        (UNKNOWN, ANONYMOUS),
        (replace(UNKNOWN, by_person=True), ANONYMOUS),
    ],
    ids=["the person's own yes", "an imported yes", "no answer", "no answer, though at our door"],
)
def test_x7_where_the_account_says_so_the_signal_yields_to_a_yes_of_the_person_alone(
    state: PermissionState, mode: TrackingMode
):
    hit = replace(HIT, settings=YIELDING, permission_based=False, addressed=((state,),), privacy_signal=True)

    assert decide_hit(hit).mode is mode


def test_x7_the_signal_yields_only_where_everybody_addressed_said_yes_all_along():
    hit = replace(HIT, settings=YIELDING, privacy_signal=True)

    assert decide_hit(replace(hit, addressed=((YES,), (YES, YES)))).mode is PERSONAL
    assert decide_hit(replace(hit, addressed=((YES,), (IMPORTED_YES,)))).mode is ANONYMOUS
    assert decide_hit(replace(hit, addressed=((IMPORTED_YES, YES),))).mode is ANONYMOUS


def test_x7_an_expired_yes_no_longer_holds_against_the_signal():
    settings = replace(YIELDING, permission_lifetime_days=30)
    old = replace(YES, person_time=NOW - timedelta(days=30))

    assert signal_yields(settings, YES, NOW)
    assert not signal_yields(settings, old, NOW)
