"""Figures and rates in words: a number, "about" a number where a part of it was rounded, or why there is none."""

from typing import assert_never

from app.domain.privacy import Basis, Figure, Shown
from app.domain.rates import Rate
from app.look.languages import Language

NOTHING = "-"
"""What stands for a share of nothing."""


def figure_words(figure: Figure, spoken: Language) -> str:
    """A figure as a number, or as words where there is none."""
    match figure.shown:
        case Shown.EXACT | Shown.ROUNDED:
            return about(figure, spoken.number(figure.value or 0), spoken)
        case Shown.SUPPRESSED | Shown.NOT_MEASURED:
            return spoken.say(f"report.shown.{figure.shown}")
        case _:
            assert_never(figure.shown)


def rate_words(rate: Rate, spoken: Language) -> str:
    """A rate in per cent, as times a mail where people are not told apart, or in words."""
    if rate.shown is Shown.SUPPRESSED:
        return spoken.say(f"report.shown.{rate.shown}")
    if rate.value is None:
        return spoken.say(f"report.shown.{rate.shown}") if rate.shown is Shown.NOT_MEASURED else NOTHING
    by_people = rate.basis is Basis.UNIQUE
    return about(rate, spoken.percent(rate.value) if by_people else spoken.decimal(rate.value), spoken)


def about(seen: Figure | Rate, number: str, spoken: Language) -> str:
    """A number of a figure or rate, said with care where a part of it was rounded."""
    rounded = seen.shown is Shown.ROUNDED
    return spoken.say("report.shown.ROUNDED", number=number) if rounded else number
