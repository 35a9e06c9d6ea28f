"""Many ledger lines that say the same of different people: what they share is encoded once.

The bytes and the seal of a line are the rule of `ledger`, and this file has no rule of its own: a form is made by
encoding a whole line there, and cutting it where the parts stand that differ from person to person.

    shared   axis, from, to, reason, times, source, by_person
    own      subscriber, number, digest of the actor, digest of the note, seal of the line before

`tests/domain/test_ledger_forms.py` holds that both ways give the same seal. Source: domain.md §3; `ledger`.
"""

from dataclasses import dataclass, field, replace

from app.domain.keyed import Keyed
from app.domain.ledger import SEAL_BYTES, SUBSCRIBER_BYTES, LedgerLine, SaltedText, encode_line

_PRESENT = 1 + 4
"""The bytes before a field that is there: the mark and its length."""

_NUMBER = 8
_DIGEST = b"\x01" + SEAL_BYTES.to_bytes(4, "big")
_NONE = b"\x00"


@dataclass(frozen=True, slots=True)
class LineForm:
    """The shared part of lines without wording and merge; `shared` is any of them, whoever it is of."""

    shared: LedgerLine
    _before: bytes = field(init=False, repr=False)
    _between: bytes = field(init=False, repr=False)
    _middle: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Cuts the line's bytes at the places of its own parts."""
        blank = SaltedText(bytes(SEAL_BYTES))
        line = replace(
            self.shared,
            subscriber=bytes(SUBSCRIBER_BYTES),
            number=1,
            actor=blank,
            note=None,
            wording_id=None,
            merged_head=None,
            previous_hash=None,
        )
        whole = encode_line(line)
        # Behind the shared fields come the actor's digest and four fields that are absent.
        tail = _PRESENT + SEAL_BYTES + 4 * len(_NONE)
        start = whole.index(line.subscriber) + SUBSCRIBER_BYTES
        object.__setattr__(self, "_before", whole[: start - SUBSCRIBER_BYTES])
        object.__setattr__(self, "_between", whole[start : start + _PRESENT])
        object.__setattr__(self, "_middle", whole[start + _PRESENT + _NUMBER : -tail])

    def seal(
        self,
        ledger: Keyed,
        subscriber: bytes,
        number: int,
        actor: bytes,
        note: bytes | None,
        previous: bytes | None,
    ) -> bytes:
        """The seal of this person's line under the account's ledger key.

        `actor` and `note` are digests of salted texts, `previous` is a seal.
        """
        return ledger(
            b"".join(
                (
                    self._before,
                    subscriber,
                    self._between,
                    number.to_bytes(_NUMBER, "big"),
                    self._middle,
                    _DIGEST,
                    actor,
                    _NONE if note is None else _DIGEST + note,
                    _NONE + _NONE,
                    _NONE if previous is None else _DIGEST + previous,
                )
            )
        )
