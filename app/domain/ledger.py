"""One line of the ledger of permissions: what it holds, its bytes, its seal, and the proof of a chain.

Theory: every change of a permission is a line, numbered per subscriber from 1 without a gap. A line is sealed
with an HMAC-SHA-256 under the account's ledger key, and each line holds the seal of the one before; so no line
can be altered, taken out, moved or made up by somebody without the key, and the anchored head and length show
a cut-off end. A line's bytes are the tag below and then the fields in this order, each as one byte 0 if it is
absent, else 1, its length (4 bytes, big-endian) and its bytes:

    subscriber       16 bytes                        source         the word, ASCII
    number           8 bytes, unsigned, from 1       by_person      1 byte, 0 or 1
    axis, from, to   the words, ASCII                actor, note    digest of the text, 32 bytes
    reason           the word, ASCII                 wording_id     bytes
    person_time      microseconds since 1970 UTC,    merged_head    seal, 32 bytes
    server_time        8 bytes, signed               previous_hash  seal, 32 bytes; absent in line 1

Texts (who acted, a source or reason in free words) enter as SHA-256(salt ‖ text) with a salt of 16 bytes. After
a lawful erasure of text and salt the digest says nothing any more, and the line's bytes are the same.

    finding     what was seen (`verify_chain`)
    CHANGED     a line, its seal or its text was altered, while the line after it or the anchor vouches for it
    FORGED      a line that nobody vouches for: sealed with another key, not continuing the line before it,
                standing twice, or not the head that was anchored
    MISSING     a number is absent though a higher one is there
    REORDERED   a line stands after one with a higher number
    CUT_OFF     the chain is shorter than it was when it was anchored

Source: domain.md §3; RFC 2104.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum, unique

from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, Reason

SUBSCRIBER_BYTES = 16
SALT_BYTES = 16
SEAL_BYTES = 32
HIGHEST_NUMBER = 2**63 - 1

_TAG_OF_VERSION = {1: b"assent permission ledger line, version 1\n"}
_NEWEST_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class SaltedText:
    """A text of a person beside its digest; after an erasure only the digest is left.

    Its representation leaves text and salt out, so that no log line and no traceback shows them.
    """

    digest: bytes
    salt: bytes | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)

    def erased(self) -> "SaltedText":
        """The same without text and salt: what stays in the chain."""
        return SaltedText(self.digest)

    @property
    def proven(self) -> bool:
        """Whether the text, if it is still there, is the one that was sealed."""
        if self.text is None:
            return True
        return self.salt is not None and hmac.compare_digest(_digest(self.text, self.salt), self.digest)


def salted(text: str, salt: bytes) -> SaltedText:
    """A text made ready for a line. `salt` is 16 fresh random bytes of its own; raises ValueError otherwise."""
    _check(len(salt) == SALT_BYTES, "A salt has 16 bytes.")
    return SaltedText(_digest(text, salt), salt, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One change of one axis of one subscriber. Raises ValueError where it could not be sealed.

    Times are aware. `by_person` says that the answer was given to us by the person, or merged from such a one.
    `note` is free text kept as evidence: an import's own source, the reason of a reset. `merged_head` is the
    seal of the other chain's last line, in a MERGE line. `version` is that of the bytes, frozen with the line.
    """

    subscriber: bytes
    number: int
    axis: Axis
    from_value: Permission
    to_value: Permission
    server_time: datetime
    source: PermissionSource
    reason: Reason | None = None
    person_time: datetime | None = None
    by_person: bool = False
    actor: SaltedText | None = None
    note: SaltedText | None = None
    wording_id: bytes | None = None
    merged_head: bytes | None = None
    previous_hash: bytes | None = None
    version: int = _NEWEST_VERSION

    def __post_init__(self) -> None:
        _check(self.version in _TAG_OF_VERSION, "No such version of a ledger line is known.")
        _check(len(self.subscriber) == SUBSCRIBER_BYTES, "A subscriber's id has 16 bytes.")
        _check(1 <= self.number <= HIGHEST_NUMBER, "Lines are numbered from 1, in 8 bytes.")
        for time in (self.server_time, self.person_time):
            _check(time is None or time.utcoffset() is not None, "A line's times carry their zone.")
        for seal in (self.merged_head, self.previous_hash):
            _check(seal is None or len(seal) == SEAL_BYTES, "A seal has 32 bytes.")


def encode_line(line: LedgerLine) -> bytes:
    """The canonical bytes of a line, by the table at the top; two lines that differ never share them."""
    fields = (
        line.subscriber,
        line.number.to_bytes(8, "big"),
        _word(line.axis),
        _word(line.from_value),
        _word(line.to_value),
        _word(line.reason),
        _microseconds(line.person_time),
        _microseconds(line.server_time),
        _word(line.source),
        bytes([line.by_person]),
        _sealed_text(line.actor),
        _sealed_text(line.note),
        line.wording_id,
        line.merged_head,
        line.previous_hash,
    )
    return _TAG_OF_VERSION[line.version] + b"".join(_field(value) for value in fields)


def seal_line(line: LedgerLine, ledger_key: bytes) -> bytes:
    """The line's hash: HMAC-SHA-256 of its bytes under the account's ledger key, 32 bytes."""
    return hmac.digest(ledger_key, encode_line(line), "sha256")


@dataclass(frozen=True, slots=True)
class SealedLine:
    """A line with the seal that was stored for it, whether or not the two fit."""

    line: LedgerLine
    seal: bytes


@unique
class FindingKind(StrEnum):
    """What is wrong with a chain, by the table at the top."""

    CHANGED = "CHANGED"
    FORGED = "FORGED"
    MISSING = "MISSING"
    REORDERED = "REORDERED"
    CUT_OFF = "CUT_OFF"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a chain and the number of the line that it concerns.

    `through` is the last of the absent numbers that begin with `number`, in MISSING and CUT_OFF.
    """

    kind: FindingKind
    number: int
    through: int | None = None


def verify_chain(
    lines: Sequence[SealedLine], ledger_key: bytes, expected_head: bytes | None, expected_length: int
) -> list[Finding]:
    """The faults of one subscriber's chain, by line number; an empty list is the proof that it is whole.

    `lines` come in the order in which they are kept. `expected_head` and `expected_length` are anchored: the
    seal and the number of the last line at that time (None and 0 before any). Newer lines may follow them; these
    are proven by their seals and links, and only a later anchor shows that one of those was cut off.
    """
    chain = {kept.line.number: kept for kept in reversed(lines)}
    findings = [
        *_faults_of_order([kept.line.number for kept in lines]),
        *_gaps(chain, expected_length),
        *_faults_of_lines(chain, ledger_key, expected_head, expected_length),
    ]
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.number, finding.kind))


def _faults_of_order(numbers: Sequence[int]) -> Iterable[Finding]:
    highest = 0
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            yield Finding(FindingKind.FORGED, number)
        elif number < highest:
            yield Finding(FindingKind.REORDERED, number)
        highest = max(highest, number)
        seen.add(number)


def _gaps(chain: Mapping[int, SealedLine], expected_length: int) -> Iterable[Finding]:
    last = 0
    for number in sorted(chain):
        if number > last + 1:
            yield Finding(FindingKind.MISSING, last + 1, number - 1)
        last = number
    if last < expected_length:
        yield Finding(FindingKind.CUT_OFF, last + 1, expected_length)


def _faults_of_lines(
    chain: Mapping[int, SealedLine], ledger_key: bytes, expected_head: bytes | None, expected_length: int
) -> Iterable[Finding]:
    true_seals = {number: seal_line(kept.line, ledger_key) for number, kept in chain.items()}
    for number, kept in chain.items():
        after = chain.get(number + 1)
        is_head = number == expected_length
        if not hmac.compare_digest(kept.seal, true_seals[number]):
            vouchers = {expected_head if is_head else None, after and after.line.previous_hash}
            vouched = not vouchers.isdisjoint({kept.seal, true_seals[number]})
            yield Finding(FindingKind.CHANGED if vouched else FindingKind.FORGED, number)
        elif (is_head and kept.seal != expected_head) or not _continues(kept, chain, true_seals):
            yield Finding(FindingKind.FORGED, number)
        if not _texts_proven(kept.line):
            yield Finding(FindingKind.CHANGED, number)


def _continues(kept: SealedLine, chain: Mapping[int, SealedLine], true_seals: Mapping[int, bytes]) -> bool:
    if kept.line.number == 1:
        return kept.line.previous_hash is None
    before = chain.get(kept.line.number - 1)
    if before is None or before.seal != true_seals[before.line.number]:
        # The line before is absent or at fault itself; that is its own finding and does not taint this one.
        return True
    return kept.line.previous_hash == before.seal


def _texts_proven(line: LedgerLine) -> bool:
    return all(text is None or text.proven for text in (line.actor, line.note))


def _digest(text: str, salt: bytes) -> bytes:
    return hashlib.sha256(salt + text.encode()).digest()


def _word(word: StrEnum | None) -> bytes | None:
    return None if word is None else word.encode("ascii")


def _microseconds(time: datetime | None) -> bytes | None:
    return None if time is None else ((time - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)


def _sealed_text(text: SaltedText | None) -> bytes | None:
    return None if text is None else text.digest


def _field(value: bytes | None) -> bytes:
    return b"\x00" if value is None else b"\x01" + len(value).to_bytes(4, "big") + value


def _check(holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(rule)
