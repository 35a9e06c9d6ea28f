"""What a row of an imported file means: every cell of the rule's table, and what is refused whole."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidValue
from app.domain.exports import COLUMNS, ExportKind, column_of_attribute
from app.domain.import_rows import RowReader, Said
from app.domain.imports import (
    Defaults,
    Dialect,
    EmptyMeans,
    FlawCode,
    check,
    columns_of,
    read_date,
)
from app.domain.permission import Evidence, PermissionChange, PermissionSource

YES, NO, UNCHANGED = PermissionChange.YES, PermissionChange.NO, PermissionChange.UNCHANGED
AT = read_date("2026-03-01")


def asked(dialect: Dialect, header: str, row: str, empty: EmptyMeans = EmptyMeans.UNCHANGED):
    """What a row asks for on opens and clicks, and the codes of its flaws."""
    columns = columns_of(["email", *header.split()], dialect)
    cells = ["ada@example.org", *row.split(",")]
    found = RowReader(columns, Defaults(dialect, empty, "shop", AT)).read(2, cells)
    return found.said.opens, found.said.clicks, [flaw.code for flaw in found.flaws]


@pytest.mark.parametrize(
    ("cell", "both", "flaws"),
    [
        ("yes", YES, []),
        (" YES ", YES, []),
        ("No", NO, []),
        ("unknown", UNCHANGED, []),
        ("", UNCHANGED, []),
        ("true", UNCHANGED, [FlawCode.INVALID_VALUE]),
        ("1", UNCHANGED, [FlawCode.INVALID_VALUE]),
    ],
)
def test_c8_words_of_permission(cell: str, both: PermissionChange, flaws: list[FlawCode]) -> None:
    """Yes, no, unknown and nothing, in any case; anything else is a flaw."""
    assert asked(Dialect.PERMISSION, "Permission", cell) == (both, both, flaws)


@pytest.mark.parametrize(
    ("cell", "empty", "both", "flaws"),
    [
        ("TRUE", EmptyMeans.UNCHANGED, NO, []),
        ("1", EmptyMeans.UNCHANGED, NO, []),
        ("False", EmptyMeans.UNCHANGED, YES, []),
        ("0", EmptyMeans.UNCHANGED, YES, []),
        ("", EmptyMeans.UNCHANGED, UNCHANGED, []),
        ("", EmptyMeans.FALSE, YES, []),
        ("1", EmptyMeans.FALSE, NO, []),
        ("no", EmptyMeans.FALSE, UNCHANGED, [FlawCode.INVALID_VALUE]),
    ],
)
def test_m6_m7_words_of_do_not_track(
    cell: str, empty: EmptyMeans, both: PermissionChange, flaws: list[FlawCode]
) -> None:
    """True is a no and false a yes; an empty cell is a yes only where that was chosen."""
    assert asked(Dialect.DO_NOT_TRACK, "doNOTtrack", cell, empty) == (both, both, flaws)


@pytest.mark.parametrize(
    ("row", "opens", "clicks"),
    [
        ("yes,,", YES, YES),
        ("yes,no,", NO, YES),
        ("no,yes,unknown", YES, NO),
        (",yes,no", YES, NO),
        ("yes,nonsense,", UNCHANGED, YES),
        ("no,nonsense,yes", NO, YES),
    ],
)
def test_c8_one_axis_wins(row: str, opens: PermissionChange, clicks: PermissionChange) -> None:
    """A column of one axis beats that of both; nonsense there lets no yes through and stops no no."""
    found = asked(Dialect.PERMISSION, "permission permission_opens permission_clicks", row)

    assert found[:2] == (opens, clicks)


def test_a_row_brings_its_own_evidence() -> None:
    """Source and date of the row beat those of the call; an unreadable date backs nothing."""
    columns = columns_of(["email", "permission_source", "permission_date"], Dialect.PERMISSION)
    defaults = Defaults(source="shop", given_at=AT)

    reader = RowReader(columns, defaults)

    own = reader.read(2, ["a@example.org", "fair", "2026-02-01"])
    none = reader.read(3, ["a@example.org", " ", ""])
    bad = reader.read(4, ["a@example.org", "fair", "01.02.2026"])

    assert (own.said.note, own.said.evidence.at) == ("fair", read_date("2026-02-01"))
    assert (none.said.note, none.said.evidence) == ("shop", Evidence(PermissionSource.IMPORT, AT))
    assert (bad.said.evidence.at, [flaw.code for flaw in bad.flaws]) == (None, [FlawCode.INVALID_DATE])


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999Z"])
def test_an_empty_date_of_another_program_is_no_date(text: str) -> None:
    """Some write their first or last moment where they know none; as a time it would stand for no time at all."""
    assert read_date(text) is None


def test_columns_without_a_meaning_are_attributes() -> None:
    """They keep the name that the header gives them; empty cells and columns without a name say nothing."""
    columns = columns_of(["City", "EMAIL", "", "plan"], Dialect.PERMISSION)

    row = RowReader(columns, Defaults()).read(2, [" Bern ", "a@example.org", "x", ""])

    assert row.attributes == {"City": "Bern"}


@given(st.lists(st.text(max_size=20).map(str.strip).filter(bool), unique_by=str.lower, max_size=8))
def test_columns_that_an_export_gives_to_attributes_are_read_as_them(names: list[str]) -> None:
    """Also where an attribute is called like a column of answers, or like a mark."""
    names = [name for name in names if name.lower() != "since"] + ["permission", "Reason", "attribute:email"]
    header = [*COLUMNS[ExportKind.SUBSCRIBERS], *map(column_of_attribute, names)]

    columns = columns_of(header, Dialect.PERMISSION)

    assert len({name.lower() for name in header}) == len(header)
    assert [name for _, name in columns.attributes] == ["reason", "since", *names]


@pytest.mark.parametrize(
    ("header", "dialect"),
    [
        (["name"], Dialect.PERMISSION),
        (["email", "Email"], Dialect.PERMISSION),
        (["email", "DoNotTrack"], Dialect.PERMISSION),
        (["email", "permission_opens"], Dialect.DO_NOT_TRACK),
        (["email", *map(str, range(200))], Dialect.PERMISSION),
    ],
)
def test_a_header_that_misleads_is_refused(header: list[str], dialect: Dialect) -> None:
    """No address, a name twice, answers of the other dialect, columns without end."""
    with pytest.raises(InvalidValue):
        columns_of(header, dialect)


def test_m7_empty_means_false_needs_dialect_source_and_date() -> None:
    """Each of the three is missed; with all of them it holds."""
    for defaults in (
        Defaults(Dialect.PERMISSION, EmptyMeans.FALSE, "shop", AT),
        Defaults(Dialect.DO_NOT_TRACK, EmptyMeans.FALSE, None, AT),
        Defaults(Dialect.DO_NOT_TRACK, EmptyMeans.FALSE, "shop", None),
    ):
        with pytest.raises(InvalidValue):
            check(defaults)

    check(Defaults(Dialect.DO_NOT_TRACK, EmptyMeans.FALSE, "shop", AT))


WORDS = st.sampled_from(["yes", " YES", "no", "", "maybe", " " * 700])


@given(st.lists(st.tuples(WORDS, WORDS, st.sampled_from(["", "shop", "x" * 501]), WORDS), max_size=8))
def test_what_is_remembered_is_what_would_be_found(rows: list[tuple[str, ...]]) -> None:
    """A reader that has read other rows before understands a row as one that begins with it."""
    header = ["email", "permission", "permission_opens", "permission_source", "name"]
    columns, defaults = columns_of(header, Dialect.PERMISSION), Defaults(source="fair", given_at=AT)
    reader = RowReader(columns, defaults)

    for cells in [("a@example.org", *row) for row in rows]:
        found, anew = reader.read(2, cells), RowReader(columns, defaults).read(2, cells)

        assert replace(found, said=None) == replace(anew, said=None)
        assert all(getattr(found.said, name) == getattr(anew.said, name) for name in Said.__slots__)
