"""Which clicks on one delivery were a machine's, by what several of them tell together.

    rule             the clicks                                                       class
    MANY_LINKS       8 distinct links of a delivery within 10 seconds                 SCANNER
    MANY_NETWORKS    one link of a delivery from 3 networks within 120 seconds        SCANNER

Theory: a click is a machine's if any stretch of time that holds it is as crowded as a rule says, so the verdict does not
depend on the order in which clicks become known. It is final once no further click can lie in one stretch with it:
120 seconds after the hit. Until then a count may move from class to class, and nobody is notified; the total never
changes. People read one link after the other, and from one or two networks.
Whoever changes a rule raises RULES_VERSION. Rules for a single hit are at the edge. Source: domain.md §6 (Kinds), row X13.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import Final

RULES_VERSION: Final = 1
LINKS: Final = 8
LINKS_SPAN: Final = timedelta(seconds=10)
NETWORKS: Final = 3
NETWORKS_SPAN: Final = timedelta(seconds=120)
FEWEST: Final = min(LINKS, NETWORKS)
"""Fewer clicks than this tell nothing."""
EPOCH_SHIFT: Final = 48
FINAL_AFTER: Final = max(LINKS_SPAN, NETWORKS_SPAN)
"""How long after a hit its class may still change."""


@unique
class ScannerRule(StrEnum):
    """Which line of the table spoke."""

    MANY_LINKS = "MANY_LINKS"
    MANY_NETWORKS = "MANY_NETWORKS"


@dataclass(frozen=True, slots=True)
class Click:
    """One click on the delivery.

    `network` tells networks apart and names none; None where it is not known. It is made with a key that changes within
    minutes: its first 16 of 64 bits say which, and tags of two keys cannot be compared.
    """

    at: datetime
    link: int
    network: int | None


def final_before(now: datetime) -> datetime:
    """Hits from before this time have the class that they will keep: notifications wait until then."""
    return now - FINAL_AFTER


def scanned(clicks: Sequence[Click]) -> dict[int, ScannerRule]:
    """The machines' clicks among all those on one delivery, by their place, with the first rule that speaks."""
    order = sorted(range(len(clicks)), key=lambda place: clicks[place].at)
    comparable: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place in order:
        network = clicks[place].network
        if network is not None:
            comparable[clicks[place].link, network >> EPOCH_SHIFT].append(place)
    found: dict[int, ScannerRule] = {}
    for places in comparable.values():
        crowd = _crowded(clicks, places, lambda click: click.network, NETWORKS, NETWORKS_SPAN)
        found |= dict.fromkeys(crowd, ScannerRule.MANY_NETWORKS)
    crowd = _crowded(clicks, order, lambda click: click.link, LINKS, LINKS_SPAN)
    return found | dict.fromkeys(crowd, ScannerRule.MANY_LINKS)


def _crowded(
    clicks: Sequence[Click],
    order: Sequence[int],
    value: Callable[[Click], int | None],
    least: int,
    span: timedelta,
) -> Iterator[int]:
    """The places, of those in `order`, that lie in a stretch of `span` with at least so many distinct values."""
    inside: Counter[int | None] = Counter()
    first = said = 0
    for last, place in enumerate(order):
        inside[value(clicks[place])] += 1
        while clicks[place].at - clicks[order[first]].at > span:
            gone = value(clicks[order[first]])
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        if len(inside) >= least:
            yield from order[max(first, said) : last + 1]
            said = last + 1
