"""An account's colour on the pages: whatever is chosen, everything in it can be read.

    colour      stands on or holds                          contrast at least
    accent      text and edges on paper, card and tint      4.5
    on_accent   text on accent: white or black              4.5
    tint        a wash behind the text of a page            7 to that text

The accent is the chosen colour, mixed with black where pages are light and with white where they are dark, no more
than is needed. Source: WCAG 2.2, 1.4.3 and 1.4.11, and its relative luminance.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.errors import InvalidValue

TEXT_CONTRAST = 4.5
_STEPS = 50
_TINT = 0.12
_COLOUR = re.compile(r"#[0-9a-f]{6}")

Channels = tuple[int, int, int]
BLACK: Channels = (0, 0, 0)
WHITE: Channels = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The house's colours of light or of dark pages, as `#rrggbb`; `towards` is black or white."""

    paper: str
    card: str
    ink: str
    towards: Channels


LIGHT = Scheme(paper="#f4f3ef", card="#ffffff", ink="#1c2226", towards=BLACK)
DARK = Scheme(paper="#121618", card="#1b2124", ink="#edf0f1", towards=WHITE)


@dataclass(frozen=True, slots=True)
class Palette:
    """What an account's colour becomes in one scheme, as `#rrggbb`."""

    accent: str
    on_accent: str
    tint: str


def checked_colour(text: str, *path: str | int) -> str:
    """The colour as `#rrggbb` in lower case. Raises `InvalidValue` for anything else."""
    colour = text.strip().lower()
    if _COLOUR.fullmatch(colour) is None:
        message = "A colour is written as # and six hexadecimal digits, such as #17594a."
        raise InvalidValue(message, path=path)
    return colour


def palette(colour: str, scheme: Scheme) -> Palette:
    """The colours of a scheme that are made of one chosen colour, by the table at the top."""
    accent = _readable(_channels(colour), scheme)
    on_accent = max((WHITE, BLACK), key=lambda each: _contrast(each, accent))
    return Palette(_written(accent), _written(on_accent), _written(_tint(accent, scheme)))


def is_adjusted(colour: str) -> bool:
    """Whether the colour cannot be used as it is on light pages."""
    return palette(colour, LIGHT).accent != colour


def _readable(chosen: Channels, scheme: Scheme) -> Channels:
    for step in range(_STEPS):
        accent = _mixed(chosen, scheme.towards, step / _STEPS)
        behind = (_channels(scheme.paper), _channels(scheme.card), _tint(accent, scheme))
        if all(_contrast(accent, each) >= TEXT_CONTRAST for each in behind):
            return accent
    return scheme.towards


def _tint(accent: Channels, scheme: Scheme) -> Channels:
    return _mixed(_channels(scheme.card), accent, _TINT)


def _mixed(one: Channels, other: Channels, share: float) -> Channels:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _contrast(one: Sequence[int], other: Sequence[int]) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(channels: Sequence[int]) -> float:
    red, green, blue = (_linear(each / 255) for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    low = 0.04045
    return value / 12.92 if value <= low else ((value + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> Channels:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _written(channels: Channels) -> str:
    return "#{:02x}{:02x}{:02x}".format(*channels)
