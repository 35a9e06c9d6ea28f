"""Sign-up forms: how a submission is read, and the laws of what an answer may do at which moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidValue
from app.domain.forms import (
    FormAnswer,
    FormQuestion,
    answers,
    at_confirmation,
    at_submission,
    checked_origin,
    checked_redirect,
    is_double_opt_in,
)
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, PermissionState, Reason

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SILENT = (Reason.NEVER_ASKED, Reason.ASKED_NO_ANSWER, Reason.NOTIFIED_NO_OBJECTION, Reason.LAPSED)

times = st.integers(1, 4000).map(lambda days: NOW - timedelta(days=days))
unknown = st.sampled_from(SILENT).map(lambda reason: PermissionState(reason=reason))
refused = st.builds(
    PermissionState,
    value=st.just(Permission.NO),
    reason=st.sampled_from((Reason.DENIED, Reason.WITHDRAWN)),
    person_time=times,
    source=st.sampled_from(PermissionSource),
    by_person=st.booleans(),
)
permitted = st.builds(
    PermissionState,
    value=st.just(Permission.YES),
    reason=st.none(),
    person_time=times,
    source=st.sampled_from(PermissionSource),
    by_person=st.booleans(),
)
states = st.one_of(unknown, refused, permitted)
lifetimes = st.one_of(st.none(), st.integers(1, 4000))


@given(states, st.booleans(), lifetimes)
def test_a_no_counts_at_once_whatever_stands(stands, double_opt_in, lifetime):
    state = at_submission(stands, FormAnswer.NO, NOW, double_opt_in=double_opt_in, lifetime_days=lifetime)

    assert state.value is Permission.NO
    assert state.by_person


@given(refused, st.sampled_from(FormAnswer), st.booleans(), lifetimes)
def test_no_submission_lifts_a_refusal(stands, answer, double_opt_in, lifetime):
    state = at_submission(stands, answer, NOW, double_opt_in=double_opt_in, lifetime_days=lifetime)

    assert state.value is Permission.NO


@given(states, st.sampled_from(FormAnswer), lifetimes)
def test_with_double_opt_in_no_submission_makes_a_yes(stands, answer, lifetime):
    state = at_submission(stands, answer, NOW, double_opt_in=True, lifetime_days=lifetime)

    assert state.value is not Permission.YES or state is stands


@given(
    st.one_of(refused, permitted),
    st.sampled_from((FormAnswer.UNTICKED, FormAnswer.NOT_ASKED)),
    st.booleans(),
)
def test_an_unticked_box_changes_nothing_for_who_has_answered(stands, answer, double_opt_in):
    state = at_submission(stands, answer, NOW, double_opt_in=double_opt_in, lifetime_days=None)

    assert state is stands


@given(states, st.sampled_from(FormAnswer), st.booleans(), lifetimes)
def test_submitting_twice_is_submitting_once(stands, answer, double_opt_in, lifetime):
    how = {"double_opt_in": double_opt_in, "lifetime_days": lifetime}

    once = at_submission(stands, answer, NOW, **how)

    assert at_submission(once, answer, NOW, **how) is once


@given(states, st.sampled_from(FormAnswer))
def test_only_a_yes_is_confirmed_and_then_it_stands(stands, answer):
    state = at_confirmation(stands, answer, NOW)

    if answer is FormAnswer.YES:
        assert (state.value, state.person_time, state.by_person) == (Permission.YES, NOW, True)
    else:
        assert state is stands


def test_without_double_opt_in_a_yes_turns_unknown_into_yes():
    state = at_submission(PermissionState(), FormAnswer.YES, NOW, double_opt_in=False, lifetime_days=None)

    assert (state.value, state.source, state.person_time) == (Permission.YES, PermissionSource.FORM, NOW)


def test_without_double_opt_in_a_yes_that_outlived_its_lifetime_counts_as_unknown():
    old = PermissionState(Permission.YES, None, NOW - timedelta(days=400), by_person=True)

    renewed = at_submission(old, FormAnswer.YES, NOW, double_opt_in=False, lifetime_days=365)

    assert renewed.person_time == NOW


@pytest.mark.parametrize(
    ("asks", "fields", "opens", "clicks"),
    [
        ("NOTHING", {}, "NOT_ASKED", "NOT_ASKED"),
        ("NOTHING", {"tracking": "yes"}, "NOT_ASKED", "NOT_ASKED"),
        ("NOTHING", {"tracking": "no"}, "NO", "NO"),
        ("BOTH_TOGETHER", {}, "UNTICKED", "UNTICKED"),
        ("BOTH_TOGETHER", {"tracking": "yes"}, "YES", "YES"),
        ("BOTH_TOGETHER", {"tracking": "no"}, "NO", "NO"),
        ("EACH_AXIS", {"tracking_opens": "yes"}, "YES", "UNTICKED"),
        ("EACH_AXIS", {"tracking": "yes", "tracking_clicks": "no"}, "YES", "NO"),
    ],
)
def test_a_submission_reads_as_the_table_says(asks, fields, opens, clicks):
    assert answers(FormQuestion(asks), fields) == {
        Axis.OPENS: FormAnswer(opens),
        Axis.CLICKS: FormAnswer(clicks),
    }


@given(
    st.text(max_size=8).filter(lambda text: text not in {"yes", "no"}),
    st.sampled_from(("tracking", "tracking_opens", "tracking_clicks")),
    st.sampled_from(FormQuestion),
)
def test_any_other_value_is_an_error_that_names_its_field(value, field, asks):
    with pytest.raises(InvalidValue) as wrong:
        answers(asks, {field: value})

    assert wrong.value.path == (field,)


@pytest.mark.parametrize(
    ("form_says_so", "required", "waits"),
    [(True, True, True), (True, False, True), (False, True, True), (False, False, False)],
)
def test_a_form_is_double_opt_in_where_permission_is_required(form_says_so, required, waits):
    assert is_double_opt_in(form_says_so=form_says_so, permission_required=required) is waits


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example:443/", "https://shop.example"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_an_origin_has_the_one_spelling_that_browsers_send(text, origin):
    assert checked_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "null",
        "shop.example",
        "https://shop.example/path",
        "https://*.example",
        "ftp://shop.example",
        "https://user@shop.example",
        "https://shop.example:",
        "https://shop.example:99999",
        "https://shop.example?x",
        "https://",
        "",
    ],
)
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(InvalidValue):
        checked_origin(text)


def test_a_redirect_is_a_whole_web_address():
    assert checked_redirect("https://shop.example/thanks?a=1") == "https://shop.example/thanks?a=1"
    for text in ("/thanks", "//shop.example", "javascript:alert(1)", "https://", "data:,x"):
        with pytest.raises(InvalidValue):
            checked_redirect(text)
