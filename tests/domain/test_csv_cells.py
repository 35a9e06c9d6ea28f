"""A cell shows what it holds, and no spreadsheet runs it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.csv_cells import cell


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (-7, "-7"),
        (datetime(2026, 3, 4, tzinfo=UTC), "2026-03-04T00:00:00+00:00"),
        (["a", "b"], "a b"),
        (["=1", "b"], "'=1 b"),
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
    ],
)
def test_each_kind_of_value_has_its_cell(value, shown):
    assert cell(value) == shown


@given(st.text())
def test_no_text_begins_a_formula(text: str):
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
