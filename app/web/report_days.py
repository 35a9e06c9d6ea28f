"""Opens and clicks over time, as columns and as the table behind them.

    step   drawn where                                                 columns
    hour   it all happened within two days and nobody is in a group    one for each hour between the first and the last
    day    otherwise                                                   one for each day, at most 90

What goes on being sent shows its latest days, everything else its first. Days are in UTC. A step of which nothing is
published is an empty one. Source: domain.md §7.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.disclosure.report_links import ReportPageView
from app.disclosure.report_times import TimelineBucket
from app.domain.modes import Axis
from app.domain.privacy import Figure, Shown
from app.look.charts import FEWEST, HEIGHT, Columns, columns
from app.look.figures import figure_words
from app.look.languages import Language

MOST_STEPS = 90


@dataclass(frozen=True, slots=True)
class AxisChart:
    """The columns of one axis, or why there are none (`nothing`).

    `highest` says what the top line stands for; `withheld` that a column is no number.
    """

    axis: Axis
    chart: Columns
    nothing: str
    highest: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table."""

    when: str
    opens: str
    clicks: str


@dataclass(frozen=True, slots=True)
class Days:
    """The whole section; `first` and `last` are the ends of the time that is drawn.

    Where few columns leave room at the end, `first` names both, and `last` is empty.
    """

    lead: str
    first: str
    last: str
    charts: Sequence[AxisChart]
    lines: Sequence[Step]
    height: int = HEIGHT


def days(page: ReportPageView, spoken: Language) -> Days | None:
    """The section; None where there is nothing to draw."""
    if not page.times:
        return None
    steps, cut = _steps(page)
    name = _naming(page.bucket, spoken)
    shown = [each for each in page.times if steps[0] <= each.at <= steps[-1]]
    at = {each.at: each for each in shown}
    opens = [None if each not in at else at[each].opens for each in steps]
    clicks = [None if each not in at else at[each].clicks for each in steps]
    lead = f"report.days.{page.bucket}"
    if cut:
        lead = "report.days.latest" if page.mailing.channel.by_send_day else "report.days.earliest"
    first, last = name(steps[0]), name(steps[-1])
    if len(steps) < FEWEST:
        first, last = (first if first == last else f"{first} – {last}"), ""  # noqa: RUF001  the dash of a span
    return Days(
        lead=spoken.say(lead, count=spoken.number(len(steps))),
        first=first,
        last=last,
        charts=[_chart(Axis.OPENS, opens, spoken), _chart(Axis.CLICKS, clicks, spoken)],
        lines=[
            Step(name(each.at), figure_words(each.opens, spoken), figure_words(each.clicks, spoken))
            for each in shown
        ],
    )


def _steps(page: ReportPageView) -> tuple[list[datetime], bool]:
    """The steps to draw, empty ones included, and whether there would be more."""
    width = page.bucket.width
    first, last = page.times[0].at, page.times[-1].at
    count = (last - first) // width + 1
    if count > MOST_STEPS and page.mailing.channel.by_send_day:
        first = last - (MOST_STEPS - 1) * width
    return [first + width * step for step in range(min(count, MOST_STEPS))], count > MOST_STEPS


def _naming(bucket: TimelineBucket, spoken: Language) -> Callable[[datetime], str]:
    return spoken.date if bucket is TimelineBucket.DAY else spoken.moment


def _chart(axis: Axis, figures: Sequence[Figure | None], spoken: Language) -> AxisChart:
    withheld = [each is not None and each.shown is Shown.SUPPRESSED for each in figures]
    values = [
        None if away else (0 if each is None else each.value or 0)
        for each, away in zip(figures, withheld, strict=True)
    ]
    chart = columns(values)
    return AxisChart(axis, chart, _nothing(figures, spoken), spoken.number(chart.highest), any(withheld))


def _nothing(figures: Sequence[Figure | None], spoken: Language) -> str:
    measured = any(each is not None and each.shown is not Shown.NOT_MEASURED for each in figures)
    return spoken.say("report.days.none" if measured else "report.days.NOT_MEASURED")
