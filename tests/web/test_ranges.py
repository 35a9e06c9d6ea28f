"""Which part of a file a Range header asks for (RFC 9110 §14)."""

import pytest

from app.web.ranges import BeyondTheEnd, Part, part_of

WHOLE = Part(0, 1000, 1000)


@pytest.mark.parametrize(
    ("asked", "start", "length"),
    [
        ("bytes=0-", 0, 1000),
        ("bytes=100-", 100, 900),
        ("bytes=100-199", 100, 100),
        ("bytes=900-5000", 900, 100),
        ("bytes=-100", 900, 100),
        ("bytes=-5000", 0, 1000),
        ("bytes=999-999", 999, 1),
    ],
)
def test_a_part(asked: str, start: int, length: int):
    assert part_of(1000, asked) == Part(start, length, 1000)


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "",
        "bytes",
        "bytes=-",
        "bytes=a-b",
        "bytes=0-1,5-6",
        "lines=0-1",
        "bytes=5-4",
        "bytes=" + "9" * 50,
    ],
)
def test_what_cannot_be_read_asks_for_all(asked: str | None):
    assert part_of(1000, asked) == WHOLE


@pytest.mark.parametrize(("size", "asked"), [(1000, "bytes=1000-"), (1000, "bytes=-0"), (0, "bytes=0-")])
def test_what_lies_beyond_the_end(size: int, asked: str):
    with pytest.raises(BeyondTheEnd):
        part_of(size, asked)
