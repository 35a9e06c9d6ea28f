"""A report in words and shapes: what is known of a mailing, and how much nobody knows.

Of the delivered mails, a rate with bounds knows three parts, which a bar shows side by side:

    part      share of the delivered   painted
    did       lower                    full
    did not   1 - upper                pale
    unknown   upper - lower            hatched

A figure is a number, "about" a number where a part of it was rounded, or words where there is none. What has a
number may be compared, so links are ordered by it; the others follow in the order of the mail, which says nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from app.disclosure.report_sheets import LinkReportView
from app.disclosure.reports import ReportView
from app.domain.modes import Axis
from app.domain.privacy import Basis, Figure, Shown
from app.domain.rates import Rate
from app.look.charts import Stretch, bar
from app.look.figures import about, figure_words, rate_words
from app.look.languages import Language

FIRST_LINKS = 20
"""Links that are shown at once; the others unfold."""

_LONGEST_URL, _URL_START, _URL_END = 160, 110, 40


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: what, how many, what that is a share of, and its bar."""

    label: str
    value: str
    note: str
    bar: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one axis: a bar over all delivered, its parts in words, and where the rate may lie."""

    axis: Axis
    bar: Sequence[Stretch]
    parts: Sequence[tuple[str, str]]
    sentence: str
    bounds: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link; its bar is hatched where nobody is told how often it was clicked: withheld, or not measured."""

    url: str
    clicks: str
    unique: str
    bar: Sequence[Stretch]


def tiles(report: ReportView, spoken: Language) -> list[tuple[str, str, str]]:
    """The figures to see first: name, value, and what it is true of."""
    return [
        (spoken.say("report.delivered"), spoken.number(report.delivered), _sent(report, spoken)),
        *(
            (spoken.say(f"report.rate.{axis}"), rate_words(rate, spoken), _rate_note(axis, rate, spoken))
            for axis, rate in _rates(report)
        ),
        (
            spoken.say("report.rate.BOTH"),
            rate_words(report.click_to_open_rate, spoken),
            "" if report.click_to_open_rate.value is None else spoken.say("report.rate.BOTH.note"),
        ),
    ]


def funnel(report: ReportView, spoken: Language) -> list[Line]:
    """From sent to clicked. Every bar is as wide as what was sent."""
    sent, delivered = report.sent, report.delivered
    arrived = _share("report.of.sent", delivered, sent, spoken)
    if report.bounced:
        arrived = f"{arrived} · {spoken.count('report.bounced', report.bounced)}"
    return [
        Line(spoken.say("report.sent"), spoken.number(sent), "", bar(sent, ("known", sent))),
        Line(
            spoken.say("report.delivered"),
            spoken.number(delivered),
            arrived,
            bar(sent, ("known", delivered), ("missing", sent - delivered)),
        ),
        *(line for axis in Axis for line in _steps(axis, report, spoken)),
    ]


def _steps(axis: Axis, report: ReportView, spoken: Language) -> Iterator[Line]:
    measured = report.measured[_place(axis)]
    rate, unique, times = _of_axis(axis, report)
    yield Line(
        spoken.say(f"report.measured.{axis}"),
        spoken.number(measured),
        _share("report.of.delivered", measured, report.delivered, spoken),
        bar(report.sent, ("known", measured), ("unknown", report.delivered - measured)),
    )
    did, did_not, unknown = _parts(rate, report.delivered)
    if rate.basis is Basis.TOTAL and times.value is not None:
        value, note = figure_words(times, spoken), spoken.say(f"report.times.{axis}")
    else:
        value, note = figure_words(unique, spoken), _of_known(rate, did + did_not, spoken)
    shape = ("known", did), ("other", did_not), ("unknown", unknown)
    yield Line(spoken.say(f"report.did.{axis}"), value, note, bar(report.sent, *shape))


def known(report: ReportView, spoken: Language) -> list[Known]:
    """What is known of opens and of clicks."""
    return [_known(axis, report, spoken) for axis in Axis]


def _known(axis: Axis, report: ReportView, spoken: Language) -> Known:
    rate, unique, times = _of_axis(axis, report)
    did, did_not, unknown = _parts(rate, report.delivered)
    shape = ("known", did), ("other", did_not), ("unknown", unknown)
    names = (f"report.did.{axis}", f"report.did_not.{axis}", "report.unknown")
    parts = [
        (kind, spoken.say("report.part", part=spoken.say(name), number=_size(kind, size, unique, spoken)))
        for name, (kind, size) in zip(names, shape, strict=True)
        if size and rate.shown is not Shown.SUPPRESSED
    ]
    sentence = _sentence(axis, rate, times, report, spoken)
    return Known(axis, bar(report.delivered, *shape), parts, sentence, _bounds(rate))


def _size(kind: str, size: int, unique: Figure, spoken: Language) -> str:
    """How many mails a part is; how many were not measured is no secret and never rounded."""
    number = spoken.number(size)
    return number if kind == "unknown" else about(unique, number, spoken)


def _sentence(axis: Axis, rate: Rate, times: Figure, report: ReportView, spoken: Language) -> str:
    measured = report.measured[_place(axis)]
    match rate:
        case Rate(shown=Shown.SUPPRESSED):
            return spoken.say(f"report.sentence.withheld.{axis}")
        case Rate(basis=Basis.TOTAL) if rate.value is not None:
            return spoken.say(
                f"report.sentence.times.{axis}",
                times=figure_words(times, spoken),
                measured=spoken.number(measured),
            )
        case Rate(value=float() as value, lower=float() as lower, upper=float() as upper):
            words = "all" if lower == upper else "bounds"
            return spoken.say(
                f"report.sentence.{words}.{axis}",
                rate=about(rate, spoken.percent(value), spoken),
                lower=spoken.percent(lower),
                upper=spoken.percent(upper),
            )
        case _:
            return spoken.say(f"report.sentence.none.{axis}")


def links(report: ReportView, spoken: Language) -> list[LinkLine]:
    """The links, most clicked first; those whose clicks are no number follow in the order of the mail."""
    most = max((each.clicks.value or 0 for each in report.links), default=0)
    ordered = sorted(report.links, key=lambda each: -_number(each.clicks))
    return [_link(each, most, spoken) for each in ordered]


def _number(figure: Figure) -> int:
    return -1 if figure.value is None else figure.value


def _link(view: LinkReportView, most: int, spoken: Language) -> LinkLine:
    clicks = view.clicks
    shape = bar(1, ("unknown", 1)) if clicks.value is None else bar(most, ("known", clicks.value))
    return LinkLine(
        _shortened(view.url),
        figure_words(clicks, spoken),
        figure_words(view.unique_clicks, spoken),
        shape,
    )


def _shortened(url: str) -> str:
    """An address loses what goes without saying, and a long one its middle: host and end tell it from others."""
    url = url.removeprefix("https://")
    return url if len(url) <= _LONGEST_URL else f"{url[:_URL_START]} … {url[-_URL_END:]}"


def notes(report: ReportView, spoken: Language) -> list[str]:
    """How to read the figures: only what occurs on this page."""
    figures = [report.opens, report.unique_opens, report.clicks, report.unique_clicks]
    figures += [figure for each in report.links for figure in (each.clicks, each.unique_clicks)]
    shown = {each.shown for each in figures}
    if min(report.measured) < report.delivered:
        shown.add(Shown.NOT_MEASURED)
    found = [
        spoken.say(f"report.note.{each}")
        for each in (Shown.NOT_MEASURED, Shown.ROUNDED, Shown.SUPPRESSED)
        if each in shown
    ]
    return [*found, spoken.say("report.note.machines")]


def _sent(report: ReportView, spoken: Language) -> str:
    return spoken.say("report.of.number", number=spoken.number(report.sent))


def _rates(report: ReportView) -> list[tuple[Axis, Rate]]:
    return [(Axis.OPENS, report.open_rate), (Axis.CLICKS, report.click_rate)]


def _rate_note(axis: Axis, rate: Rate, spoken: Language) -> str:
    if rate.value is None or rate.shown is Shown.SUPPRESSED:
        return ""
    if rate.lower is None or rate.upper is None:
        return spoken.say(f"report.rate.times.{axis}")
    if rate.lower == rate.upper:
        return spoken.say("report.rate.all")
    lower, upper = spoken.percent(rate.lower), spoken.percent(rate.upper)
    return spoken.say("report.rate.bounds", lower=lower, upper=upper)


def _place(axis: Axis) -> int:
    return list(Axis).index(axis)


def _of_axis(axis: Axis, report: ReportView) -> tuple[Rate, Figure, Figure]:
    match axis:
        case Axis.OPENS:
            return report.open_rate, report.unique_opens, report.opens
        case Axis.CLICKS:
            return report.click_rate, report.unique_clicks, report.clicks
        case _:
            assert_never(axis)


def _parts(rate: Rate, delivered: int) -> tuple[int, int, int]:
    """How many mails it is known of that they were, that they were not, and of how many nothing is known."""
    if rate.lower is None or rate.upper is None or rate.shown is Shown.SUPPRESSED:
        return 0, 0, delivered
    did, at_most = round(rate.lower * delivered), round(rate.upper * delivered)
    return did, delivered - at_most, at_most - did


def _bounds(rate: Rate) -> tuple[float, float, float] | None:
    """Lower bound, value and upper bound in per cent; None where there are none, or nothing between them."""
    if rate.value is None or rate.lower is None or rate.upper is None or rate.lower == rate.upper:
        return None
    return round(100 * rate.lower, 3), round(100 * rate.value, 3), round(100 * rate.upper, 3)


def _share(words: str, part: int, whole: int, spoken: Language) -> str:
    return spoken.say(words, share=spoken.percent(part / whole)) if whole else ""


def _of_known(rate: Rate, people: int, spoken: Language) -> str:
    if rate.value is None or not people:
        return ""
    return spoken.say("report.of.known", share=spoken.percent(rate.value), count=spoken.number(people))
