"""Whatever colour an account chooses, what is made of it can be read, and what needs no change gets none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.colours import DARK, LIGHT, Scheme, checked_colour, is_adjusted, palette
from app.domain.errors import InvalidValue
from tests.house.tree import text

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (red, green, blue)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How far two colours stand apart, from 1 to 21. Source: WCAG 2.2."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == pytest.approx(1)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@given(colour=COLOURS)
def test_every_colour_can_be_read(scheme: Scheme, colour: str):
    made = palette(colour, scheme)

    for behind in (scheme.paper, scheme.card, made.tint):
        assert contrast(made.accent, behind) >= 4.5
    assert contrast(made.on_accent, made.accent) >= 4.5
    assert contrast(scheme.ink, made.tint) >= 7


@given(colour=COLOURS)
def test_what_is_readable_already_stays_as_it_is(colour: str):
    made = palette(colour, LIGHT)

    assert is_adjusted(colour) is (made.accent != colour)
    assert palette(made.accent, LIGHT).accent == made.accent


@pytest.mark.parametrize(
    ("colour", "light", "dark"),
    [
        ("#17594a", "#17594a", "#789f96"),
        ("#ffff00", "#6b6b00", "#ffff00"),
        ("#ffffff", "#6b6b6b", "#ffffff"),
        ("#000000", "#000000", "#999999"),
    ],
)
def test_a_colour_moves_no_further_than_it_must(colour: str, light: str, dark: str):
    assert (palette(colour, LIGHT).accent, palette(colour, DARK).accent) == (light, dark)


@pytest.mark.parametrize(
    "wrong", ["", "red", "#fff", "#12345g", "#1234567", "url(x)", "#123456;}", "#12345\n"]
)
def test_anything_else_is_no_colour(wrong: str):
    with pytest.raises(InvalidValue):
        checked_colour(wrong, "colour")


def test_a_colour_is_kept_in_one_spelling():
    assert checked_colour(" #A1B2C3 ", "colour") == "#a1b2c3"


def test_the_rules_know_the_colours_of_the_stylesheet():
    """A new paper in the stylesheet must be known here, else contrast is computed against another."""
    sheet = text("app/look/assent.css")

    for scheme in (LIGHT, DARK):
        for name in ("paper", "card", "ink"):
            assert getattr(scheme, name) in _values(sheet, name), (scheme, name)


def _values(sheet: str, name: str) -> list[str]:
    found = re.findall(rf"--{name}: (#[0-9a-f]+);", sheet)
    return [each if len(each) > 4 else "#" + "".join(sign * 2 for sign in each[1:]) for each in found]
