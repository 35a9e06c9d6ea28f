"""Rates: a share among the measured, and the bounds of what it could be among all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.privacy import NOT_MEASURED, NOT_MEASURED_ON_PAGE, SUPPRESSED, Basis, Figure, Shown, exact
from app.domain.rates import Rate, Reach, click_to_open, coverage, delivered, rate

NOTHING = exact(0)


@st.composite
def measured_mailings(draw: st.DrawFn) -> tuple[int, Reach]:
    """The openers of a mailing, and its reach."""
    arrived = draw(st.integers(1, 200))
    measured = draw(st.integers(1, arrived))
    counted = draw(st.integers(1, measured))
    return draw(st.integers(0, counted)), Reach(arrived, measured, counted)


@pytest.mark.parametrize(
    ("sent", "bounced", "recorded", "arrived"),
    [(100, 4, 90, 90), (100, 4, 0, 96), (100, 0, 0, 100), (0, 0, 0, 0)],
)
def test_delivered_is_what_was_recorded_or_what_did_not_bounce(
    sent: int, bounced: int, recorded: int, arrived: int
):
    assert delivered(sent, bounced, recorded) == arrived


@pytest.mark.parametrize(
    ("reach", "share"), [(Reach(100, 25), 0.25), (Reach(10, 0), 0.0), (Reach(0, 0), None)]
)
def test_coverage_is_the_measured_share_of_the_delivered(reach: Reach, share: float | None):
    assert coverage(reach) == share


@pytest.mark.parametrize(
    ("unique", "total", "reach", "expected"),
    [
        # 10 of 40 measured opened, 60 of 100 are unknown: between 10 and 70 of 100.
        (exact(10), exact(15), Reach(100, 40), Rate(0.25, 0.1, 0.7, Basis.UNIQUE, Shown.EXACT)),
        (exact(10), exact(15), Reach(40, 40), Rate(0.25, 0.25, 0.25, Basis.UNIQUE, Shown.EXACT)),
        # A rounded figure lends its rounded number.
        (
            Figure(10, Shown.ROUNDED),
            Figure(15, Shown.ROUNDED),
            Reach(100, 40),
            Rate(0.25, 0.1, 0.7, Basis.UNIQUE, Shown.ROUNDED),
        ),
        # 20 of the 40 measured have unique figures; the other 20 are unknown to them.
        (exact(10), exact(15), Reach(100, 40, 20), Rate(0.5, 0.1, 0.9, Basis.UNIQUE, Shown.EXACT)),
        # Suppressed: no rate at all.
        (SUPPRESSED, exact(15), Reach(100, 40), Rate(None, None, None, Basis.UNIQUE, Shown.SUPPRESSED)),
        (None, SUPPRESSED, Reach(100, 40), Rate(None, None, None, Basis.TOTAL, Shown.SUPPRESSED)),
        # No uniques exist: times per measured person, which may exceed 1.
        (None, exact(60), Reach(100, 40), Rate(1.5, None, None, Basis.TOTAL, Shown.EXACT)),
        (None, Figure(10, Shown.ROUNDED), Reach(50, 40), Rate(0.25, None, None, Basis.TOTAL, Shown.ROUNDED)),
        # Nobody was measured: anything between none and all.
        (NOT_MEASURED, NOT_MEASURED, Reach(8, 0), Rate(None, 0.0, 1.0, Basis.UNIQUE, Shown.NOT_MEASURED)),
        (NOT_MEASURED_ON_PAGE, NOTHING, Reach(8, 4), Rate(None, 0.0, 1.0, Basis.UNIQUE, Shown.NOT_MEASURED)),
        (NOTHING, NOTHING, Reach(8, 0), Rate(None, 0.0, 1.0, Basis.UNIQUE, Shown.NOT_MEASURED)),
        (None, NOT_MEASURED, Reach(8, 0), Rate(None, None, None, Basis.TOTAL, Shown.NOT_MEASURED)),
        (None, NOTHING, Reach(8, 0), Rate(None, None, None, Basis.TOTAL, Shown.NOT_MEASURED)),
        # 0/0.
        (NOTHING, NOTHING, Reach(0, 0), Rate(None, None, None, Basis.UNIQUE, Shown.NOT_MEASURED)),
        # An opener whose arrival was never recorded.
        (exact(7), exact(9), Reach(4, 2), Rate(1.0, 0.5, 1.0, Basis.UNIQUE, Shown.EXACT)),
    ],
)
def test_the_open_rate_row_by_row(unique: Figure | None, total: Figure, reach: Reach, expected: Rate):
    assert rate(unique, total, reach) == expected


@given(measured_mailings())
def test_a_share_lies_within_its_bounds_and_they_within_nobody_and_all(mailing: tuple[int, Reach]):
    openers, reach = mailing

    share = rate(exact(openers), exact(openers), reach)

    assert share.value is not None
    assert share.lower is not None
    assert share.upper is not None
    assert 0 <= share.lower <= share.value <= share.upper <= 1


@given(measured_mailings())
def test_the_bounds_are_as_far_apart_as_people_are_unknown(mailing: tuple[int, Reach]):
    openers, reach = mailing

    share = rate(exact(openers), exact(openers), reach)

    assert share.lower is not None
    assert share.upper is not None
    assert share.upper - share.lower == pytest.approx(1 - reach.counted / reach.delivered)


@given(measured_mailings(), st.data())
def test_the_truth_lies_within_the_bounds_whatever_the_unmeasured_did(
    mailing: tuple[int, Reach], data: st.DataObject
):
    openers, reach = mailing
    unseen_openers = data.draw(st.integers(0, reach.delivered - reach.counted))

    share = rate(exact(openers), exact(openers), reach)

    assert share.lower is not None
    assert share.upper is not None
    assert share.lower <= (openers + unseen_openers) / reach.delivered <= share.upper


@pytest.mark.parametrize(
    ("arrived", "measured", "counted"), [(4, 5, None), (4, -1, None), (4, 3, 4), (4, 3, -1)]
)
def test_a_reach_cannot_contradict_itself(arrived: int, measured: int, counted: int | None):
    with pytest.raises(ValueError, match="among the measured"):
        Reach(arrived, measured, counted)


@pytest.mark.parametrize(
    ("clickers", "openers", "people", "expected"),
    [
        (3, 12, 20, Rate(0.25, None, None, Basis.UNIQUE, Shown.EXACT)),
        (0, 12, 20, Rate(0.0, None, None, Basis.UNIQUE, Shown.EXACT)),
        (0, 0, 20, Rate(None, None, None, Basis.UNIQUE, Shown.EXACT)),
        (0, 0, 0, Rate(None, None, None, Basis.UNIQUE, Shown.NOT_MEASURED)),
    ],
)
def test_click_to_open_row_by_row(clickers: int, openers: int, people: int, expected: Rate):
    assert click_to_open(clickers, openers, people) == expected


@pytest.mark.parametrize(("clickers", "openers", "people"), [(2, 1, 5), (1, 6, 5), (-1, 1, 5)])
def test_clickers_are_openers_and_openers_are_known(clickers: int, openers: int, people: int):
    with pytest.raises(ValueError, match="among the openers"):
        click_to_open(clickers, openers, people)
