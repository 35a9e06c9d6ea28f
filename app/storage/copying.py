"""Rows as PostgreSQL's binary COPY wants them, made by hand where millions of them share most of their fields.

asyncpg encodes each value of each row; here what rows share is encoded once and joined. A row is the number of its
fields and then each field as its length (4 bytes, big-endian; -1 for NULL) and its bytes.
Source: PostgreSQL's documentation of COPY, «Binary Format».
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from app.storage.database import Connection

NULL = (-1).to_bytes(4, "big", signed=True)
_START = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = (-1).to_bytes(2, "big", signed=True)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = 86_400


def fields(count: int) -> bytes:
    """What a row of so many fields begins with."""
    return count.to_bytes(2, "big")


def length(size: int) -> bytes:
    """What stands before a field of so many bytes."""
    return size.to_bytes(4, "big")


def raw(value: bytes | None) -> bytes:
    """A field of bytea or uuid."""
    return NULL if value is None else length(len(value)) + value


def text(value: str | None) -> bytes:
    """A field of text, in UTF-8."""
    return NULL if value is None else raw(value.encode())


def jsonb(value: bytes) -> bytes:
    """A field of jsonb, of JSON as text; before it stands the number of its form, of which there is one."""
    return length(len(value) + 1) + b"\x01" + value


def number(value: int, size: int) -> bytes:
    """A field of smallint, integer or bigint, of 2, 4 or 8 bytes."""
    return length(size) + value.to_bytes(size, "big", signed=True)


def boolean(value: bool) -> bytes:
    """A field of boolean."""
    return length(1) + bytes([value])


def time(value: datetime | None) -> bytes:
    """A field of timestamptz: microseconds since 2000."""
    return NULL if value is None else number(microseconds(value), 8)


def microseconds(value: datetime) -> int:
    """A time as PostgreSQL counts it: from 2000 on."""
    since = value - _EPOCH
    return (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds


async def copy(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[bytes]) -> None:
    """Sends rows, of which each holds the fields of `columns` in their order."""
    # Closed at once, since asyncpg keeps its source in a cycle until the next collection.
    with BytesIO(b"".join((_START, *rows, _END))) as source:
        await connection.copy_to_table(table, source=source, columns=columns, format="binary")
