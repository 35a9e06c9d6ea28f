"""Clashes: two answers of one person become one, and a refusal always survives."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clashes import merge, merge_places, same_answer
from app.domain.modes import MembershipStatus
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, PermissionState, Reason
from app.domain.settings import Withdrawal

UNKNOWN, YES, NO = Permission.UNKNOWN, Permission.YES, Permission.NO
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)

few_times = st.none() | st.sampled_from([MONDAY, TUESDAY])
states = st.builds(
    PermissionState,
    value=st.sampled_from(Permission),
    reason=st.none() | st.sampled_from(Reason),
    person_time=few_times,
    server_time=few_times,
    source=st.none() | st.sampled_from(PermissionSource),
    by_person=st.booleans(),
    line_hash=st.sampled_from([b"", b"\x01", b"\x02"]),
    withdrawal=st.none() | st.sampled_from(Withdrawal),
)


@pytest.mark.parametrize(
    ("changed", "existing", "merged"),
    [
        (UNKNOWN, UNKNOWN, UNKNOWN),
        (UNKNOWN, YES, YES),
        (UNKNOWN, NO, NO),
        (YES, UNKNOWN, YES),
        (YES, YES, YES),
        (YES, NO, NO),
        (NO, UNKNOWN, NO),
        (NO, YES, NO),
        (NO, NO, NO),
    ],
)
def test_the_table_of_clashes_row_by_row(changed: Permission, existing: Permission, merged: Permission):
    assert merge(PermissionState(value=changed), PermissionState(value=existing)).value is merged


def test_the_greater_answer_brings_its_whole_evidence_along():
    refusal = PermissionState(
        NO, Reason.WITHDRAWN, MONDAY, MONDAY, PermissionSource.ONE_CLICK, by_person=True, line_hash=b"\x01"
    )
    consent = PermissionState(
        YES, None, TUESDAY, TUESDAY, PermissionSource.FORM, by_person=True, line_hash=b"\x02"
    )

    assert merge(consent, refusal) == refusal


def test_of_two_equal_answers_the_later_one_of_the_person_stands():
    early = PermissionState(YES, None, MONDAY, TUESDAY, line_hash=b"\x02")
    late = PermissionState(YES, None, TUESDAY, TUESDAY, line_hash=b"\x01")

    assert merge(early, late) == late


def test_of_two_equal_answers_of_one_moment_the_larger_line_hash_stands():
    one = PermissionState(NO, Reason.DENIED, MONDAY, TUESDAY, line_hash=b"\x01")
    other = PermissionState(NO, Reason.WITHDRAWN, MONDAY, MONDAY, line_hash=b"\x02")

    assert merge(one, other) == other


def test_an_answer_without_a_time_of_the_person_counts_from_when_it_was_written():
    dated = PermissionState(NO, Reason.DENIED, MONDAY, MONDAY, line_hash=b"\x02")
    undated = PermissionState(NO, Reason.DENIED, None, TUESDAY, line_hash=b"\x01")

    assert merge(dated, undated) == undated


def test_known_silence_says_more_than_never_asked():
    asked = PermissionState(UNKNOWN, Reason.ASKED_NO_ANSWER, None, MONDAY, PermissionSource.FORM)

    assert merge(NEVER_ASKED, asked) == asked


def test_a_refusal_given_by_the_person_stays_theirs_under_a_later_import():
    own = PermissionState(NO, Reason.DENIED, MONDAY, MONDAY, PermissionSource.FORM, by_person=True)
    imported = PermissionState(NO, Reason.DENIED, TUESDAY, TUESDAY, PermissionSource.IMPORT)

    merged = merge(own, imported)

    assert merged.by_person
    assert (merged.person_time, merged.source) == (TUESDAY, PermissionSource.IMPORT)


def test_a_consent_of_the_person_does_not_make_an_imported_refusal_theirs():
    consent = PermissionState(YES, None, TUESDAY, TUESDAY, PermissionSource.FORM, by_person=True)
    imported = PermissionState(NO, Reason.DENIED, MONDAY, MONDAY, PermissionSource.IMPORT)

    assert not merge(consent, imported).by_person


@pytest.mark.parametrize(
    ("one", "other", "stronger"),
    [
        (Withdrawal.KEEP, Withdrawal.HIDE, Withdrawal.HIDE),
        (Withdrawal.KEEP, Withdrawal.SEVER, Withdrawal.SEVER),
        (Withdrawal.HIDE, Withdrawal.SEVER, Withdrawal.SEVER),
        (Withdrawal.KEEP, None, None),
        (Withdrawal.HIDE, None, Withdrawal.HIDE),
    ],
)
def test_x9_of_two_refusals_the_stronger_promise_holds(
    one: Withdrawal | None, other: Withdrawal | None, stronger: Withdrawal | None
):
    """Whichever of the two refusals stands, and whoever is merged into whom."""
    for early, late in ((one, other), (other, one)):
        first = PermissionState(NO, Reason.DENIED, MONDAY, MONDAY, line_hash=b"\x01", withdrawal=early)
        second = PermissionState(NO, Reason.DENIED, TUESDAY, TUESDAY, line_hash=b"\x02", withdrawal=late)

        assert merge(first, second).withdrawal is stronger
        assert merge(first, second).person_time == TUESDAY


@given(states, states)
def test_merging_is_commutative(one: PermissionState, other: PermissionState):
    assert merge(one, other) == merge(other, one)


@given(states, states, states)
def test_merging_is_associative(one: PermissionState, other: PermissionState, third: PermissionState):
    assert merge(merge(one, other), third) == merge(one, merge(other, third))


@given(states)
def test_merging_is_idempotent(state: PermissionState):
    assert merge(state, state) == state


@given(states, states)
def test_merging_absorbs_what_was_merged_already(one: PermissionState, other: PermissionState):
    assert merge(merge(one, other), other) == merge(one, other)


@given(st.lists(states, min_size=1, max_size=4))
def test_any_order_of_merges_ends_in_the_same_state(many: list[PermissionState]):
    assert len({reduce(merge, order) for order in permutations(many)}) == 1


@given(states, states)
def test_no_merge_loses_a_refusal_or_its_owner(one: PermissionState, other: PermissionState):
    merged = merge(one, other)

    refusals = [state for state in (one, other) if state.value is NO]
    assert (merged.value is NO) == bool(refusals)
    assert not refusals or merged.by_person == any(state.by_person for state in refusals)


places = st.sampled_from(MembershipStatus)


@given(places, places, places)
def test_places_merge_in_any_order(one: MembershipStatus, other: MembershipStatus, third: MembershipStatus):
    assert merge_places(one, other) is merge_places(other, one)
    assert merge_places(one, merge_places(other, third)) is merge_places(merge_places(one, other), third)
    assert merge_places(one, one) is one


@given(places)
def test_no_merge_brings_anybody_back_to_a_list_that_they_left(place: MembershipStatus):
    assert merge_places(MembershipStatus.UNSUBSCRIBED, place) is MembershipStatus.UNSUBSCRIBED


def test_who_is_on_a_list_is_not_lost_to_a_mailbox_that_bounced():
    assert merge_places(MembershipStatus.BOUNCED, MembershipStatus.SUBSCRIBED) is MembershipStatus.SUBSCRIBED


def test_an_answer_is_the_same_whichever_line_says_it():
    first = PermissionState(YES, None, MONDAY, MONDAY, PermissionSource.FORM, line_hash=b"\x01")
    again = PermissionState(YES, None, MONDAY, TUESDAY, PermissionSource.FORM, line_hash=b"\x02")
    other = PermissionState(YES, None, TUESDAY, TUESDAY, PermissionSource.FORM, line_hash=b"\x01")

    assert same_answer(first, again)
    assert not same_answer(first, other)
