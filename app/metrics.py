"""What is counted for `/metrics`, and how it is told: numbers of the whole instance, never of a person or an account.

Theory: each number has a fixed place in a worker's row of the board, so counting is one addition on shared memory and
several workers add up. The Prometheus client counts under a lock and, for several processes, in files on the disk;
that is more than a hit may cost.

    assent_hits_total{kind, class}              recorded hits, personal and anonymous together
    assent_hits_unrecorded{reason}              answered and not recorded
    assent_journal_sync_seconds{journal}        how long a batch took to become durable
    assent_journal_failed_batches_total{journal}
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum, unique
from itertools import accumulate
from typing import Final

from app.board import ROW, Board
from app.domain.modes import ClientClass, EventKind


@unique
class Unrecorded(StrEnum):
    """Why a request that was answered left no record."""

    TRACKING_OFF = "TRACKING_OFF"
    NOT_A_GET = "NOT_A_GET"
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105  a reason, not a secret
    PART_MISSING = "PART_MISSING"
    RATE_LIMITED = "RATE_LIMITED"
    JOURNAL_UNAVAILABLE = "JOURNAL_UNAVAILABLE"
    SLOW_JOURNAL = "SLOW_JOURNAL"
    UNEXPECTED = "UNEXPECTED"


@unique
class JournalName(StrEnum):
    """The two journals."""

    PERSONAL = "personal"
    ANONYMOUS = "anonymous"


LOST: Final = (Unrecorded.JOURNAL_UNAVAILABLE, Unrecorded.UNEXPECTED)
"""Reasons that nobody wants: hits that should have been recorded."""

_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_MICROSECONDS = 1_000_000
_HITS = [
    (kind, client_class)
    for kind in (EventKind.OPENED, EventKind.LOADED_BY_PROXY, EventKind.CLICKED)
    for client_class in ClientClass
]
_HIT_PLACES = {pair: place for place, pair in enumerate(_HITS)}
_REASON_PLACES = {reason: place for place, reason in enumerate(Unrecorded, len(_HITS))}
_SYNCS_AT = len(_HITS) + len(Unrecorded)
# Behind the buckets: those beyond every bound, all microseconds, failures.
_SYNC_PLACES = len(_BOUNDS) + 3
_JOURNAL_PLACES = {name: _SYNCS_AT + number * _SYNC_PLACES for number, name in enumerate(JournalName)}

assert _SYNCS_AT + len(JournalName) * _SYNC_PLACES <= ROW  # noqa: S101  a mistake of ours, seen at the first import


def hit_place(kind: EventKind, client_class: ClientClass) -> int:
    """Where hits of this kind and class are counted."""
    return _HIT_PLACES[kind, client_class]


class Metrics:
    """One worker's numbers, and the sums of all."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._row = board.row

    def recorded(self, place: int) -> None:
        """One hit more; `place` from `hit_place`."""
        self._row[place] += 1

    def unrecorded(self, reason: Unrecorded) -> None:
        """One request more that left no record."""
        self._row[_REASON_PLACES[reason]] += 1

    def synced(self, journal: JournalName, seconds: float, failed: bool) -> None:
        """One batch more of a journal, and how long it took."""
        start = _JOURNAL_PLACES[journal]
        bucket = sum(seconds > bound for bound in _BOUNDS)
        self._row[start + bucket] += 1
        self._row[start + len(_BOUNDS) + 1] += round(seconds * _MICROSECONDS)
        self._row[start + len(_BOUNDS) + 2] += failed

    def why_unrecorded(self) -> dict[Unrecorded, int]:
        """What all workers left unrecorded, by reason; reasons that never occurred are missing."""
        summed = self._board.summed()
        return {reason: summed[place] for reason, place in _REASON_PLACES.items() if summed[place]}

    def told(self) -> str:
        """All of it in the text format of Prometheus, version 0.0.4."""
        summed = self._board.summed()
        lines = [*_hits(summed), *_reasons(summed), *_syncs(summed), *_failures(summed)]
        return "\n".join(lines) + "\n"


def _hits(summed: Sequence[int]) -> Iterator[str]:
    yield "# HELP assent_hits_total Hits answered and recorded."
    yield "# TYPE assent_hits_total counter"
    for (kind, client_class), place in _HIT_PLACES.items():
        yield f'assent_hits_total{{kind="{kind}",class="{client_class}"}} {summed[place]}'


def _reasons(summed: Sequence[int]) -> Iterator[str]:
    yield "# HELP assent_hits_unrecorded Requests for pixels and links that were answered and not recorded."
    yield "# TYPE assent_hits_unrecorded counter"
    for reason, place in _REASON_PLACES.items():
        yield f'assent_hits_unrecorded{{reason="{reason}"}} {summed[place]}'


def _syncs(summed: Sequence[int]) -> Iterator[str]:
    name = "assent_journal_sync_seconds"
    yield f"# HELP {name} Time until a batch of hits was durable."
    yield f"# TYPE {name} histogram"
    for journal, start in _JOURNAL_PLACES.items():
        counts = list(accumulate(summed[start : start + len(_BOUNDS) + 1]))
        for bound, count in zip((*_BOUNDS, "+Inf"), counts, strict=True):
            yield f'{name}_bucket{{journal="{journal}",le="{bound}"}} {count}'
        yield f'{name}_sum{{journal="{journal}"}} {summed[start + len(_BOUNDS) + 1] / _MICROSECONDS}'
        yield f'{name}_count{{journal="{journal}"}} {counts[-1]}'


def _failures(summed: Sequence[int]) -> Iterator[str]:
    yield "# HELP assent_journal_failed_batches_total Batches of hits that could not be made durable."
    yield "# TYPE assent_journal_failed_batches_total counter"
    for journal, start in _JOURNAL_PLACES.items():
        yield f'assent_journal_failed_batches_total{{journal="{journal}"}} {summed[start + len(_BOUNDS) + 2]}'
