"""Exports: what can be taken along as a file, by whom, and for how long the file is kept.

    kind          holds                                                    must name      may name              needs
    CAMPAIGN      the people of a mailing, and what came of it             mailing        -                     reports:read, mailings:read
    EVENT_LOG     the events of a channel                                  channel        mailing, from, to     reports:read
    SUBSCRIBERS   subscribers with permission and attributes               -              list, segment         subscribers:read
    LEDGER        changes of permission, with their hashes                 -              subscriber, from, to  subscribers:read,
                                                                                                                personal:read
    ACCESS        everything about one person, for that person (GDPR 15):  subscriber     -                     subscribers:write,
                  a zip                                                                                         personal:read

Whoever narrows an export must not get a wider one, so what a kind cannot name is refused. ACCESS shows what no other
reader sees: rows that a NO hides, and what somebody else's one-to-one mail was met with; whoever asks for it acts for the
person, so it takes what `preferencesUrl` takes. All others are made with the eyes of who asks, and are taken with the
same: personal:read if they had it, and the user's own token if one-to-one mail is in it. A file is what was known when it
was made. Source: contract.md (exports); domain.md §6, §7, §8, §11.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import Any
from uuid import UUID

from app.domain.errors import InvalidValue
from app.domain.imports import MARK_OF_ATTRIBUTE, MEANT_BY_NAME
from app.domain.modes import Channel


@unique
class ExportKind(StrEnum):
    """What an export holds, by the table at the top."""

    CAMPAIGN = "CAMPAIGN"
    EVENT_LOG = "EVENT_LOG"
    SUBSCRIBERS = "SUBSCRIBERS"
    ACCESS = "ACCESS"
    LEDGER = "LEDGER"

    @property
    def ending(self) -> str:
        """What the name of its file ends with."""
        return ".zip" if self is ExportKind.ACCESS else ".csv"


SCOPES: Mapping[ExportKind, frozenset[str]] = {
    ExportKind.CAMPAIGN: frozenset({"reports:read", "mailings:read"}),
    ExportKind.EVENT_LOG: frozenset({"reports:read"}),
    ExportKind.SUBSCRIBERS: frozenset({"subscribers:read"}),
    ExportKind.LEDGER: frozenset({"subscribers:read", "personal:read"}),
    ExportKind.ACCESS: frozenset({"subscribers:write", "personal:read"}),
}
"""What asking for an export takes, and downloading it."""

COLUMNS: Mapping[ExportKind, tuple[str, ...]] = {
    ExportKind.CAMPAIGN: (
        "email", "ip", "sent_at", "delivered_at", "measured_opens", "first_opened_at", "opens", "measured_clicks",
        "clicks", "links",
    ),
    ExportKind.EVENT_LOG: (
        "event", "occurred_at", "sent_at", "template_id", "email", "message_id", "link",
    ),
    ExportKind.SUBSCRIBERS: ("email", "permission_opens", "permission_clicks", "reason", "since"),
    ExportKind.LEDGER: (
        "server_time", "subscriber_id", "number", "axis", "from", "to", "reason", "person_time", "source", "actor",
        "wording_id", "merged_head", "previous_hash", "hash",
    ),
}  # fmt: skip
"""The first line of each file. SUBSCRIBERS goes on with the account's attributes, as `column_of_attribute` names them."""

OTHER_ATTRIBUTES = "other_attributes"
"""The last column of SUBSCRIBERS where there are more attributes than columns: the rest of a person's, as JSON."""

_TAKEN = frozenset({*COLUMNS[ExportKind.SUBSCRIBERS], OTHER_ATTRIBUTES}) | MEANT_BY_NAME

FOLDER = "exports"
"""The folder of their files in the data folder."""

PACKED = ".gz"
"""What the name of a packed file ends with, beside the file itself."""

KEPT_FOR = timedelta(hours=24)
"""As long as a fresh link to one's own data works."""


def column_of_attribute(name: str) -> str:
    """What an attribute's column is called: its name, marked where a reader, or an import, could take it for another column.

    Whoever fills in a form may choose names. No two attributes have one column, and imports know the mark.
    """
    lowered = name.strip().lower()
    return MARK_OF_ATTRIBUTE + name if lowered in _TAKEN or lowered.startswith(MARK_OF_ATTRIBUTE) else name


def is_kept(made_at: datetime | None, now: datetime) -> bool:
    """Whether the file of an export made then is there to be downloaded."""
    return made_at is not None and now - made_at < KEPT_FOR


@dataclass(frozen=True, slots=True)
class WantedExport:
    """What somebody wants as a file; times are `since` ≤ t < `until`. `byte_order_mark` is for CSV alone."""

    kind: ExportKind
    mailing_id: int | None = None
    channel: Channel | None = None
    segment_id: int | None = None
    list_id: int | None = None
    subscriber_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    byte_order_mark: bool = False


_MUST: Mapping[ExportKind, frozenset[str]] = {
    ExportKind.CAMPAIGN: frozenset({"mailing_id"}),
    ExportKind.EVENT_LOG: frozenset({"channel"}),
    ExportKind.SUBSCRIBERS: frozenset(),
    ExportKind.LEDGER: frozenset(),
    ExportKind.ACCESS: frozenset({"subscriber_id"}),
}
_MAY: Mapping[ExportKind, frozenset[str]] = {
    ExportKind.CAMPAIGN: frozenset(),
    ExportKind.EVENT_LOG: frozenset({"mailing_id", "since", "until"}),
    ExportKind.SUBSCRIBERS: frozenset({"list_id", "segment_id"}),
    ExportKind.LEDGER: frozenset({"subscriber_id", "since", "until"}),
    ExportKind.ACCESS: frozenset(),
}
_WORDS = {"mailing_id": "a mailing", "channel": "a channel", "subscriber_id": "a person"}
_NAMES = {"since": "from", "until": "to"}
_FIELDS = ("mailing_id", "channel", "segment_id", "list_id", "subscriber_id", "since", "until")


def check(wanted: WantedExport) -> None:
    """Raises `InvalidValue` where an export lacks what its kind must name, or names what it cannot."""
    named = [name for name in _FIELDS if getattr(wanted, name) is not None]
    for name in named:
        if name not in _MUST[wanted.kind] | _MAY[wanted.kind]:
            message = f"An export of the kind {wanted.kind.value} cannot be narrowed by this. Leave it out."
            raise InvalidValue(message, path=(_NAMES.get(name, name),))
    if wanted.byte_order_mark and wanted.kind is ExportKind.ACCESS:
        message = "An export of the kind ACCESS is a zip, which has no byte order mark. Leave it out."
        raise InvalidValue(message, path=("byte_order_mark",))
    for name in sorted(_MUST[wanted.kind].difference(named)):
        message = f"An export of the kind {wanted.kind.value} needs {_WORDS[name]}. Name it."
        raise InvalidValue(message, path=(name,))
    if wanted.since is not None and wanted.until is not None and wanted.since >= wanted.until:
        raise InvalidValue("This time must be later than from.", path=("to",))


def to_document(wanted: WantedExport) -> dict[str, Any]:
    """What a job needs to know, as JSON. Kind and person are not in it: they stand in the export's own row."""
    found = {
        "mailing": wanted.mailing_id,
        "channel": wanted.channel and wanted.channel.value,
        "segment": wanted.segment_id,
        "list": wanted.list_id,
        "from": wanted.since and wanted.since.isoformat(),
        "to": wanted.until and wanted.until.isoformat(),
        "byteOrderMark": wanted.byte_order_mark or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def from_document(kind: ExportKind, subscriber_id: UUID | None, document: Mapping[str, Any]) -> WantedExport:
    """The reverse of `to_document`."""

    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(document[name]) if name in document else None

    return WantedExport(
        kind,
        mailing_id=document.get("mailing"),
        channel=Channel(document["channel"]) if "channel" in document else None,
        segment_id=document.get("segment"),
        list_id=document.get("list"),
        subscriber_id=subscriber_id,
        since=moment("from"),
        until=moment("to"),
        byte_order_mark=document.get("byteOrderMark", False),
    )


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """An export as its job finds it: for whom it is made, and whether their eyes see people."""

    account_id: int
    user_id: int | None
    sees_people: bool
    wanted: WantedExport


Write = Callable[[bytes], Coroutine[Any, Any, None]]
"""Takes the next bytes of a file."""


@dataclass(frozen=True, slots=True)
class Pourable:
    """What is in a file, ready to be poured: about how many lines it has, and what pours them and counts them."""

    lines: int
    pour: Callable[[Write], Coroutine[Any, Any, int]]
