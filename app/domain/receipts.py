"""The receipt of a person's answers: their ledger as a consent record after ISO/IEC TS 27560:2023.

    part of the record        holds
    record_metadata           which schema, which record, which PII principal
    party_identification      the account, as PII controller
    pii_processing            for each purpose: what is processed, on which basis, how to take it back; and the
                              wordings that were shown, word for word, with their hashes
    events                    each line of the ledger: when the person answered, when it was written, where, under
                              which wording, with the seals that chain the lines
    standing                  what stands on each axis

Names of fields are the standard's where it has one. A receipt holds no address, so that it may be kept and shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.forms import Purpose
from app.domain.ledger import SealedLine
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionState

SCHEMA_VERSION = "ISO/IEC TS 27560:2023"

_WHAT_FOR = {
    Purpose.MEASURE: "Measuring how mails are received.",
    Purpose.SEGMENT: "Choosing what is sent to whom.",
    Purpose.NOTIFY: "Being told when somebody reacts to a mail.",
}
_EVENT_TYPES = {
    Permission.YES: "consent given",
    Permission.NO: "consent refused",
    Permission.UNKNOWN: "consent lapsed",
}
_PII = {Axis.OPENS: "whether and when a mail is opened", Axis.CLICKS: "which links are clicked, and when"}


@dataclass(frozen=True, slots=True)
class ShownWording:
    """A text as it was shown; `hash` is SHA-256 over locale and text, in hexadecimal."""

    id: int
    locale: str
    text: str
    hash: str
    purposes: Sequence[Purpose]


@dataclass(frozen=True, slots=True)
class Principal:
    """Whose receipt it is, and who asked: ids as text, the account's name, and the way to take everything back."""

    subscriber: str
    account: str
    account_name: str
    withdraw_at: str


def receipt(
    whose: Principal,
    lines: Sequence[SealedLine],
    wordings: Sequence[ShownWording],
    standing: dict[Axis, PermissionState],
    now: datetime,
) -> dict[str, Any]:
    """The receipt as plain JSON values, by the table at the top; `now` is when it is issued."""
    return {
        "record_metadata": {
            "schema_version": SCHEMA_VERSION,
            "record_id": whose.subscriber,
            "pii_principal_id": whose.subscriber,
            "issued_at": now.isoformat(),
        },
        "party_identification": [
            {"party_id": whose.account, "party_name": whose.account_name, "party_role": "PII controller"}
        ],
        "pii_processing": {
            "privacy_notices": [_notice(each) for each in wordings],
            "purposes": [_purpose(each, whose.withdraw_at) for each in _purposes(wordings)],
        },
        "events": [_event(each) for each in lines],
        "standing": {axis.value.lower(): _standing(state) for axis, state in standing.items()},
    }


def _purposes(wordings: Sequence[ShownWording]) -> list[Purpose]:
    """What the wordings name; without any, an answer covers everything (domain.md §3)."""
    named = {purpose for each in wordings for purpose in each.purposes}
    return [purpose for purpose in Purpose if purpose in named or not named]


def _notice(shown: ShownWording) -> dict[str, Any]:
    return {
        "notice_id": str(shown.id),
        "language": shown.locale,
        "text": shown.text,
        "hash": shown.hash,
        "purposes": [purpose.value for purpose in shown.purposes],
    }


def _purpose(purpose: Purpose, withdraw_at: str) -> dict[str, Any]:
    return {
        "purpose": purpose.value,
        "purpose_description": _WHAT_FOR[purpose],
        "lawful_basis": "consent",
        "pii_information": [{"pii_type": axis.value.lower(), "description": _PII[axis]} for axis in Axis],
        "withdrawal_method": withdraw_at,
    }


def _event(sealed: SealedLine) -> dict[str, Any]:
    line = sealed.line
    withdrawn = line.to_value is Permission.NO and line.from_value is Permission.YES
    return {
        "event_id": line.number,
        "event_type": "consent withdrawn" if withdrawn else _EVENT_TYPES[line.to_value],
        "event_state": line.to_value.value,
        "previous_state": line.from_value.value,
        "axis": line.axis.value.lower(),
        "event_time": None if line.person_time is None else line.person_time.isoformat(),
        "recorded_at": line.server_time.isoformat(),
        "source": line.source.value,
        "notice_id": None if line.wording_id is None else str(int.from_bytes(line.wording_id, "big")),
        "hash": sealed.seal.hex(),
        "previous_hash": None if line.previous_hash is None else line.previous_hash.hex(),
    }


def _standing(state: PermissionState) -> dict[str, Any]:
    since = state.person_time or state.server_time
    return {
        "state": state.value.value,
        "reason": None if state.reason is None else state.reason.value,
        "since": None if since is None else since.isoformat(),
    }
