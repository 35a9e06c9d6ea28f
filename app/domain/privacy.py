"""What may be said about people who were counted anonymously, and what a reader without rights sees.

Theory: the anonymous part of a figure is a count over an audience, the distinct, not bounced subscribers
frozen ANONYMOUS. What is published of it depends on the audience first, so that the answer's kind says little
about what anybody did. k is the larger of the frozen and the current minimum audience.

    audience             figure       published
    0, or below k        any          nothing: NOT_MEASURED, hits dropped, people not in measured
    at least k, k = 1    any          the count, EXACT (the account was warned, nothing is promised)
    at least k, k > 1    unique       SUPPRESSED where the count reaches the audience: it would name everybody
    at least k, k > 1    otherwise    the count rounded down to a multiple of 5, ROUNDED

    total = personal + published; SUPPRESSED swallows the total, NOT_MEASURED adds nothing to it
    two answers about populations that differ by 1 to k-1 people: the finer one goes
    one suppressed part beside a shown total is no secret: a second part goes too, or the total does
    several mailings: the sum of what is said of each, so that it says nothing that they do not

Figures that show personal data only (drill-down, an account whose anonymous part shows in totals alone) take
`NOT_MEASURED` as their anonymous part. Source: domain.md §6, §7, §11.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import assert_never

ROUNDING_STEP = 5
_SEVERAL = 2
_SECONDS_IN_A_DAY = 86_400


@unique
class Shown(StrEnum):
    """How a figure came about, so that nobody takes "not said" for zero."""

    EXACT = "EXACT"
    ROUNDED = "ROUNDED"
    SUPPRESSED = "SUPPRESSED"
    NOT_MEASURED = "NOT_MEASURED"


@unique
class Basis(StrEnum):
    """What a rate counts: people who did it, or times it was done."""

    UNIQUE = "UNIQUE"
    TOTAL = "TOTAL"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that may be published, with how it came about. Raises ValueError where the two contradict.

    EXACT and ROUNDED have a value, SUPPRESSED never has; NOT_MEASURED has 0 on subscriber pages and deliveries
    and none in reports (domain.md §10).
    """

    value: int | None
    shown: Shown

    def __post_init__(self) -> None:
        match self.shown:
            case Shown.EXACT | Shown.ROUNDED:
                fits = self.value is not None and self.value >= 0
            case Shown.SUPPRESSED:
                fits = self.value is None
            case Shown.NOT_MEASURED:
                fits = self.value in {None, 0}
            case _:
                assert_never(self.shown)
        if not fits:
            message = f"A figure that is {self.shown} cannot have this value."
            raise ValueError(message)


SUPPRESSED = Figure(None, Shown.SUPPRESSED)
NOT_MEASURED = Figure(None, Shown.NOT_MEASURED)
NOT_MEASURED_ON_PAGE = Figure(0, Shown.NOT_MEASURED)


def exact(value: int) -> Figure:
    """A figure over personal data, or of sending, which is never rounded."""
    return Figure(value, Shown.EXACT)


@dataclass(frozen=True, slots=True)
class AnonymousPart:
    """What was counted anonymously: `count` over `audience` people, under the effective k.

    `unique` says that `count` is of people, not of hits. Not to be published as it is: see `published`.
    """

    count: int
    audience: int
    k: int
    unique: bool = False

    def __post_init__(self) -> None:
        if self.count < 0 or self.audience < 0 or self.k < 1:
            message = "Counts and audiences are not negative, and k is at least 1."
            raise ValueError(message)

    @property
    def measured(self) -> int:
        """How many people these are in `measured`: the audience, or nobody while it is below k."""
        return self.audience if self.audience >= self.k else 0


def published(part: AnonymousPart) -> Figure:
    """What may be said about one anonymous part, by the table at the top."""
    if part.measured == 0:
        return NOT_MEASURED
    if part.k == 1:
        return exact(part.count)
    # A count over deliveries, or one from before a bounce, may exceed the people; that says no less.
    if part.unique and part.count >= part.audience:
        return SUPPRESSED
    return Figure(part.count - part.count % ROUNDING_STEP, Shown.ROUNDED)


def rows_shown(part: AnonymousPart) -> int:
    """How many equal rows a log or an export shows for this tally: its published size (domain.md §7)."""
    return published(part).value or 0


def total(personal: int | None, anonymous_published: Figure) -> Figure:
    """A report's figure: what was counted personally plus the published anonymous part.

    `personal` is None where nobody was measured personally, which is not the same as 0.
    """
    match anonymous_published.shown:
        case Shown.SUPPRESSED:
            return SUPPRESSED
        case Shown.NOT_MEASURED:
            return NOT_MEASURED if personal is None else exact(personal)
        case Shown.EXACT | Shown.ROUNDED:
            value = (personal or 0) + (anonymous_published.value or 0)
            return Figure(value, anonymous_published.shown)
        case _:
            assert_never(anonymous_published.shown)


def added(figures: Sequence[Figure]) -> Figure:
    """The sum of figures that may be said each by itself: a function of them, so it says nothing that they do not.

    SUPPRESSED swallows it, NOT_MEASURED adds nothing, and one ROUNDED part makes it ROUNDED.
    """
    kinds = {figure.shown for figure in figures}
    if Shown.SUPPRESSED in kinds:
        return SUPPRESSED
    value = sum(figure.value or 0 for figure in figures)
    if Shown.ROUNDED in kinds:
        return Figure(value, Shown.ROUNDED)
    return exact(value) if Shown.EXACT in kinds else NOT_MEASURED


def sum_of_send_days(parts: Sequence[AnonymousPart]) -> AnonymousPart:
    """The whole of parts whose people are counted apart, such as send days: only what is measured adds up.

    Parts over the same people (links, event days, classes) do not add up to their audience; their whole is a
    part of its own. Raises ValueError without parts, or where they mix unique figures with others.
    """
    if len({part.unique for part in parts}) != 1:
        message = "Only parts of one kind of figure, and at least one, add up."
        raise ValueError(message)
    measured = [part for part in parts if part.measured]
    return AnonymousPart(
        count=sum(part.count for part in measured),
        audience=sum(part.audience for part in measured),
        k=max(part.k for part in parts),
        unique=parts[0].unique,
    )


def published_parts(parts: Sequence[AnonymousPart]) -> tuple[Figure, ...]:
    """What may be said about each of several parts (links, days, classes) whose total is shown as well.

    Where exactly one is SUPPRESSED, the published part with the smallest audience is too, since the total less
    the others would tell it. The partner is chosen by audience, never by what people did. Where there is no
    partner, `total_beside` withholds the total.
    """
    return _with_a_partner(parts, [published(part) for part in parts])


def _with_a_partner(parts: Sequence[AnonymousPart], figures: Sequence[Figure]) -> tuple[Figure, ...]:
    shown = list(figures)
    if shown.count(SUPPRESSED) == 1:
        partners = [place for place, figure in enumerate(shown) if _has_number(figure)]
        if partners:
            shown[min(partners, key=lambda place: parts[place].audience)] = SUPPRESSED
    return tuple(shown)


def _never(_one: int, _other: int) -> bool:
    return False


def published_beside(
    parts: Sequence[AnonymousPart], whole: AnonymousPart, settled: Callable[[int, int], bool] = _never
) -> tuple[Figure, ...]:
    """What may be said about each of several parts of a whole whose own people are fewer, such as links.

    `whole` is what all of them are part of. `settled` says of two places whether they are known to be about the same
    people, or about people who have nothing to do with each other. Of any other two whose people differ by 1 to k-1,
    as far as sizes tell, the finer goes, and takes a partner with it (`published_parts`). Audiences alone decide. The
    only part that is measured at all is the whole: both answers are equal, and it stays.
    """
    shown = list(published_parts(parts))
    measured = [place for place, part in enumerate(parts) if part.measured]
    if len(measured) < _SEVERAL:
        return tuple(shown)
    kept: list[int] = []
    for place in sorted(measured, key=lambda each: (-parts[each].audience, each)):
        part = parts[place]
        if part.audience < whole.audience:
            near = [each for each in kept if parts[each].audience - part.audience < part.k and part.k > 1]
            clashes = not all(settled(each, place) for each in near)
            shown[place] = (
                SUPPRESSED if clashes else keep_apart(shown[place], whole.audience - part.audience, part.k)
            )
        kept += [place] if _has_number(shown[place]) else []
    return _with_a_partner(parts, shown)


def total_beside(parts_shown: Sequence[Figure], whole: Figure) -> Figure:
    """The total that may stand beside these parts: none where it would give the only suppressed one away."""
    return SUPPRESSED if parts_shown.count(SUPPRESSED) == 1 else whole


def keep_apart(finer: Figure, differing_people: int, k: int) -> Figure:
    """The finer of two answers as it may be published beside the coarser one, whose people differ by so many.

    The difference of the two would be a figure about these, so 1 to k-1 of them are too few. The finer one goes without a
    look at either value: withheld only where they differ, its absence would say that they do.
    """
    return SUPPRESSED if 1 <= differing_people < k and _has_number(finer) else finer


def newcomers_wait(people: int, people_now: int, k: int, shown: int, waited_days: int) -> bool:
    """Whether a counter stays as it is published, since few have joined its audience since: who were `people` then.

    Otherwise the next reading would be about those few. They wait until k have come or their first day is over, since
    nothing anonymous is told in less than days; and not where nothing that could be told apart is published yet: `shown`
    is what all counters of the total show that this one is a part of, since few of each may be enough together.
    """
    return waited_days == 0 and shown >= ROUNDING_STEP and 1 <= people_now - people < k


def _has_number(figure: Figure) -> bool:
    return figure.shown in {Shown.EXACT, Shown.ROUNDED}


def day_to_count(hit_day: date, today: date, now_seconds_into_day: int, refresh_seconds: int) -> date:
    """The day under which an anonymous hit is counted that is drained now (all in UTC).

    A day is frozen once it is over and its figures were refreshed once more; what is drained later counts under
    today, so that no published day ever moves by a single late person. A day ahead of ours counts as today.
    """
    if hit_day >= today:
        return today
    seconds_since_its_end = ((today - hit_day).days - 1) * _SECONDS_IN_A_DAY + now_seconds_into_day
    return hit_day if seconds_since_its_end < refresh_seconds else today


@unique
class Anonymized(StrEnum):
    """What stands in a cell instead of a person; each value is the very text (domain.md §6)."""

    CONTACT = "Anonymized contact"
    DATA = "Anonymized data"
    LOG = "Anonymized"


def contact_cell(value: str | None, instead: Anonymized, *, may_read_personal: bool) -> str:
    """One cell about a contact, as this reader may see it.

    `value` is None in a row that belongs to nobody; `instead` is CONTACT for contact fields and DATA for other
    personal ones of a campaign's export, LOG for address, message id, links and history of a log.
    """
    return value if value is not None and may_read_personal else instead.value
