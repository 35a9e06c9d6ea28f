"""Moves the journal into PostgreSQL: reads a segment on from where it stands, writes, moves on, in one transaction.

Theory: how far a part of a segment is drained is a row that is locked and written in the transaction that writes its
events. So a crash anywhere leaves both or neither, and two drains of one segment wait for each other: exactly once. A
segment that is finished loses its file first and its rows second; rows without a file do no harm.

The parts of a segment (`journal.records`) are drained side by side, so that reading and deciding one goes on while
the database writes the other. They share no person and no delivery.

    what goes wrong                      becomes of the batch
    the database is away                 waits in the journal
    another transaction was in the way   is tried again in the next round
    bytes that are no record             set aside with place and reason by the reader; the line goes on
    a record that cannot be written      the batch is halved until it stands alone, then it is set aside
    no record at all can be written      that is no fault of theirs: the batch waits in the journal, others go on; a day
                                         after the last hit of its segment they are set aside after all

Source: domain.md §6, §7; scale.md.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic
from uuid import UUID

from app.actions.drain_anonymous import write_anonymous
from app.actions.drain_personal import write_personal
from app.domain.errors import Conflict
from app.instance import DatabaseAway, Instance
from app.journal.reader import JournalReader, Reading, SegmentHeld, SetAsideReason
from app.journal.records import ANONYMOUS, PERSONAL, AnonymousRecord, PersonalRecord, Record
from app.journal.segments import Segment
from app.storage import events
from app.storage.database import UNWRITABLE, Connection

logger = logging.getLogger(__name__)

Batch = Sequence[tuple[int, Record]]
"""Records with the offset behind each."""
Write = Callable[[Instance, Connection, Segment, Batch[Record]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Drain(Generic[Record]):
    """Drains one of the two journals."""

    instance: Instance
    reader: JournalReader[Record]
    write: Write[Record]
    stuck: set[UUID] = field(default_factory=set)
    """Segments of which it was said that no record of theirs can be written."""

    async def once(self) -> int:
        """Drains everything that is there now; returns how many records that was.

        A segment that fails holds up none behind it; its error is raised when all have had their turn.
        """
        drained, failures = 0, []
        for segment in self.reader.segments():
            try:
                drained += await self._segment(segment)
            except DatabaseAway:
                raise
            except Exception as failure:  # noqa: BLE001  It is raised below.
                failures.append(failure)
        if failures:
            raise failures[0]
        return drained

    async def _segment(self, segment: Segment) -> int:
        async with self.instance.database.connection() as connection:
            positions = await events.positions(connection, segment.id)
        ahead: _Ahead[Record] = {}
        parts = [
            _Part(self, segment, ahead, part, positions.get(part, 0)) for part in range(self.reader.parts)
        ]
        failures = await asyncio.gather(*(part.drain() for part in parts), return_exceptions=True)
        for failure in failures:
            if failure is not None:
                raise failure
        if all(part.finished for part in parts):
            await self._remove(segment)
        return sum(part.drained for part in parts)

    async def _remove(self, segment: Segment) -> None:
        try:
            self.reader.remove(segment)
        except SegmentHeld:
            return
        async with self.instance.database.transaction() as connection:
            await connection.execute(events.SQL.forget_segment, segment.id)


_Ahead = dict[tuple[int, int], Reading[Record]]
"""What one part has read on behalf of the others, by part and the offset from which it was read."""


@dataclass(slots=True)
class _Part(Generic[Record]):
    """One part of a segment while it is drained, from `position` on."""

    line: Drain[Record]
    segment: Segment
    ahead: _Ahead[Record]
    number: int
    position: int
    drained: int = 0
    finished: bool = False

    async def drain(self) -> None:
        """Drains what is there now."""
        while (reading := self._read()) is not None:
            moves = reading.offset > self.position
            if moves and not await self._written(reading.records, reading.offset):
                return
            for aside in reading.set_aside:
                _log_set_aside(aside.end - aside.start, aside.reason)
            self.finished = reading.finished
            if self.finished or not moves:
                return
            # The other part has its turn, whether or not this one had anything to wait for.
            await asyncio.sleep(0)

    def _read(self) -> Reading[Record] | None:
        read = self.ahead.pop((self.number, self.position), None)
        if read is not None:
            return read
        try:
            readings = self.line.reader.read_parts(self.segment, self.position)
        except FileNotFoundError:
            return None
        except OSError as error:
            # Handled here: further up it would read as the database being away, and stop all draining.
            reason = error.strerror or type(error).__name__
            if self.number == 0:
                logger.error("Segment %s of the journal cannot be read now: %s", self.segment.id, reason)  # noqa: TRY400
            return None
        # Only the last reading is kept: whoever is far behind reads for themselves.
        self.ahead.clear()
        self.ahead.update({(part, self.position): each for part, each in enumerate(readings)})
        return self.ahead.pop((self.number, self.position))

    async def _written(self, records: Batch[Record], end: int) -> bool:
        """Writes these records and moves on to `end`; whether it did, and nobody else was there first."""
        try:
            async with self.line.instance.database.transaction() as connection:
                refused = await self._moved(connection, records, end)
        except Conflict:
            # Somebody else was in the way; nothing was written, and the next round reads on from here.
            return False
        except _AllRefused:
            self._tell_once()
            return False
        for _, record in refused:
            _log_set_aside(len(record.pack()), SetAsideReason.UNWRITABLE)
        self.position = end
        self.drained += len(records)
        return True

    def _tell_once(self) -> None:
        if self.segment.id not in self.line.stuck:
            self.line.stuck.add(self.segment.id)
            logger.error("No record of segment %s can be written; they stay in the journal.", self.segment.id)

    async def _moved(
        self, connection: Connection, records: Batch[Record], end: int
    ) -> list[tuple[int, Record]]:
        """Writes and moves on in the caller's transaction; returns what had to be left out. Raises Conflict."""
        now = self.line.instance.clock()
        if not await events.hold(connection, self.segment.id, self.number, self.position, now):
            raise Conflict
        # Whoever removes a finished segment takes its file first: without it, the place was forgotten and begins anew.
        if not self.segment.path.exists():
            raise Conflict
        refused = await self._refused(connection, records)
        if 1 < len(refused) == len(records) and not self._past_hope(now):
            raise _AllRefused
        await connection.execute(events.SQL.advance, self.segment.id, self.number, end)
        return refused

    async def _refused(self, connection: Connection, records: Batch[Record]) -> list[tuple[int, Record]]:
        """Writes these records; those that cannot be written are left out and returned."""
        if not records:
            return []
        try:
            async with connection.transaction():
                await self.line.write(self.line.instance, connection, self.segment, records)
        except UNWRITABLE:
            if len(records) == 1:
                return list(records)
            middle = len(records) // 2
            refused = await self._refused(connection, records[:middle])
            refused += await self._refused(connection, records[middle:])
            return refused
        return []

    def _past_hope(self, now: datetime) -> bool:
        """Whether nothing was added to the segment for so long that whatever else was broken is whole again."""
        return now.timestamp() - self.segment.path.stat().st_mtime > _HOPE.total_seconds()


_HOPE = timedelta(days=1)


class _AllRefused(Exception):
    """Several records and none that can be written: that is not the records' fault, so nothing of them is given up."""


def _log_set_aside(size: int, reason: SetAsideReason) -> None:
    """The bytes themselves are not kept: they may be personal, and nobody could decide about them."""
    logger.error("Set aside %d bytes of the journal: %s", size, reason)


Lines = tuple[Drain[PersonalRecord], Drain[AnonymousRecord]]


def drains(instance: Instance, data: Path) -> Lines:
    """The drains of both journals under a data folder. They never share a transaction (domain.md §7)."""
    return (
        Drain(instance, JournalReader(data, PERSONAL), write_personal),
        Drain(instance, JournalReader(data, ANONYMOUS), write_anonymous),
    )
