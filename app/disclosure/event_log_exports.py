"""The file of a channel's events: the same rows as `disclosure.event_log` shows, whoever asks (B10, B11).

    rows of                        written by
    single people                  PostgreSQL, by the rule of the log as one condition
    messages to several people     the gate of the log, a batch at a time
    nobody                         their sizes, a day at a time, newest first; shuffled within the day

A law holds the file to the log. Rows of people are in no order. What is to be shown of times of nobody are days.
Source: domain.md §6, §7, §8, §11.
"""

import asyncio
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import Any

from app.disclosure.event_log import log_part
from app.disclosure.event_log_days import days, sized_views
from app.disclosure.event_log_people import judge
from app.disclosure.event_log_views import EARLIEST, LATEST, EventView, LogPart, Start
from app.disclosure.export_files import beginning, eyes_of
from app.disclosure.reader import Reader
from app.disclosure.shuffling import shuffled
from app.domain.csv_cells import line
from app.domain.exports import COLUMNS, ExportKind, ExportOrder, Pourable, Write
from app.domain.modes import Channel
from app.instance import Instance
from app.storage import accounts, csv_lines, exports
from app.storage.database import Connection, Record

_BATCH = 1_000


async def event_log_file(instance: Instance, order: ExportOrder) -> Pourable:
    """The file, ready to be poured; of what the reader sees nothing of, it has its first line alone."""
    reader, wanted = eyes_of(instance, order), order.wanted
    channel = wanted.channel or Channel.TRANSACTIONAL
    part = await log_part(reader, channel, wanted.mailing_id, wanted.since, wanted.until)
    size = 0
    # The mails of all users are counted together: how far one's own file is would tell of the others'.
    if part is not None and (part.user_id == 0 or part.mailing_id is not None):
        rows = await instance.database.fetch(
            exports.SQL.log_size, order.account_id, part.channel.value, part.mailing_id, *_times(part)
        )
        size = rows[0]["n"]
    return Pourable(size, partial(_pour, reader, order, part, size))


def _times(part: LogPart) -> tuple[datetime, datetime]:
    return part.since or EARLIEST, part.until or LATEST


async def _pour(reader: Reader, order: ExportOrder, part: LogPart | None, size: int, write: Write) -> int:
    await write(beginning(order, COLUMNS[ExportKind.EVENT_LOG]))
    if part is None:
        return 0
    lines = 0
    if reader.sees_people:
        async with reader.instance.database.snapshot() as connection:
            await csv_lines.expect(connection, size)
            lines += await _pour_people(reader, connection, part, write)
            lines += await _pour_messages(reader, connection, part, write)
    return lines + await _pour_nobodys(reader, part, write)


def _asked(reader: Reader, part: LogPart) -> tuple[Any, ...]:
    return reader.account_id, part.channel.value, part.user_id, part.mailing_id, *_times(part)


async def _pour_people(reader: Reader, connection: Connection, part: LogPart, write: Write) -> int:
    settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    values = (*_asked(reader, part), settings.withdrawal.value)
    return await csv_lines.pour(connection, exports.SQL.log_of_people, *values, write=write)


async def _pour_messages(reader: Reader, connection: Connection, part: LogPart, write: Write) -> int:
    lines = 0
    cursor = await connection.cursor(exports.SQL.log_of_messages, *_asked(reader, part))
    while events := await cursor.fetch(_BATCH):
        lines += await _write_events(reader, connection, events, write)
    return lines


async def _write_events(reader: Reader, connection: Connection, events: list[Record], write: Write) -> int:
    judged = await judge(connection, reader.account_id, events)
    views = [each.view for each in judged]
    if views:
        await write(b"".join(line(_cells(each, each.occurred_at, each.sent_at)) for each in views))
    return len(views)


async def _pour_nobodys(reader: Reader, part: LogPart, write: Write) -> int:
    lines = 0
    async with aclosing(days(reader, part, Start())) as found:
        async for day in found:
            async with aclosing(sized_views(reader, part, day)) as sized:
                equal = [(_nobodys(view), times) async for view, times in sized]
            blocks = shuffled(equal)
            while block := await asyncio.to_thread(next, blocks, b""):
                await write(block)
            lines += sum(times for _, times in equal)
    return lines


def _nobodys(view: EventView) -> bytes:
    return line(_cells(view, view.occurred_at.date(), view.sent_at and view.sent_at.date()))


def _cells(view: EventView, occurred: object, sent: object) -> tuple[object, ...]:
    return (view.kind.value, occurred, sent, view.template_id, view.email, view.message_id, view.link)
