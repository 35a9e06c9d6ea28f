"""The lines of a campaign's file that belong to nobody: what was counted anonymously, as far as it is published.

    anonymity              lines                                        opens   first opened on
    SHARED                 one for each day with a published count      count   that day
    SHARED, totals only    one for the whole mailing                    count   not said
    UNLINKED, totals only  as many as the published unique openings     1       not said
                           of the whole mailing
    UNLINKED               as many as the published unique openings     1       the day, for as many as that day's own
                                                                                published size; else not said

Clicks stand on lines of days, since an unlinked number differs for each link: on the line of the day they share with the
opens where there is one. So opens and clicks may be summed up, and no sum says more than the report does. How often one
unlinked number came back is not said: a sum of exact counts beside the rounded total would tell of a few people.
Source: domain.md §6, §7.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.privacy import AnonymousPart, rows_shown, sum_of_send_days


@dataclass(frozen=True, slots=True)
class AnonymousLine:
    """`times` equal lines. Days are days since 1970; `open_day` is None where no day is said."""

    send_day: int
    open_day: int | None
    opens: int
    clicks: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class SendDay:
    """What was counted over the people of one send day, by the day of the hit; `send_day` 0 is the whole mailing.

    `numbers` are unlinked numbers by the day they were first seen on; None where nobody had one. Each part is over the
    whole audience of its axis.
    """

    send_day: int
    opens: Mapping[int, AnonymousPart] = field(default_factory=dict)
    clicks: Mapping[int, AnonymousPart] = field(default_factory=dict)
    numbers: Mapping[int, AnonymousPart] | None = None


def anonymous_lines(days: Iterable[SendDay], *, totals_only: bool) -> Iterator[AnonymousLine]:
    """The lines, by the table at the top, in no order that means anything."""
    found = list(days)
    if totals_only:
        yield from _of_mailing(found)
        return
    for each in found:
        if each.numbers is not None:
            yield from _of_numbers(each.send_day, each.numbers)
        yield from _of_days(each)


def _of_days(each: SendDay) -> Iterator[AnonymousLine]:
    opens = {} if each.numbers is not None else each.opens
    for day in sorted({*opens, *each.clicks}):
        opened = rows_shown(opens[day]) if day in opens else 0
        clicked = rows_shown(each.clicks[day]) if day in each.clicks else 0
        if opened or clicked:
            yield AnonymousLine(each.send_day, day if opened else None, opened, clicked)


def _of_numbers(send_day: int, numbers: Mapping[int, AnonymousPart]) -> Iterator[AnonymousLine]:
    left = rows_shown(_together(numbers.values()))
    for day in sorted(numbers):
        shown = min(rows_shown(numbers[day]), left)
        left -= shown
        if shown:
            yield AnonymousLine(send_day, day, 1, 0, shown)
    if left:
        yield AnonymousLine(send_day, None, 1, 0, left)


def _of_mailing(days: list[SendDay]) -> Iterator[AnonymousLine]:
    numbers = _whole(each.numbers for each in days if each.numbers is not None)
    opened = _whole(each.opens for each in days if each.numbers is None)
    clicked = _whole(each.clicks for each in days)
    if numbers:
        yield AnonymousLine(0, None, 1, 0, numbers)
    if opened or clicked:
        yield AnonymousLine(0, None, opened, clicked)


def _whole(days: Iterable[Mapping[int, AnonymousPart]]) -> int:
    """What is published of all send days together."""
    parts = [_together(each.values()) for each in days if each]
    return rows_shown(sum_of_send_days(parts)) if parts else 0


def _together(parts: Iterable[AnonymousPart]) -> AnonymousPart:
    """The whole of parts over the same people."""
    found = list(parts)
    if not found:
        return AnonymousPart(0, 0, 1)
    first = found[0]
    return AnonymousPart(sum(each.count for each in found), first.audience, first.k, first.unique)
