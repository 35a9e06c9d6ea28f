"""The law of small groups (X5): an attacker asks everything that a report answers about anonymous people.

A door of its own is a list of questions: add to `DOORS` what shall be asked as well.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, given, settings

from app.disclosure.campaign_exports import Gathered
from app.disclosure.report_counts import MailingCounts
from app.disclosure.report_send_days import parts_of_send_days
from app.disclosure.report_sheets import sheet_of, together
from app.disclosure.report_times import TimelineBucket, timeline
from app.domain.campaign_rows import anonymous_lines
from app.domain.modes import Axis, ClientClass
from app.domain.privacy import Figure, Shown, added, rows_shown
from tests.domain.privacy import answerable_together
from tests.reports.crowd import DAYS, LINKS, Crowd, crowds

LAWFUL = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
AXES = ("opens", "clicks")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Question:
    """Something that can be asked: of what, cut how, about whom; and the answer."""

    axis: str
    cut: str
    place: object
    people: frozenset[tuple[int, int]]
    answer: Figure

    def beside(self, other: "Question") -> bool:
        """Whether one is part of the other, or both are parts of one whole."""
        return self.axis == other.axis and (
            self.cut == other.cut
            or "total" in {self.cut, other.cut}
            or {"link", "send day"} == {self.cut, other.cut}
        )


def totals(crowd: Crowd) -> Iterator[Question]:
    sheet = sheet_of(crowd.counted())
    for axis, figure in zip(AXES, (sheet.opens.hits, sheet.clicks.hits), strict=True):
        yield Question(axis, "total", None, crowd.population(), figure)


def links(crowd: Crowd) -> Iterator[Question]:
    for number, link in zip(LINKS, sheet_of(crowd.counted()).links, strict=True):
        yield Question("clicks", "link", number, crowd.population(number), link.clicks)


def days(crowd: Crowd) -> Iterator[Question]:
    for point in timeline([(crowd.counted(), [])], TimelineBucket.DAY):
        for axis, figure in zip(AXES, (point.opens, point.clicks), strict=True):
            yield Question(axis, "day", point.at, crowd.population(), figure)


def hours(crowd: Crowd) -> Iterator[Question]:
    for point in timeline([(crowd.counted(), [])], TimelineBucket.HOUR):
        for axis, figure in zip(AXES, (point.opens, point.clicks), strict=True):
            yield Question(axis, "hour", point.at, crowd.population(), figure)


def classes(crowd: Crowd) -> Iterator[Question]:
    for view in sheet_of(crowd.counted()).classes:
        for axis, figure in zip(AXES, (view.opens, view.clicks), strict=True):
            yield Question(axis, "class", view.client_class, crowd.population(), figure)


def rows(crowd: Crowd) -> Iterator[Question]:
    """How many rows the log has of a send day, and what the lines of the campaign's file add up to."""
    for (send_day, axis), figure in logged(crowd).items():
        had = [each for each in LINKS if len(crowd.people(send_day, each)) >= crowd.k]
        # Where one link alone is counted, the day's clicks are those of the link.
        cut = "send day" if axis is Axis.OPENS or len(had) != 1 else "send day of a link"
        yield Question(axis.lower(), cut, send_day, crowd.people(send_day), figure)


def logged(crowd: Crowd) -> dict[tuple[int, Axis], Figure]:
    """The rows of the log by send day and axis. None of them is an answer only where there can never be any."""
    counts = crowd.counted()
    sums: Counter[tuple[int, Axis]] = Counter()
    for tally, part in parts_of_send_days(counts, by_people(crowd)).items():
        sums[tally.send_day, tally.axis] += rows_shown(part) if counts.per_part else 0
    found = {}
    for send_day in counts.send_days():
        for axis in Axis:
            known = counts.per_part and may_be_told(counts, send_day, axis)
            shown = (Shown.EXACT if crowd.k == 1 else Shown.ROUNDED) if known else Shown.SUPPRESSED
            assert known or not sums[send_day, axis]
            found[send_day, axis] = Figure(sums[send_day, axis] if known else None, shown)
    return found


def may_be_told(counts: MailingCounts, send_day: int, axis: Axis) -> bool:
    """Whether a hit of everybody on everything would have a row."""
    kind, places = ("OPENED", (0,)) if axis is Axis.OPENS else ("CLICKED", tuple(LINKS))
    probes = [{"send_day": send_day, "kind": kind, "day": 0, "link": each, "shown": 100} for each in places]
    return bool(parts_of_send_days(counts, probes))


def by_people(crowd: Crowd) -> list[dict[str, Any]]:
    """The tallies that the log and the campaign's file begin with."""
    return [
        row
        for row in crowd.counted().counts.tallies
        if row["kind"] != "LOADED_BY_PROXY" and row["client_class"] != "SCANNER"
    ]


DOORS: Sequence[Callable[[Crowd], Iterable[Question]]] = (totals, links, days, hours, classes, rows)


def everything(crowd: Crowd) -> list[Question]:
    """Every question, with its answer."""
    return [question for door in DOORS for question in door(crowd)]


def has_number(question: Question) -> bool:
    return question.answer.value is not None


@LAWFUL
@given(crowds())
def test_x5_no_two_answers_differ_by_a_small_group(crowd: Crowd) -> None:
    """Of two questions whose people differ by 1 to k-1, one is withheld, or both answers are equal."""
    for one, other in combinations(everything(crowd), 2):
        if one.beside(other):
            differing = len(one.people ^ other.people)
            assert answerable_together(one.answer, other.answer, differing, crowd.k), (one, other)


@LAWFUL
@given(crowds())
def test_x5_nothing_is_answered_about_fewer_than_k_people(crowd: Crowd) -> None:
    for question in everything(crowd):
        assert not has_number(question) or len(question.people) >= crowd.k


@LAWFUL
@given(crowds())
def test_x5_no_single_withheld_link_is_told_by_the_total(crowd: Crowd) -> None:
    """What the total leaves of the other links is about at least two withheld ones, or about nobody."""
    (total,) = (each for each in totals(crowd) if each.axis == "clicks")
    withheld = [each for each in links(crowd) if each.answer.shown is Shown.SUPPRESSED]

    assert len(withheld) != 1 or not has_number(total)


@LAWFUL
@given(crowds())
def test_x5_no_single_withheld_link_is_told_by_a_send_day(crowd: Crowd) -> None:
    """As with the total: of the links that enough people of the day had, not just one is withheld."""
    figures = {each.place: each.answer for each in links(crowd)}
    for (send_day, axis), figure in logged(crowd).items():
        had = [each for each in LINKS if len(crowd.people(send_day, each)) >= crowd.k]
        if axis is Axis.CLICKS and figure.value is not None:
            assert [figures[each].shown for each in had].count(Shown.SUPPRESSED) != 1


@LAWFUL
@given(crowds())
def test_x5_the_log_has_no_more_rows_than_the_timeline_says(crowd: Crowd) -> None:
    """Of one send day just as many; of several each is rounded by itself. What one withholds, the other does too."""
    counts, sums = crowd.counted(), Counter[tuple[object, Axis]]()
    for tally, part in parts_of_send_days(counts, by_people(crowd)).items():
        sums[tally.day, tally.axis] += rows_shown(part) if counts.per_part else 0

    told = {
        ((point.at - EPOCH).days, axis): figure.value or 0
        for point in timeline([(counts, [])], TimelineBucket.DAY)
        for axis, figure in ((Axis.OPENS, point.opens), (Axis.CLICKS, point.clicks))
    }

    assert all(count <= told.get(place, 0) for place, count in sums.items())
    if len(counts.send_days()) == 1:
        assert +sums == +Counter(told)


@LAWFUL
@given(crowds())
def test_x5_b7_a_campaigns_file_and_the_log_say_the_same(crowd: Crowd) -> None:
    """Lines by send day add up to the rows of the log; where totals alone are shown, to the report's total."""
    counts = crowd.counted()
    counts.counts.tallies = by_people(crowd)
    sums: Counter[tuple[int, Axis]] = Counter()
    for line in anonymous_lines(Gathered(counts, {}).send_days(), totals_only=not counts.per_part):
        sums[line.send_day, Axis.OPENS] += line.times * line.opens
        sums[line.send_day, Axis.CLICKS] += line.times * line.clicks

    whole = {(0, axis): counts.hits(axis) for axis in Axis}
    told = logged(crowd) if counts.per_part else whole

    assert +sums == +Counter({place: figure.value or 0 for place, figure in told.items()})


@LAWFUL
@given(crowds())
def test_x5_what_the_total_counts_its_links_count(crowd: Crowd) -> None:
    """So that the total less the links that are shown is never about a link that too few people had."""
    if crowd.totals_only or crowd.k == 1:
        return
    (total,) = (each for each in totals(crowd) if each.axis == "clicks")
    shown = [each for each in links(crowd) if has_number(each)]
    measured = [each for each in links(crowd) if each.answer.shown is not Shown.NOT_MEASURED]

    if has_number(total) and len(shown) == len(measured):
        assert (
            0 <= (total.answer.value or 0) - sum(each.answer.value or 0 for each in shown) <= 4 * len(LINKS)
        )


@LAWFUL
@given(crowds())
def test_x5_what_is_withheld_tells_nothing_of_what_people_did(crowd: Crowd) -> None:
    """The same mails, and nobody does anything: the same questions are answered, and the same ones withheld."""
    quiet = replace(crowd, mails=tuple(replace(mail, deeds=()) for mail in crowd.mails), stale=())

    def kinds(some: Crowd) -> dict[tuple[str, str, object], Shown]:
        # Days are listed where something is published; that is their answer.
        return {
            (each.axis, each.cut, each.place): each.answer.shown
            for each in everything(some)
            if each.cut != "day"
        }

    assert kinds(crowd) == kinds(quiet)
    for day in days(crowd):
        assert day.answer.shown is Shown.SUPPRESSED or len(day.people) >= crowd.k


@LAWFUL
@given(crowds())
def test_x5_no_day_is_listed_for_hits_that_are_not_shown(crowd: Crowd) -> None:
    """A day of one hit, of four, and of none are the same: not there."""
    listed: dict[object, list[Figure]] = {}
    for each in days(crowd):
        listed.setdefault(each.place, []).append(each.answer)

    assert len(listed) <= len(DAYS)
    assert all(any(figure.value for figure in figures) for figures in listed.values())


@LAWFUL
@given(crowds(), crowds())
def test_x5_a_sum_over_mailings_says_nothing_that_its_parts_do_not(one: Crowd, other: Crowd) -> None:
    """It follows from the published answers of each, whatever was counted."""
    sheets = [sheet_of(each.counted()) for each in (one, other)]

    whole = together(sheets)

    assert whole.opens.hits == added([each.opens.hits for each in sheets])
    assert whole.clicks.hits == added([each.clicks.hits for each in sheets])
    for place, number in enumerate(LINKS):
        assert whole.links[place].url == LINKS[number]
        assert whole.links[place].clicks == added([each.links[place].clicks for each in sheets])
    for place, client_class in enumerate(ClientClass):
        assert whole.classes[place].client_class is client_class
        assert whole.classes[place].opens == added([each.classes[place].opens for each in sheets])
    assert {Axis.OPENS, Axis.CLICKS} == set(Axis)
