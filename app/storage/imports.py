"""What an import writes: people, lines of the ledger and flaws, thousands at a time.

Everything goes by COPY: into a temporary table and from there with one statement, or straight into a table where
nothing can clash, as with lines of people who are locked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from app.domain.imports import Flaw
from app.domain.ledger import SALT_BYTES, SEAL_BYTES, SUBSCRIBER_BYTES, LedgerLine
from app.domain.permission import Permission, PermissionSource, Reason
from app.domain.precedence import Permissions
from app.storage import copying
from app.storage.copying import NULL, boolean, number, raw, text, time
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("imports")

_LINE = (
    "account_id", "axis", "from_value", "to_value", "reason", "person_time", "server_time", "source", "actor",
    "by_person", "version", "subscriber_id", "number", "actor_salt", "actor_digest", "note", "note_salt",
    "note_digest", "previous_hash", "hash",
)  # fmt: skip
_PERSON = (
    "known", "id", "address", "attributes", "ledger_length", "ledger_head",
    *(f"{axis}_{part}" for axis in ("opens", "clicks")
      for part in ("value", "reason", "person_time", "server_time", "source", "by_person", "hash")),
)  # fmt: skip
_ERROR = ("job_id", "row_number", "ordinal", "column_name", "code", "message")

_SUBSCRIBER = copying.length(SUBSCRIBER_BYTES)
_INTEGER = copying.length(4)
_SALT = copying.length(SALT_BYTES)
_SEAL = copying.length(SEAL_BYTES)
_NO_NOTE = NULL * 3


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person of a batch as they stand after it; `attributes` is a JSON object, as text."""

    id: UUID
    address: str
    attributes: bytes
    permissions: Permissions
    ledger_length: int
    ledger_head: bytes


@dataclass(frozen=True, slots=True)
class Salted:
    """A text with its salt and the digest of both, as `ledger.SaltedText` holds them."""

    text: bytes
    salt: bytes
    digest: bytes


def shared_fields(account_id: int, line: LedgerLine, actor: str) -> bytes:
    """What ledger lines of one form have in common, made once: see `line_row`."""
    return b"".join((
        copying.fields(len(_LINE)),
        number(account_id, 8),
        *map(text, (line.axis, line.from_value, line.to_value, line.reason)),
        time(line.person_time),
        time(line.server_time),
        text(line.source),
        text(actor),
        boolean(line.by_person),
        number(line.version, 2),
    ))  # fmt: skip


def line_row(
    shared: bytes,
    subscriber: bytes,
    line_number: int,
    actor_salt: bytes,
    actor_digest: bytes,
    note: Salted | None,
    previous: bytes,
    seal: bytes,
) -> bytes:
    """One ledger line for `append_lines`; `previous` is the seal of the line before, empty for the first."""
    return b"".join((
        shared, _SUBSCRIBER, subscriber, _INTEGER, line_number.to_bytes(4, "big"), _SALT, actor_salt, _SEAL, actor_digest,
        _NO_NOTE if note is None else raw(note.text) + _SALT + note.salt + _SEAL + note.digest,
        _SEAL + previous if previous else NULL, _SEAL, seal,
    ))  # fmt: skip


async def write_people(
    connection: Connection, account_id: int, people: Iterable[PersonRecord], now: datetime, *, known: bool
) -> set[UUID]:
    """Adds people, or updates those who are `known` and locked; returns the ids of those who were added.

    A batch makes its temporary table first, with `SQL.make_batch`. Where somebody else adds the same person at the
    same time, that one stands and the id is not returned.
    """
    start = copying.fields(len(_PERSON)) + boolean(known)
    await copying.copy(connection, "import_batch", _PERSON, [_person(start, each) for each in people])
    if known:
        await connection.execute(SQL.update_known, now)
        return set()
    rows = await connection.fetch(SQL.insert_new, account_id, now)
    return {row["id"] for row in rows}


async def append_lines(connection: Connection, lines: Sequence[bytes]) -> None:
    """Adds ledger lines, made by `line_row`, of people who are locked or were added in this transaction."""
    await copying.copy(connection, "permission_line", _LINE, lines)


async def add_errors(
    connection: Connection, job_id: int, flaws: Iterable[tuple[int, Sequence[Flaw]]]
) -> None:
    """Keeps the flaws of rows, by row number, for download."""
    records = [
        (job_id, row_number, ordinal, flaw.column, flaw.code.value, flaw.message)
        for row_number, found in flaws
        for ordinal, flaw in enumerate(found)
    ]
    if records:
        await connection.copy_records_to_table("import_error", records=records, columns=_ERROR)


def _person(start: bytes, person: PersonRecord) -> bytes:
    opens, clicks = person.permissions.opens, person.permissions.clicks
    return b"".join((
        start, _SUBSCRIBER, person.id.bytes, raw(person.address.encode()), raw(person.attributes),
        _INTEGER, person.ledger_length.to_bytes(4, "big"), raw(person.ledger_head),
        _state(opens.value, opens.reason, opens.person_time, opens.server_time, opens.source, opens.by_person),
        raw(opens.line_hash),
        _state(clicks.value, clicks.reason, clicks.person_time, clicks.server_time, clicks.source, clicks.by_person),
        raw(clicks.line_hash),
    ))  # fmt: skip


@lru_cache(maxsize=4096)
def _state(
    value: Permission,
    reason: Reason | None,
    person_time: datetime | None,
    server_time: datetime | None,
    source: PermissionSource | None,
    by_person: bool,
) -> bytes:
    words = (text(value), text(reason), time(person_time), time(server_time), text(source))
    return b"".join((*words, boolean(by_person)))
