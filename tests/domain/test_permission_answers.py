"""Permission: what the person answers, what silence is worth, and what a stored answer is worth later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.permission import (
    NEVER_ASKED,
    Permission,
    PermissionSource,
    PermissionState,
    Reason,
    answer_of_person,
    asked_without_answer,
    lapse,
    standing,
)
from tests.domain.tracking import ASKED, IMPORTED_NO, IMPORTED_YES, NO, NOTIFIED, NOW, YES

FORM = PermissionSource.FORM


@pytest.mark.parametrize("stands", [NEVER_ASKED, YES, NO, IMPORTED_NO])
def test_the_last_answer_of_the_person_stands_whatever_stood_before(stands: PermissionState):
    yes = answer_of_person(stands, Permission.YES, PermissionSource.PREFERENCE_CENTER, NOW)

    assert yes == PermissionState(
        Permission.YES, None, NOW, NOW, PermissionSource.PREFERENCE_CENTER, by_person=True
    )


@pytest.mark.parametrize(
    ("stands", "reason"),
    [
        (NEVER_ASKED, Reason.DENIED),
        (ASKED, Reason.DENIED),
        (YES, Reason.WITHDRAWN),
        (NO, Reason.DENIED),
        (replace(NO, reason=Reason.WITHDRAWN), Reason.WITHDRAWN),
    ],
)
def test_a_no_of_the_person_remembers_whether_it_took_back_a_yes(stands: PermissionState, reason: Reason):
    no = answer_of_person(stands, Permission.NO, PermissionSource.ONE_CLICK, NOW)

    assert no == PermissionState(Permission.NO, reason, NOW, NOW, PermissionSource.ONE_CLICK, by_person=True)


def test_silence_is_known_for_somebody_who_never_answered():
    asked = asked_without_answer(NEVER_ASKED, FORM, NOW)

    assert asked == PermissionState(
        Permission.UNKNOWN, Reason.ASKED_NO_ANSWER, None, server_time=NOW, source=FORM
    )
    assert asked_without_answer(NOTIFIED, FORM, NOW) == asked


@pytest.mark.parametrize("stands", [YES, IMPORTED_YES, NO, IMPORTED_NO])
def test_silence_changes_nothing_for_somebody_who_answered(stands: PermissionState):
    assert asked_without_answer(stands, PermissionSource.REQUEST_MAIL, NOW) is stands


def test_m5_a_request_mail_renews_the_silence_and_a_form_does_not():
    """The next request waits from the last one; a stranger's form submissions leave no trace."""
    renewed = asked_without_answer(ASKED, PermissionSource.REQUEST_MAIL, NOW)

    assert (renewed.reason, renewed.server_time) == (Reason.ASKED_NO_ANSWER, NOW)
    assert asked_without_answer(ASKED, FORM, NOW) is ASKED


@pytest.mark.parametrize("stands", [YES, IMPORTED_YES])
def test_a_yes_lapses_to_unknown(stands: PermissionState):
    lapsed = lapse(stands, PermissionSource.RESUBSCRIBE, NOW)

    assert lapsed == PermissionState(
        Permission.UNKNOWN, Reason.LAPSED, None, server_time=NOW, source=PermissionSource.RESUBSCRIBE
    )


@pytest.mark.parametrize("stands", [NEVER_ASKED, ASKED, NO, IMPORTED_NO])
def test_nothing_but_a_yes_lapses(stands: PermissionState):
    assert lapse(stands, PermissionSource.RESUBSCRIBE, NOW) is stands


def test_a_yes_holds_until_its_last_day_is_over():
    given_at = NOW - timedelta(days=30)
    state = replace(YES, person_time=given_at)

    assert standing(state, 30, NOW - timedelta(microseconds=1)) is state
    assert standing(state, 30, NOW) == replace(
        state, value=Permission.UNKNOWN, reason=Reason.LAPSED, by_person=False
    )
    assert standing(state, 31, NOW) is state


def test_without_a_lifetime_a_yes_holds_for_good():
    assert standing(replace(YES, person_time=NOW - timedelta(days=36_500)), None, NOW).value is Permission.YES


def test_a_yes_of_unknown_age_does_not_outlast_a_lifetime():
    undated = replace(YES, person_time=None)

    assert standing(undated, 36_500, NOW).reason is Reason.LAPSED
    assert standing(undated, None, NOW) is undated


@pytest.mark.parametrize("stands", [NEVER_ASKED, ASKED, NO, IMPORTED_NO])
def test_nothing_but_a_yes_expires(stands: PermissionState):
    assert standing(stands, 1, NOW + timedelta(days=4_000)) is stands
