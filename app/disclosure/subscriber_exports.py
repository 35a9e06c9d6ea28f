"""The file of subscribers with their permission: all of an account, of a list, of a segment (C9).

Without `personal:read` every contact reads "Anonymized contact", no attribute has a column, `since` is empty, and neither
list nor segment narrows it, but for a segment on answers alone; as in `disclosure.segments`. Source: domain.md §9, §11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.disclosure.export_files import beginning, eyes_of
from app.disclosure.reader import Reader
from app.disclosure.segments import must_see_answers
from app.domain.errors import NotFound
from app.domain.exports import (
    COLUMNS,
    OTHER_ATTRIBUTES,
    ExportKind,
    ExportOrder,
    Pourable,
    Write,
    column_of_attribute,
)
from app.instance import Instance
from app.storage import accounts, csv_lines, exports, segments
from app.storage.database import Connection
from app.storage.subscriber_lines import SubscriberLines, Taken

MOST_ATTRIBUTES = 1_000
"""Columns of attributes; PostgreSQL returns at most 1,664 in all. Whoever fills in a form may make up names, so more are no error."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """The names that have a column each, and whether there are more, which stand in one column together."""

    names: Sequence[str] = ()
    are_more: bool = False


async def subscribers_file(instance: Instance, order: ExportOrder) -> Pourable:
    """The file, ready to be poured. Raises `NotFound`, and `Forbidden` for list and segment."""
    reader = eyes_of(instance, order)
    if order.wanted.list_id is not None:
        reader.must_see_people("list_id")
    async with instance.database.snapshot() as connection:
        attributes, count = (
            await _attributes(reader, connection) if reader.sees_people else (Attributes(), None)
        )
        if count is None or order.wanted.list_id is not None:
            count = await connection.fetchval(
                exports.SQL.subscribers, reader.account_id, order.wanted.list_id
            )
    return Pourable(count, partial(_pour, reader, order, attributes))


async def _pour(reader: Reader, order: ExportOrder, attributes: Attributes, write: Write) -> int:
    columns = [*COLUMNS[ExportKind.SUBSCRIBERS], *map(column_of_attribute, attributes.names)]
    if attributes.are_more:
        columns.append(OTHER_ATTRIBUTES)
    async with reader.instance.database.snapshot() as connection:
        lines = await _lines(reader, order, attributes, connection)
        await write(beginning(order, columns))
        if lines.taken is not None:
            await connection.execute(segments.SETTLED_FOR_ALL)
        return await csv_lines.pour_composed(connection, lines.query(), write)


async def _lines(
    reader: Reader, order: ExportOrder, attributes: Attributes, connection: Connection
) -> SubscriberLines:
    settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    return SubscriberLines(
        segments.question_of(reader.account_id, reader.principal.user_id, settings, reader.now),
        sees_people=reader.sees_people,
        attributes=attributes.names,
        are_more=attributes.are_more,
        list_id=order.wanted.list_id,
        taken=await _taken(reader, order.wanted.segment_id, connection),
    )


async def _attributes(reader: Reader, connection: Connection) -> tuple[Attributes, int]:
    """What has columns, and how many people there are: in one pass, where some have what all have."""
    names = await _names(connection, exports.SQL.some_attribute_names, reader.account_id)
    (row,) = await connection.fetch(exports.SQL.other_attributes, reader.account_id, names)
    if row["others"] or len(names) > MOST_ATTRIBUTES:
        names = await _names(connection, exports.SQL.attribute_names, reader.account_id)
    return Attributes(sorted(names[:MOST_ATTRIBUTES]), len(names) > MOST_ATTRIBUTES), row["people"]


async def _names(connection: Connection, query: str, account_id: int) -> list[str]:
    return [row["name"] for row in await connection.fetch(query, account_id, MOST_ATTRIBUTES + 1)]


async def _taken(reader: Reader, segment_id: int | None, connection: Connection) -> Taken | None:
    if segment_id is None:
        return None
    rows = await segments.by_ids(connection, reader.account_id, [segment_id])
    if segment_id not in rows:
        message = "There is no such segment, or none any more."
        raise NotFound(message, path=("segment_id",))
    row = rows[segment_id]
    must_see_answers(reader, row.rule, "segment_id")
    return Taken(row.rule, row.include_unmeasured)
