"""The proof of an account's whole ledger: each chain against its head, and against what the last anchor vouches for.

    flaw        what was seen
    CHANGED, FORGED, MISSING, REORDERED, CUT_OFF   as in `ledger`, of one line of one subscriber
    HEAD        lines stand behind the last one that the subscriber's own record knows of
    REMOVED     the subscriber is gone whole though lines or the anchor know them, and no tombstone says why
    ANCHOR      an anchor, or the list of heads that belongs to it, was altered or taken away; `number` is the anchor's

A line that was given another line's number is put back to where its seal says it belongs, so that it is named as
moved rather than as changed. Source: domain.md §3.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, unique

from app.domain.anchors import Head
from app.domain.ledger import Finding, FindingKind, LedgerLine, SealedLine, seal_line, verify_chain

_MOST_TRIED = 64
"""Above so many faulty lines of one chain nobody can say any more which of them were only moved."""


@unique
class FlawKind(StrEnum):
    """What is wrong with a ledger, by the table at the top."""

    CHANGED = "CHANGED"
    FORGED = "FORGED"
    MISSING = "MISSING"
    REORDERED = "REORDERED"
    CUT_OFF = "CUT_OFF"
    HEAD = "HEAD"
    REMOVED = "REMOVED"
    ANCHOR = "ANCHOR"


@dataclass(frozen=True, slots=True, order=True)
class Flaw:
    """One fault: of a subscriber's line (`number`, up to `through` where several are absent), or of an anchor."""

    kind: FlawKind
    subscriber: bytes | None = None
    number: int | None = None
    through: int | None = None


def flaws_of_chain(
    subscriber: bytes,
    lines: Sequence[SealedLine],
    ledger_key: bytes,
    head: Head | None,
    anchored: Head | None,
    unreadable: Collection[int] = (),
) -> list[Flaw]:
    """The faults of one subscriber's chain; an empty list is the proof that it is whole.

    `lines` come by their numbers, without those whose values are none that a line can have (`unreadable`). `head` is
    what the subscriber's own record or tombstone says, `anchored` what the last anchor says.
    """
    kept = lines
    findings = list(_findings(kept, ledger_key, head, anchored))
    if findings:
        kept = put_back(lines, ledger_key)
        findings = list(_findings(kept, ledger_key, head, anchored))
    flaws = {_flaw(subscriber, each) for each in findings if not _is_there(each, unreadable)}
    flaws |= {Flaw(FlawKind.CHANGED, subscriber, number) for number in unreadable}
    vouched = {flaw.number for flaw in flaws if flaw.kind is FlawKind.CHANGED}
    flaws = {flaw for flaw in flaws if flaw.kind is not FlawKind.FORGED or flaw.number not in vouched}
    last = max((each.line.number for each in kept), default=0)
    if head is None:
        flaws.add(Flaw(FlawKind.REMOVED, subscriber))
    elif last > head.length:
        flaws.add(Flaw(FlawKind.HEAD, subscriber, head.length + 1, last))
    return sorted(flaws, key=lambda flaw: (flaw.number or 0, flaw.kind))


def _findings(
    kept: Sequence[SealedLine], ledger_key: bytes, head: Head | None, anchored: Head | None
) -> Iterator[Finding]:
    known = [each for each in dict.fromkeys((head, anchored)) if each is not None]
    for each in known:
        yield from verify_chain(kept, ledger_key, each.seal, each.length)
    if not known:
        yield from verify_chain(kept, ledger_key, None, 0)


def _is_there(finding: Finding, unreadable: Collection[int]) -> bool:
    """Whether what seems absent is only unreadable."""
    through = finding.number if finding.through is None else finding.through
    absent = finding.kind in {FindingKind.MISSING, FindingKind.CUT_OFF}
    return absent and set(range(finding.number, through + 1)) <= set(unreadable)


def _flaw(subscriber: bytes, finding: Finding) -> Flaw:
    return Flaw(FlawKind(finding.kind.value), subscriber, finding.number, finding.through)


def put_back(lines: Sequence[SealedLine], ledger_key: bytes) -> list[SealedLine]:
    """The lines in the order in which they are kept, each under the number that its seal was made for, if any."""
    numbers = [kept.line.number for kept in lines]
    broken = {kept.line.number for kept in lines if kept.seal != seal_line(kept.line, ledger_key)}
    absent = set(range(1, min(max(numbers, default=0), len(numbers) + _MOST_TRIED))) - set(numbers)
    candidates = broken | absent
    if not broken or len(candidates) > _MOST_TRIED:
        return list(lines)
    return [
        _at_its_place(kept, candidates, ledger_key) if kept.line.number in broken else kept for kept in lines
    ]


def _at_its_place(kept: SealedLine, candidates: set[int], ledger_key: bytes) -> SealedLine:
    for line in _numbered(kept.line, candidates):
        if seal_line(line, ledger_key) == kept.seal:
            return SealedLine(line, kept.seal)
    return kept


def _numbered(line: LedgerLine, candidates: set[int]) -> Iterator[LedgerLine]:
    return (replace(line, number=number) for number in sorted(candidates))
