"""Who is asked by a permission request, and who is left in peace (M5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.asking import Asking, asking
from app.domain.permission import NEVER_ASKED, PermissionState
from app.domain.precedence import Permissions
from tests.domain.tracking import ASKED, NO, NOTIFIED, NOW, PERMISSIVE, YES, both

HALF_A_YEAR = timedelta(days=182)


def fate(permissions: Permissions, *, asked_at=None, on_a_list=True, **settings: object) -> Asking:
    return asking(permissions, asked_at, replace(PERMISSIVE, **settings), NOW, on_a_list=on_a_list)


@pytest.mark.parametrize("state", [NEVER_ASKED, NOTIFIED])
def test_who_was_never_asked_is_asked(state: PermissionState):
    assert fate(both(state)) is Asking.ASKED


@pytest.mark.parametrize("state", [NO, ASKED])
def test_a_no_and_a_silence_are_respected_until_their_time_is_over(state: PermissionState):
    """To the day: half a year ago to the second is over."""
    over = NOW - HALF_A_YEAR
    old = replace(state, server_time=over, person_time=state.person_time and over)
    later = over + timedelta(seconds=1)
    recent = replace(state, server_time=later, person_time=state.person_time and later)

    assert fate(both(old)) is Asking.ASKED
    assert fate(both(recent)) is Asking.ASKED_RECENTLY
    assert fate(both(old), ask_again_after_days=None) is Asking.ASKED_RECENTLY


def test_one_axis_is_enough_to_be_left_in_peace():
    assert fate(Permissions(NEVER_ASKED, NO)) is Asking.ASKED_RECENTLY


def test_a_no_without_a_time_counts_as_recent():
    assert fate(both(replace(NO, person_time=None, server_time=None))) is Asking.ASKED_RECENTLY


def test_the_last_mail_counts_even_where_it_changed_no_answer():
    assert fate(both(NEVER_ASKED), asked_at=NOW - timedelta(days=1)) is Asking.ASKED_RECENTLY
    assert fate(both(NEVER_ASKED), asked_at=NOW - HALF_A_YEAR) is Asking.ASKED


def test_a_yes_is_an_answer_until_it_has_run_out():
    assert fate(both(YES)) is Asking.ANSWERED
    assert fate(Permissions(YES, NEVER_ASKED)) is Asking.ASKED
    assert fate(both(YES), permission_lifetime_days=1) is Asking.ASKED


def test_who_left_every_list_is_not_mailed():
    assert fate(both(NEVER_ASKED), on_a_list=False) is Asking.LEFT
