"""Shapes of charts: nothing sticks out, nothing overlaps, and a share in per cent never claims all or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.look.charts import HEIGHT, Column, Stretch, bar, columns
from app.look.languages import LANGUAGES

ENGLISH = LANGUAGES["en"]


def test_a_bar_lies_side_by_side_and_leaves_out_what_is_nothing():
    assert bar(8, ("known", 2), ("other", 0), ("unknown", 4)) == [
        Stretch("known", 0.0, 25.0),
        Stretch("unknown", 25.0, 50.0),
    ]
    assert bar(0, ("known", 0)) == []


def test_columns_stand_on_the_ground_below_a_round_number():
    chart = columns([30, 0, None, 60])

    known, withheld, highest = chart.columns
    assert chart.highest == 80
    assert known == Column("known", 0.917, 6.5, 75.0, 45.0)
    assert (withheld.kind, withheld.top + withheld.height) == ("withheld", HEIGHT)
    assert (highest.kind, highest.height) == ("known", 90.0)


@given(st.lists(st.none() | st.integers(0, 10**9), max_size=200))
def test_no_column_sticks_out_or_covers_another(values):
    chart = columns(values)

    end = 0.0
    for each in chart.columns:
        assert end <= each.start + 0.01
        end = each.start + each.width
        assert 0 <= each.top <= HEIGHT
        assert each.top + each.height == pytest.approx(HEIGHT, abs=0.02)
    assert end <= 100.01
    assert all(value <= chart.highest for value in values if value is not None)


def test_few_and_nearly_all_have_a_decimal_and_are_never_none_or_all():
    shares = {
        0.0: "0%",
        0.0001: "0.1%",
        0.004: "0.4%",
        0.062: "6.2%",
        0.347: "35%",
        0.994: "99.4%",
        0.9999: "99.9%",
        1.0: "100%",
    }

    assert {share: ENGLISH.percent(share) for share in shares} == shares
    assert LANGUAGES["de"].percent(0.062) == "6,2\u00a0%"
    assert ENGLISH.decimal(0.4167) == "0.42"
