"""What an import writes: people, lines of the ledger and flaws, thousands at a time.

Everything goes by COPY: into a temporary table and from there with one statement, or straight into a table where
nothing can clash, as with lines of people who are locked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.imports import Flaw
from app.domain.modes import Axis
from app.domain.permission import PermissionState
from app.domain.precedence import Permissions
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("imports")

LineRecord = tuple[Any, ...]
"""One ledger line as COPY wants it, in the order of `_LINE`."""

_LINE = (
    "subscriber_id", "number", "account_id", "axis", "from_value", "to_value", "reason", "person_time", "server_time",
    "source", "actor", "actor_salt", "actor_digest", "note", "note_salt", "note_digest", "by_person", "previous_hash",
    "hash", "version",
)  # fmt: skip
_ERROR = ("job_id", "row_number", "ordinal", "column_name", "code", "message")


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person of a batch as they stand after it; `attributes` is a JSON object, as text."""

    id: UUID
    address: str
    attributes: str
    permissions: Permissions
    ledger_length: int
    ledger_head: bytes


async def write_people(
    connection: Connection, account_id: int, people: Iterable[PersonRecord], now: datetime, *, known: bool
) -> set[UUID]:
    """Adds people, or updates those who are `known` and locked; returns the ids of those who were added.

    A batch makes its temporary table first, with `SQL.make_batch`. Where somebody else adds the same person at the
    same time, that one stands and the id is not returned.
    """
    await connection.copy_records_to_table(
        "import_batch", records=[_person(each, known=known) for each in people]
    )
    if known:
        await connection.execute(SQL.update_known, now)
        return set()
    rows = await connection.fetch(SQL.insert_new, account_id, now)
    return {row["id"] for row in rows}


async def append_lines(connection: Connection, lines: Sequence[LineRecord]) -> None:
    """Adds ledger lines of people who are locked, or were added in this transaction."""
    await connection.copy_records_to_table("permission_line", records=lines, columns=_LINE)


async def add_errors(
    connection: Connection, job_id: int, flaws: Iterable[tuple[int, Sequence[Flaw]]]
) -> None:
    """Keeps the flaws of rows, by row number, for download."""
    records = [
        (job_id, number, ordinal, flaw.column, flaw.code.value, flaw.message)
        for number, found in flaws
        for ordinal, flaw in enumerate(found)
    ]
    if records:
        await connection.copy_records_to_table("import_error", records=records, columns=_ERROR)


def _person(person: PersonRecord, *, known: bool) -> tuple[Any, ...]:
    return (
        person.id,
        person.address,
        person.attributes,
        known,
        *_state(person.permissions.on(Axis.OPENS)),
        *_state(person.permissions.on(Axis.CLICKS)),
        person.ledger_length,
        person.ledger_head,
    )


def _state(state: PermissionState) -> tuple[Any, ...]:
    return (
        state.value.value,
        state.reason,
        state.person_time,
        state.server_time,
        state.source,
        state.by_person,
        state.line_hash,
    )
