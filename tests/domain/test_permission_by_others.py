"""Permission: the table of what others may change about a person's answer, row by row, and with which evidence."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clashes import merge
from app.domain.errors import EvidenceMissing, InvalidSource, RefusalKept, RequestError
from app.domain.permission import (
    NEVER_ASKED,
    NO_EVIDENCE,
    Evidence,
    Permission,
    PermissionChange,
    PermissionSource,
    PermissionState,
    Reason,
    answer_of_person,
    asked_without_answer,
    change_by_others,
    check_source,
    lapse,
    reset,
    standing,
)
from tests.domain.tracking import (
    ASKED,
    IMPORTED_NO,
    IMPORTED_YES,
    NO,
    NOTIFIED,
    NOW,
    YES,
    YESTERDAY,
    states,
)

API, FORM, IMPORT, SEND = (
    PermissionSource.API,
    PermissionSource.FORM,
    PermissionSource.IMPORT,
    PermissionSource.SEND,
)
LAST_WEEK = NOW - timedelta(days=7)
TODAY = NOW - timedelta(hours=1)


def said_by_others(
    stands: PermissionState, asked: PermissionChange, evidence: Evidence = NO_EVIDENCE
) -> PermissionState:
    return change_by_others(stands, asked, evidence, NOW, API)


@pytest.mark.parametrize("stands", [NEVER_ASKED, ASKED, NOTIFIED, YES, NO, IMPORTED_NO])
def test_c1_unchanged_is_never_an_answer(stands: PermissionState):
    """On a new address it stays UNKNOWN, never an implied yes."""
    assert said_by_others(stands, PermissionChange.UNCHANGED, Evidence(API, TODAY)) is stands


@pytest.mark.parametrize(
    ("stands", "reason"),
    [
        (NEVER_ASKED, Reason.DENIED),
        (ASKED, Reason.DENIED),
        (NOTIFIED, Reason.DENIED),
        (YES, Reason.WITHDRAWN),
        (IMPORTED_YES, Reason.WITHDRAWN),
    ],
)
def test_anybody_may_set_a_no_without_evidence(stands: PermissionState, reason: Reason):
    """From UNKNOWN it is DENIED, from YES it is WITHDRAWN; the same effect, other evidence."""
    assert said_by_others(stands, PermissionChange.NO) == PermissionState(
        Permission.NO, reason, person_time=NOW, server_time=NOW, source=API
    )


def test_a_no_keeps_the_place_and_the_date_that_the_caller_names():
    changed = said_by_others(NEVER_ASKED, PermissionChange.NO, Evidence(FORM, LAST_WEEK))

    assert changed == PermissionState(Permission.NO, Reason.DENIED, LAST_WEEK, NOW, FORM)
    assert not changed.by_person


def test_a_no_that_comes_with_a_mail_is_stored_as_the_words_of_that_send():
    changed = change_by_others(NEVER_ASKED, PermissionChange.NO, Evidence(FORM, LAST_WEEK), NOW, door=SEND)

    assert (changed.value, changed.source, changed.person_time) == (Permission.NO, SEND, LAST_WEEK)


def test_a_no_dated_in_the_future_counts_from_now():
    """Else no consent could ever come after it."""
    changed = said_by_others(NEVER_ASKED, PermissionChange.NO, Evidence(API, NOW + timedelta(days=3650)))

    assert changed.person_time == NOW


def test_a_no_of_the_person_is_kept_as_it_stands_under_a_no_by_others():
    assert said_by_others(NO, PermissionChange.NO, Evidence(API, NOW)) is NO


def test_a_no_by_others_moves_forward_to_a_later_date_and_never_back():
    later = said_by_others(IMPORTED_NO, PermissionChange.NO, Evidence(API, TODAY))
    earlier = said_by_others(IMPORTED_NO, PermissionChange.NO, Evidence(API, LAST_WEEK))

    assert (later.value, later.reason, later.person_time) == (Permission.NO, Reason.DENIED, TODAY)
    assert earlier is IMPORTED_NO


@pytest.mark.parametrize("stands", [NEVER_ASKED, ASKED, NOTIFIED, IMPORTED_NO])
def test_a_yes_with_evidence_counts_but_is_not_the_persons_own(stands: PermissionState):
    """Naming FORM does not make it an answer that was given to us."""
    changed = said_by_others(stands, PermissionChange.YES, Evidence(FORM, TODAY))

    assert changed == PermissionState(Permission.YES, None, TODAY, NOW, FORM, by_person=False)


def test_a_yes_on_a_yes_is_a_new_one_where_it_is_later_and_nothing_otherwise():
    later = said_by_others(YES, PermissionChange.YES, Evidence(API, TODAY))

    assert (later.person_time, later.source) == (TODAY, API)
    assert said_by_others(YES, PermissionChange.YES, Evidence(API, YESTERDAY)) is YES
    assert said_by_others(YES, PermissionChange.YES, Evidence(API, LAST_WEEK)) is YES


@pytest.mark.parametrize("stands", [NEVER_ASKED, YES, NO, IMPORTED_NO])
@pytest.mark.parametrize(
    "evidence",
    [NO_EVIDENCE, Evidence(source=API), Evidence(at=TODAY)],
    ids=["neither", "source only", "date only"],
)
def test_a_yes_needs_a_source_and_a_date_whatever_stands(stands: PermissionState, evidence: Evidence):
    with pytest.raises(EvidenceMissing) as raised:
        said_by_others(stands, PermissionChange.YES, evidence)

    assert raised.value.code == "EVIDENCE_MISSING"


def test_a_yes_dated_in_the_future_is_no_evidence():
    with pytest.raises(EvidenceMissing) as raised:
        said_by_others(NEVER_ASKED, PermissionChange.YES, Evidence(API, NOW + timedelta(microseconds=1)))

    assert raised.value.path == ("at",)
    assert said_by_others(NEVER_ASKED, PermissionChange.YES, Evidence(API, NOW)).person_time == NOW


@pytest.mark.parametrize(
    ("stands", "at"),
    [
        pytest.param(NO, TODAY, id="a no of the person, before the yes"),
        pytest.param(NO, LAST_WEEK, id="a no of the person, after the yes"),
        pytest.param(IMPORTED_NO, YESTERDAY, id="an imported no of the same moment"),
        pytest.param(IMPORTED_NO, LAST_WEEK, id="an imported no, after the yes"),
        pytest.param(replace(IMPORTED_NO, person_time=None), TODAY, id="an imported no of unknown date"),
    ],
)
def test_a_yes_by_others_lifts_a_refusal_only_with_a_later_date_and_never_the_persons(
    stands: PermissionState, at: datetime
):
    before = replace(stands)

    with pytest.raises(RefusalKept):
        said_by_others(stands, PermissionChange.YES, Evidence(API, at))

    assert stands == before


@pytest.mark.parametrize("source", [None, API, FORM, IMPORT])
def test_c8_a_caller_may_name_these_sources(source: PermissionSource | None):
    check_source(source)


@pytest.mark.parametrize("source", sorted(set(PermissionSource) - {API, FORM, IMPORT}))
def test_a_caller_may_not_name_the_source_of_another_door(source: PermissionSource):
    with pytest.raises(InvalidSource) as raised:
        check_source(source)

    assert (raised.value.code, raised.value.path) == ("INVALID_SOURCE", ("source",))


dates = st.none() | st.integers(-30, 30).map(lambda days: NOW + timedelta(days=days))
requests = st.tuples(
    st.sampled_from(PermissionChange),
    st.builds(Evidence, st.none() | st.sampled_from(PermissionSource), dates),
    st.sampled_from([API, IMPORT, SEND]),
    st.integers(0, 30).map(lambda days: NOW + timedelta(days=days)),
)


def ask(stands: PermissionState, request: tuple) -> PermissionState:
    """What stands after a caller's request, which may be refused."""
    asked, evidence, door, now = request
    try:
        return change_by_others(stands, asked, evidence, now, door)
    except RequestError:
        return stands


@given(st.lists(requests, max_size=6))
def test_c1_nobody_else_ever_lifts_or_rewrites_the_no_of_the_person(requested: list[tuple]):
    stands = NO
    for request in requested:
        stands = ask(stands, request)
        stands = lapse(stands, PermissionSource.RESUBSCRIBE, request[-1])
        stands = asked_without_answer(stands, PermissionSource.REQUEST_MAIL, request[-1])

    assert stands is NO
    assert standing(stands, 1, NOW + timedelta(days=4_000)) is NO
    assert answer_of_person(stands, Permission.YES, FORM, NOW).value is Permission.YES


@given(st.lists(requests | states, max_size=6))
def test_c2_no_merge_in_between_lifts_the_no_of_the_person_either(steps: list):
    """Merging with another identity may bring its evidence along, and leaves the NO the person's."""
    stands = NO
    for step in steps:
        stands = merge(stands, step) if isinstance(step, PermissionState) else ask(stands, step)

    assert (stands.value, stands.by_person) == (Permission.NO, True)


@given(states, requests)
def test_every_change_by_others_is_whole(stands: PermissionState, request: tuple):
    """A new state has a reason where its value needs one, is dated, never in the future, and is not the person's."""
    changed = ask(stands, request)

    if changed is not stands:
        assert (changed.reason in {Reason.DENIED, Reason.WITHDRAWN}) == (changed.value is Permission.NO)
        assert (changed.reason is None) == (changed.value is Permission.YES)
        assert changed.person_time is not None
        assert changed.person_time <= changed.server_time == request[-1]
        assert not changed.by_person


@pytest.mark.parametrize("stands", [YES, IMPORTED_YES, IMPORTED_NO])
def test_a_reset_makes_an_answer_as_though_nobody_had_asked(stands: PermissionState):
    assert reset(stands, NOW) == PermissionState(server_time=NOW, source=PermissionSource.RESET)


@pytest.mark.parametrize("stands", [NEVER_ASKED, ASKED, NOTIFIED])
def test_a_reset_of_what_is_unknown_changes_nothing(stands: PermissionState):
    assert reset(stands, NOW) is stands


def test_a_reset_never_lifts_the_no_of_the_person():
    with pytest.raises(RefusalKept):
        reset(NO, NOW)
