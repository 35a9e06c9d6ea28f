"""Moves the journal into PostgreSQL: reads a segment on from where it stands, writes, moves on, in one transaction.

Theory: how far a segment is drained is a row that is locked and written in the transaction that writes its events.
So a crash anywhere leaves both or neither, and two drains of one segment wait for each other: exactly once. A
segment that is finished loses its file first and its row second; a row without a file does no harm.

What cannot be read is set aside with its reason by the journal's reader and never stops the line.
Source: domain.md §6, §7; scale.md.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from app.actions.drain_anonymous import write_anonymous
from app.actions.drain_personal import write_personal
from app.domain.errors import Conflict
from app.instance import Instance
from app.journal.reader import JournalReader, Reading, SegmentHeld
from app.journal.records import ANONYMOUS, PERSONAL, AnonymousRecord, PersonalRecord, Record
from app.journal.segments import Segment
from app.storage import events
from app.storage.database import Connection

logger = logging.getLogger(__name__)

Write = Callable[[Instance, Connection, Segment, list[tuple[int, Record]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Drain(Generic[Record]):
    """Drains one of the two journals."""

    instance: Instance
    reader: JournalReader[Record]
    write: Write[Record]

    async def once(self) -> int:
        """Drains everything that is there now; returns how many records that was."""
        return sum([await self._segment(segment) for segment in self.reader.segments()])

    async def _segment(self, segment: Segment) -> int:
        count = 0
        while True:
            try:
                reading = await self._step(segment)
            except Conflict:
                # Somebody else was in the way; nothing was written, and the next round reads on from here.
                return count
            if reading is None:
                return count
            count += len(reading.records)
            if reading.finished:
                await self._remove(segment)
                return count
            if not reading.records and not reading.set_aside:
                return count

    async def _step(self, segment: Segment) -> Reading[Record] | None:
        async with self.instance.database.transaction() as connection:
            now = self.instance.clock()
            position = await events.position(connection, segment.id, now)
            try:
                reading = self.reader.read(segment, position)
            except FileNotFoundError:
                return None
            except OSError as error:
                # Handled here: beyond the transaction it would read as the database being away, and stop all draining.
                reason = error.strerror or type(error).__name__
                logger.error("Segment %s of the journal cannot be read now: %s", segment.id, reason)  # noqa: TRY400
                return None
            for aside in reading.set_aside:
                logger.error("Set aside %d bytes of the journal: %s", aside.end - aside.start, aside.reason)
            if reading.records:
                await self.write(self.instance, connection, segment, reading.records)
            if reading.offset > position:
                await connection.execute(events.SQL.advance, segment.id, reading.offset, now)
            return reading

    async def _remove(self, segment: Segment) -> None:
        try:
            self.reader.remove(segment)
        except SegmentHeld:
            return
        async with self.instance.database.transaction() as connection:
            await connection.execute(events.SQL.forget_segment, segment.id)


def drains(instance: Instance, data: Path) -> tuple[Drain[PersonalRecord], Drain[AnonymousRecord]]:
    """The drains of both journals under a data folder. They never share a transaction (domain.md §7)."""
    return (
        Drain(instance, JournalReader(data, PERSONAL), write_personal),
        Drain(instance, JournalReader(data, ANONYMOUS), write_anonymous),
    )
