"""What an import writes: people, lines of the ledger and flaws, thousands at a time.

Everything goes by COPY: into a temporary table and from there with one statement, or straight into a table where
nothing can clash, as with lines of people who are locked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import asyncpg

from app.domain.imports import Flaw
from app.domain.ledger import SALT_BYTES, SEAL_BYTES, SUBSCRIBER_BYTES, LedgerLine
from app.domain.modes import MembershipStatus
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
_NEW = (
    "account_id", "created_at", "changed_at", "ledger_length",
    *(f"{axis}_{part}" for axis in ("opens", "clicks")
      for part in ("value", "reason", "person_time", "server_time", "source", "by_person", "withdrawal")),
    "id", "address_id", "address", "attributes", "opens_hash", "clicks_hash", "ledger_head",
)  # fmt: skip
_PLACE = ("list_id", "account_id", "status", "changed_at", "subscriber_id")
_ERROR = ("job_id", "row_number", "ordinal", "column_name", "code", "message")

_SUBSCRIBER = copying.length(SUBSCRIBER_BYTES)
_INTEGER = copying.length(4)
_SALT = copying.length(SALT_BYTES)
_SEAL = copying.length(SEAL_BYTES)
_NO_NOTE = NULL * 3


@dataclass(slots=True)  # Not frozen, as `ImportRow`.
class PersonRecord:
    """One person of a batch as they stand after it; `attributes` is a JSON object, as text."""

    id: UUID
    address: str
    attributes: bytes
    permissions: Permissions
    ledger_length: int
    ledger_head: bytes


@dataclass(slots=True)
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


def shared_fields_of_new(account_id: int, permissions: Permissions, lines: int, now: datetime) -> bytes:
    """What new people have in common who stand at the same permissions, by so many lines: see `new_row`."""
    states = (permissions.opens, permissions.clicks)
    return b"".join((
        copying.fields(len(_NEW)), number(account_id, 8), time(now) * 2, number(lines, 4),
        *(
            _state(each.value, each.reason, each.person_time, each.server_time, each.source, each.by_person)
            + text(each.withdrawal)
            for each in states
        ),
    ))  # fmt: skip


def new_row(
    shared: bytes, person: bytes, address: bytes, attributes: bytes, opens: bytes, clicks: bytes, head: bytes
) -> bytes:
    """One new person for `add_new`: `opens`, `clicks` and `head` are seals, empty where there is none."""
    return b"".join((
        shared, _SUBSCRIBER, person, _SUBSCRIBER, person, raw(address), copying.jsonb(attributes),
        raw(opens), raw(clicks), raw(head),
    ))  # fmt: skip


async def known_of(connection: Connection, account_id: int, people: Iterable[bytes]) -> set[bytes]:
    """Those whose ids lead to somebody: a subscriber, one who was moved elsewhere, or one who was erased."""
    rows = await connection.fetch(SQL.known, account_id, _array(people))
    return {row["id"].bytes for row in rows}


async def gone_of(connection: Connection, account_id: int, people: Iterable[bytes]) -> bool:
    """Whether one of these people, who are subscribers, was moved elsewhere or erased meanwhile."""
    return await connection.fetchval(SQL.gone, account_id, _array(people)) is not None


async def add_new(connection: Connection, rows: Sequence[bytes]) -> bool:
    """Adds people, made by `new_row`; adds nobody, and says so by False, where one of them is there meanwhile."""
    try:
        async with connection.transaction():
            await copying.copy(connection, "subscriber", _NEW, rows)
    except asyncpg.UniqueViolationError:
        return False
    return True


async def add_places(
    connection: Connection, account_id: int, list_id: int, people: Iterable[bytes], now: datetime
) -> None:
    """Puts people on a list who were added in this transaction, so that they cannot have a place yet."""
    shared = b"".join((
        copying.fields(len(_PLACE)), number(list_id, 8), number(account_id, 8), text(MembershipStatus.SUBSCRIBED), time(now),
        _SUBSCRIBER,
    ))  # fmt: skip
    await copying.copy(connection, "membership", _PLACE, [shared + person for person in people])


def _array(people: Iterable[bytes]) -> str:
    # An array as text: thousands of UUIDs would be as many objects.
    return "{" + ",".join(map(bytes.hex, people)) + "}"


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
