"""Shapes of charts, as numbers for the templates: no drawing program, no script, nothing but rectangles.

    chart     is                             measures
    bar       stretches side by side         per cent of the bar's width
    columns   one for each step of time      per cent of the chart's width, pixels of its height

A stretch or column has a kind, by which the style sheet paints it: `known`, `other`, `unknown`, `missing`, `withheld`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 120
"""Pixels from the ground of a column chart to its highest value."""

FEWEST = 12
"""Columns for which there is room in any case; fewer of them stand at the beginning, no wider than these."""

_WITHHELD_HEIGHT = 12
_GAP = 0.22


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar."""

    kind: str
    start: float
    width: float


def bar(whole: float, *parts: tuple[str, float]) -> list[Stretch]:
    """The stretches of a bar whose whole width stands for `whole`; parts of nothing have none."""
    stretches, reached = [], 0.0
    for kind, size in parts:
        width = round(100 * size / whole, 3) if whole > 0 else 0.0
        if width > 0:
            stretches.append(Stretch(kind, round(reached, 3), width))
            reached += width
    return stretches


@dataclass(frozen=True, slots=True)
class Column:
    """One column; it stands on the ground, `top` pixels below the highest value."""

    kind: str
    start: float
    width: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of columns; `highest` is the round number at its top."""

    highest: int
    columns: Sequence[Column]


def columns(values: Sequence[int | None]) -> Columns:
    """The chart of a row of values; None is one that is withheld, and gets a low column of its own kind."""
    highest = _round_number(max((value for value in values if value is not None), default=0))
    step = 100 / max(len(values), FEWEST)
    found = []
    for place, value in enumerate(values):
        kind, height = (
            ("withheld", _WITHHELD_HEIGHT) if value is None else ("known", HEIGHT * value / highest)
        )
        if height:
            start, width = step * (place + _GAP / 2), step * (1 - _GAP)
            found.append(
                Column(kind, round(start, 3), round(width, 3), round(HEIGHT - height, 2), round(height, 2))
            )
    return Columns(highest, found)


def _round_number(value: int) -> int:
    """The least number of the form 1, 2, 4, 5 or 8 times a power of ten that is not below the value."""
    power = 1
    while True:
        for digit in (1, 2, 4, 5, 8):
            if digit * power >= value:
                return digit * power
        power *= 10
