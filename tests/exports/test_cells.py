"""What PostgreSQL writes into a file is what `domain/csv_cells` says of each value, and no line is drawn more likely first."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.disclosure.shuffling import shuffled
from app.domain.csv_cells import cell, line
from tests.world import World

IN_DATABASE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])) | st.text(
    "=+-@\t\r\n\", ;'\\.a"
)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2500, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
VALUES = (
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS | st.lists(st.integers() | st.none())
)


@IN_DATABASE
@given(texts=st.lists(TEXTS | st.none(), max_size=30))
async def test_texts_agree(world: World, texts: list[str | None]) -> None:
    rows = await world.rows(
        "SELECT csv_cell(t) AS cell FROM unnest($1::text[]) WITH ORDINALITY AS n (t, o) ORDER BY o", texts
    )

    assert [row["cell"] or "" for row in rows] == [cell(each) for each in texts]


@IN_DATABASE
@given(times=st.lists(TIMES, max_size=30))
async def test_times_agree(world: World, times: list[datetime]) -> None:
    rows = await world.rows(
        "SELECT csv_time(t) AS cell FROM unnest($1::timestamptz[]) WITH ORDINALITY AS n (t, o) ORDER BY o",
        times,
    )

    assert [row["cell"] for row in rows] == [cell(each) for each in times]
    assert [datetime.fromisoformat(row["cell"]) for row in rows] == times


def attribute_cell(value: object) -> str:
    """One cell of an attribute: a text as any other, nothing for null, else JSON."""
    return cell(value) if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@IN_DATABASE
@given(value=VALUES)
async def test_attributes_agree(world: World, value: object) -> None:
    (row,) = await world.rows("SELECT csv_attribute(jsonb_build_object('a', $1::jsonb), 'a') AS cell", value)

    assert (row["cell"] or "") == attribute_cell(value)


@IN_DATABASE
@given(texts=st.lists(TEXTS, min_size=2, max_size=6))
async def test_lines_come_back_as_they_were(world: World, texts: list[str]) -> None:
    """A reader of CSV gets the same cells from the database's line and from ours."""
    names = ", ".join(f"csv_cell(t[{number}])" for number in range(1, len(texts) + 1))
    found: list[bytes] = []

    async def write(block: bytes) -> None:
        found.append(block)

    async with world.instance.database.connection() as connection:
        query = f"SELECT {names} FROM (SELECT $1::text[]) AS n (t)"  # noqa: S608
        await connection.copy_from_query(query, texts, output=write, format="csv")

    cells = [[cell(each) for each in texts]]
    for text in (b"".join(found), line(texts)):
        assert list(csv.reader(io.StringIO(text.decode(), newline=""))) == cells
        assert text.endswith(b"\n")


@pytest.mark.parametrize("block", [1, 3, 100])
def test_shuffled_lines_are_all_there(block: int) -> None:
    """As often as they were, in blocks no larger than said."""
    lines = [(b"a\n", 5), (b"b\n", 2), (b"c\n", 0), (b"a\n", 1)]

    blocks = list(shuffled(lines, block))

    assert Counter(b"".join(blocks).splitlines()) == {b"a": 6, b"b": 2}
    assert max(each.count(b"\n") for each in blocks) <= block


def test_any_line_may_be_the_first() -> None:
    """Of one line among nine others, the place says nothing: in a thousand shuffles it is first a hundred times or so."""
    first = sum(next(shuffled([(b"a", 9), (b"b", 1)], 1)) == b"b" for _ in range(1_000))

    assert 40 < first < 200
