"""The daily anchor of an account's ledger: one seal over the heads and lengths of all chains.

Theory: a chain proves itself up to its last line, and nothing in it shows that lines were cut off its end, or that
a subscriber was taken away whole. So once a day all heads are written down, sorted by subscriber, hashed in one
stream, and sealed under a key derived from the account's ledger key. Anchors are numbered from 1 and chained like
lines. They stand in the database and in a file outside it, beside which the heads themselves stand, so that what is
missing can be named.

    head      subscriber 16 · length 8 · seal of the last line 32               56 bytes, big-endian
    digest    SHA-256 over the heads in the order of their subscribers
    anchor    tag · account 8 · number 8 · time 8 (microseconds since 1970) · subscribers 8 · lines 8 · digest 32 ·
              seal of the anchor before, 32 (zero bytes in the first)
    seal      HMAC-SHA-256 of those bytes under HMAC-SHA-256(ledger key, tag)

Source: domain.md §3.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct, error

_TAG = b"assent ledger anchor, version 1\n"
_HEAD = Struct(">16sQ32s")
_ANCHOR = Struct(">QQqQQ32s32s")
_NOTHING_BEFORE = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

HEAD_BYTES = _HEAD.size
"""How many bytes one packed head has."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of one subscriber's chain: the number of its last line, and that line's seal."""

    subscriber: bytes
    length: int
    seal: bytes

    def pack(self) -> bytes:
        """The head as it is hashed and kept, 56 bytes."""
        return _HEAD.pack(self.subscriber, self.length, self.seal)


def unpack_head(packed: bytes) -> Head:
    """The head of 56 bytes. Raises ValueError for any other number."""
    try:
        return Head(*_HEAD.unpack(packed))
    except error:
        message = "A head has 56 bytes."
        raise ValueError(message) from None


class Heads:
    """Takes heads one by one, in the order of their subscribers, and sums them up in constant memory."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.subscribers = 0
        self.lines = 0

    def add(self, head: Head) -> None:
        """Counts and hashes one head."""
        self._hash.update(head.pack())
        self.subscribers += 1
        self.lines += head.length

    @property
    def digest(self) -> bytes:
        """The digest of what was added so far."""
        return self._hash.digest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """What stood at a time. `at` is aware; `previous` is the seal of the anchor before, None in the first."""

    account: int
    number: int
    at: datetime
    subscribers: int
    lines: int
    digest: bytes
    previous: bytes | None


@dataclass(frozen=True, slots=True)
class SealedAnchor:
    """An anchor with the seal that was kept for it, whether or not the two fit."""

    anchor: Anchor
    seal: bytes


def seal_anchor(anchor: Anchor, ledger_key: bytes) -> bytes:
    """The anchor's seal under the account's ledger key, 32 bytes."""
    packed = _ANCHOR.pack(
        anchor.account,
        anchor.number,
        (anchor.at - _EPOCH) // _MICROSECOND,
        anchor.subscribers,
        anchor.lines,
        anchor.digest,
        anchor.previous or _NOTHING_BEFORE,
    )
    return hmac.digest(hmac.digest(ledger_key, _TAG, "sha256"), _TAG + packed, "sha256")


def broken_anchors(
    kept: Sequence[SealedAnchor], outside: Sequence[SealedAnchor], key: bytes
) -> Iterator[int]:
    """The numbers of anchors that do not hold, in no order, some perhaps twice.

    `kept` stand in the database, `outside` in the file. One breaks that is sealed wrongly, does not continue the one
    before, or stands in one place otherwise than in the other; the database may have newer ones than the file.
    """
    yield from _broken(kept, key)
    yield from _broken(outside, key)
    inside = {each.anchor.number: each for each in kept}
    for each in outside:
        if inside.get(each.anchor.number) != each:
            yield each.anchor.number


def _broken(chain: Sequence[SealedAnchor], key: bytes) -> Iterator[int]:
    before: SealedAnchor | None = None
    for each in chain:
        expected = (1, None) if before is None else (before.anchor.number + 1, before.seal)
        continues = (each.anchor.number, each.anchor.previous) == expected
        if not continues or not hmac.compare_digest(each.seal, seal_anchor(each.anchor, key)):
            yield each.anchor.number
        before = each
