"""Privacy: what two answers side by side, or one after the other, must not give away."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.privacy import (
    NOT_MEASURED,
    SUPPRESSED,
    AnonymousPart,
    Figure,
    added,
    day_to_count,
    exact,
    keep_apart,
    newcomers_wait,
    published,
    published_beside,
    published_parts,
    total_beside,
)
from tests.domain.privacy import answerable_together, counts, figures, parts, rounded

TODAY = date(2026, 3, 10)
HOUR = 3_600


def test_the_only_suppressed_part_takes_the_smallest_other_part_with_it():
    full = AnonymousPart(12, 12, 10, unique=True)
    large = AnonymousPart(7, 30, 10, unique=True)
    small = AnonymousPart(7, 20, 10, unique=True)
    tiny = AnonymousPart(3, 5, 10, unique=True)

    figures_shown = published_parts([full, large, small, tiny])

    assert figures_shown == (SUPPRESSED, rounded(5), SUPPRESSED, NOT_MEASURED)
    assert total_beside(figures_shown, rounded(25)) == rounded(25)


def test_without_a_partner_the_total_is_withheld():
    figures_shown = published_parts(
        [AnonymousPart(12, 12, 10, unique=True), AnonymousPart(3, 5, 10, unique=True)]
    )

    assert figures_shown == (SUPPRESSED, NOT_MEASURED)
    assert total_beside(figures_shown, rounded(10)) == SUPPRESSED


def test_two_suppressed_parts_need_no_third():
    full = AnonymousPart(12, 12, 10, unique=True)

    assert published_parts([full, full, AnonymousPart(7, 20, 10, unique=True)]) == (
        SUPPRESSED,
        SUPPRESSED,
        rounded(5),
    )


@given(st.lists(parts, max_size=6))
def test_no_shown_total_gives_a_single_suppressed_part_away(several: list[AnonymousPart]):
    figures_shown = published_parts(several)

    whole = total_beside(figures_shown, rounded(50))

    assert whole == SUPPRESSED or figures_shown.count(SUPPRESSED) != 1
    for part, figure in zip(several, figures_shown, strict=True):
        assert figure in {published(part), SUPPRESSED}


def over(*audiences: int) -> list[AnonymousPart]:
    return [AnonymousPart(7, audience, 10) for audience in audiences]


@pytest.mark.parametrize(
    ("whole", "audiences", "shown"),
    [
        # All had every link.
        (30, [30, 30], "yes yes"),
        # One person lacks a link: it goes, and the other with it.
        (30, [30, 29], "no no"),
        # Nine lack it, or ten.
        (30, [30, 21], "no no"),
        (30, [30, 20], "yes yes"),
        # Of several that stay the smallest is the partner.
        (40, [40, 30, 39], "yes no no"),
        # Two links that differ from each other by few.
        (60, [60, 30, 31], "yes no no"),
        # Too few had it: nothing of it is counted, so nothing of it is told.
        (30, [30, 5], "yes none"),
        # The only link is the total.
        (30, [29], "yes"),
        (30, [29, 5], "yes none"),
    ],
)
def test_parts_whose_people_are_not_those_of_the_whole_row_by_row(
    whole: int, audiences: list[int], shown: str
):
    figures_shown = published_beside(over(*audiences), AnonymousPart(0, whole, 10))

    words = {rounded(5): "yes", SUPPRESSED: "no", NOT_MEASURED: "none"}
    assert " ".join(words[figure] for figure in figures_shown) == shown


def test_two_groups_that_have_nothing_to_do_with_each_other_may_differ_by_few():
    figures_shown = published_beside(over(30, 31), AnonymousPart(0, 61, 10), lambda _one, _other: True)

    assert figures_shown == (rounded(5), rounded(5))


def test_where_nothing_is_promised_no_part_is_withheld():
    several = [AnonymousPart(7, audience, 1) for audience in (30, 29, 1)]

    assert published_beside(several, AnonymousPart(0, 30, 1)) == (exact(7), exact(7), exact(7))


@given(st.lists(parts, max_size=6), counts)
def test_what_goes_beside_a_whole_is_chosen_without_a_look_at_what_people_did(
    several: list[AnonymousPart], whole: int
):
    several = [replace(part, unique=False) for part in several]
    quiet = [replace(part, count=0) for part in several]

    one, other = (published_beside(each, AnonymousPart(0, whole, 10)) for each in (several, quiet))

    assert [figure.shown for figure in one] == [figure.shown for figure in other]


@pytest.mark.parametrize(
    ("several", "whole"),
    [
        ([], NOT_MEASURED),
        ([NOT_MEASURED, NOT_MEASURED], NOT_MEASURED),
        ([exact(0), NOT_MEASURED], exact(0)),
        ([exact(2), exact(3)], exact(5)),
        ([exact(2), rounded(5)], rounded(7)),
        ([rounded(5), rounded(5)], rounded(10)),
        ([rounded(5), SUPPRESSED, exact(1)], SUPPRESSED),
    ],
)
def test_the_sum_of_figures_row_by_row(several: list[Figure], whole: Figure):
    assert added(several) == whole


@pytest.mark.parametrize(
    ("people", "people_now", "shown", "waited_days", "waits"),
    [
        (12, 12, 10, 0, False),
        (12, 13, 10, 0, True),
        (12, 21, 10, 0, True),
        (12, 22, 10, 0, False),
        (12, 13, 10, 1, False),
        (12, 13, 4, 0, False),
        (12, 11, 10, 0, False),
    ],
)
def test_whether_newcomers_wait_row_by_row(
    people: int, people_now: int, shown: int, waited_days: int, waits: bool
):
    assert newcomers_wait(people, people_now, 10, shown, waited_days) is waits


@pytest.mark.parametrize(
    ("first", "second", "differing", "k", "together"),
    [
        (rounded(10), rounded(15), 0, 10, True),
        (rounded(10), rounded(15), 1, 10, False),
        (rounded(10), rounded(15), 9, 10, False),
        (rounded(10), rounded(15), 10, 10, True),
        (rounded(10), rounded(10), 1, 10, True),
        (SUPPRESSED, rounded(15), 1, 10, True),
        (rounded(10), NOT_MEASURED, 1, 10, True),
        (exact(10), exact(11), 1, 1, True),
    ],
)
def test_two_answers_side_by_side_row_by_row(
    first: Figure, second: Figure, differing: int, k: int, together: bool
):
    assert answerable_together(first, second, differing, k) is together


@given(figures, figures, st.integers(0, 30), st.integers(1, 20))
def test_answers_that_were_kept_apart_never_differ_by_a_small_group(
    coarser: Figure, finer: Figure, differing: int, k: int
):
    assert answerable_together(coarser, keep_apart(finer, differing, k), differing, k)


@pytest.mark.parametrize(
    ("differing", "figure"), [(0, rounded(15)), (1, SUPPRESSED), (9, SUPPRESSED), (10, rounded(15))]
)
def test_the_finer_answer_goes_only_where_the_difference_is_a_small_group(differing: int, figure: Figure):
    assert keep_apart(rounded(15), differing, 10) == figure


@given(counts, counts, st.integers(1, 30), st.integers(1, 20))
def test_whether_an_answer_is_withheld_does_not_depend_on_it(one: int, other: int, differing: int, k: int):
    first, second = keep_apart(rounded(one), differing, k), keep_apart(rounded(other), differing, k)

    assert first.shown is second.shown


@pytest.mark.parametrize(
    ("days_ago", "seconds_into_day", "refresh", "counted_days_ago"),
    [
        (0, 0, HOUR, 0),
        (0, 86_399, HOUR, 0),
        (1, 0, HOUR, 1),
        (1, HOUR - 1, HOUR, 1),
        (1, HOUR, HOUR, 0),
        (2, 0, HOUR, 0),
        (1, 0, 0, 0),
        (2, 10, 2 * 86_400, 2),
        (3, 10, 2 * 86_400, 0),
        (-1, 0, HOUR, 0),
    ],
)
def test_the_day_of_a_late_hit_row_by_row(
    days_ago: int, seconds_into_day: int, refresh: int, counted_days_ago: int
):
    day = day_to_count(TODAY - timedelta(days=days_ago), TODAY, seconds_into_day, refresh)

    assert day == TODAY - timedelta(days=counted_days_ago)


@given(st.integers(0, 5), st.integers(0, 86_399), st.integers(0, 86_399), st.integers(0, 86_400))
def test_a_day_once_frozen_stays_frozen(days_ago: int, now: int, later: int, refresh: int):
    hit_day = TODAY - timedelta(days=days_ago)
    now, later = sorted((now, later))

    if day_to_count(hit_day, TODAY, now, refresh) != hit_day:
        assert day_to_count(hit_day, TODAY, later, refresh) == TODAY
