"""Privacy: what is published about people who were counted anonymously, figure by figure and cell by cell."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.privacy import (
    NOT_MEASURED,
    NOT_MEASURED_ON_PAGE,
    SUPPRESSED,
    Anonymized,
    AnonymousPart,
    Figure,
    Shown,
    contact_cell,
    exact,
    published,
    rows_shown,
    sum_of_send_days,
    total,
)
from tests.domain.privacy import counts, parts, rounded


@pytest.mark.parametrize(
    ("count", "audience", "k", "unique", "figure"),
    [
        # Nobody was anonymous, or too few.
        (0, 0, 10, False, NOT_MEASURED),
        (0, 0, 1, True, NOT_MEASURED),
        (7, 9, 10, False, NOT_MEASURED),
        (9, 9, 10, True, NOT_MEASURED),
        # k = 1 promises nothing.
        (7, 9, 1, False, exact(7)),
        (9, 9, 1, True, exact(9)),
        (0, 1, 1, True, exact(0)),
        # Unique figures never reach everybody.
        (10, 10, 10, True, SUPPRESSED),
        (12, 12, 10, True, SUPPRESSED),
        (13, 12, 10, True, SUPPRESSED),
        (2, 2, 2, True, SUPPRESSED),
        (11, 12, 10, True, rounded(10)),
        (9, 10, 10, True, rounded(5)),
        # The rest is rounded down.
        (0, 10, 10, False, rounded(0)),
        (4, 10, 10, False, rounded(0)),
        (5, 10, 10, False, rounded(5)),
        (10, 10, 10, False, rounded(10)),
        (123, 10, 10, False, rounded(120)),
    ],
)
def test_what_is_published_of_a_part_row_by_row(
    count: int, audience: int, k: int, unique: bool, figure: Figure
):
    assert published(AnonymousPart(count, audience, k, unique)) == figure


@given(counts, counts, st.integers(2, 60), st.integers(1, 59), st.booleans())
def test_below_the_minimum_audience_nothing_depends_on_what_people_did(
    one: int, other: int, k: int, audience: int, unique: bool
):
    audience = min(audience, k - 1)

    first = published(AnonymousPart(one, audience, k, unique))
    second = published(AnonymousPart(other, audience, k, unique))

    assert first == second == NOT_MEASURED


@given(parts)
def test_a_published_number_is_below_the_count_by_less_than_a_step(part: AnonymousPart):
    figure = published(part)

    if figure.shown is Shown.ROUNDED:
        assert figure.value is not None
        assert figure.value % 5 == 0
        assert 0 <= part.count - figure.value < 5


@given(parts.filter(lambda part: part.k > 1))
def test_a_unique_figure_never_names_the_whole_audience(part: AnonymousPart):
    figure = published(replace(part, unique=True))

    assert figure.value is None or figure.value < part.audience


@given(parts, counts)
def test_more_hits_never_lower_a_published_number(part: AnonymousPart, more: int):
    before = published(replace(part, unique=False))
    after = published(replace(part, unique=False, count=part.count + more))

    assert before.shown is after.shown
    assert (before.value or 0) <= (after.value or 0)


@given(parts, st.integers(1, 60))
def test_a_higher_minimum_audience_never_says_more(part: AnonymousPart, more: int):
    before = published(part)
    after = published(replace(part, k=part.k + more))

    assert after.value is None or before.value is None or after.value <= before.value
    assert before.value is not None or after.value is None


@pytest.mark.parametrize(("audience", "measured"), [(9, 0), (10, 10), (11, 11)])
def test_people_are_measured_from_the_minimum_audience_on(audience: int, measured: int):
    assert AnonymousPart(3, audience, 10).measured == measured


@pytest.mark.parametrize(
    ("personal", "anonymous", "figure"),
    [
        (3, rounded(10), rounded(13)),
        (None, rounded(10), rounded(10)),
        (3, exact(4), exact(7)),
        (3, SUPPRESSED, SUPPRESSED),
        (None, SUPPRESSED, SUPPRESSED),
        (3, NOT_MEASURED, exact(3)),
        (0, NOT_MEASURED, exact(0)),
        (None, NOT_MEASURED, NOT_MEASURED),
    ],
)
def test_a_total_row_by_row(personal: int | None, anonymous: Figure, figure: Figure):
    assert total(personal, anonymous) == figure


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, Shown.EXACT),
        (-1, Shown.EXACT),
        (None, Shown.ROUNDED),
        (0, Shown.SUPPRESSED),
        (1, Shown.NOT_MEASURED),
    ],
)
def test_a_figure_cannot_contradict_itself(value: int | None, shown: Shown):
    with pytest.raises(ValueError, match=shown):
        Figure(value, shown)


def test_not_measured_is_zero_on_pages_and_nothing_in_reports():
    assert NOT_MEASURED_ON_PAGE.value == 0
    assert NOT_MEASURED.value is None


@pytest.mark.parametrize(("count", "audience", "k"), [(-1, 0, 1), (0, -1, 1), (0, 0, 0)])
def test_a_part_needs_counts_and_a_minimum_audience(count: int, audience: int, k: int):
    with pytest.raises(ValueError, match="k is at least 1"):
        AnonymousPart(count, audience, k)


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        (AnonymousPart(13, 20, 10), 10),
        (AnonymousPart(13, 20, 1), 13),
        (AnonymousPart(13, 9, 10), 0),
        (AnonymousPart(20, 20, 10, unique=True), 0),
    ],
)
def test_a_log_shows_as_many_rows_as_are_published(part: AnonymousPart, rows: int):
    assert rows_shown(part) == rows


def test_send_days_add_up_before_rounding_and_small_ones_stay_out():
    days = [AnonymousPart(4, 10, 10), AnonymousPart(4, 12, 10), AnonymousPart(9, 9, 10)]

    whole = sum_of_send_days(days)

    assert whole == AnonymousPart(8, 22, 10)
    assert published(whole) == rounded(5)


def test_figures_of_two_kinds_do_not_add_up():
    with pytest.raises(ValueError, match="one kind"):
        sum_of_send_days([AnonymousPart(1, 10, 10), AnonymousPart(1, 10, 10, unique=True)])


def test_no_parts_have_no_sum():
    with pytest.raises(ValueError, match="at least one"):
        sum_of_send_days([])


@pytest.mark.parametrize(
    ("value", "instead", "may_read", "cell"),
    [
        ("anna@example.org", Anonymized.CONTACT, True, "anna@example.org"),
        ("anna@example.org", Anonymized.CONTACT, False, "Anonymized contact"),
        ("Lyon", Anonymized.DATA, False, "Anonymized data"),
        ("https://example.org", Anonymized.LOG, False, "Anonymized"),
        (None, Anonymized.CONTACT, True, "Anonymized contact"),
        (None, Anonymized.DATA, True, "Anonymized data"),
        (None, Anonymized.LOG, True, "Anonymized"),
        ("", Anonymized.DATA, True, ""),
        ("", Anonymized.DATA, False, "Anonymized data"),
    ],
)
def test_a_cell_row_by_row(value: str | None, instead: Anonymized, may_read: bool, cell: str):
    assert contact_cell(value, instead, may_read_personal=may_read) == cell


@given(st.none() | st.text(), st.none() | st.text(), st.sampled_from(Anonymized))
def test_without_the_scope_two_contacts_look_the_same(
    one: str | None, other: str | None, instead: Anonymized
):
    assert contact_cell(one, instead, may_read_personal=False) == contact_cell(
        other, instead, may_read_personal=False
    )
