"""Reads segments while they are written and after, from wherever the reader left off, and removes them.

Theory: whether a segment can still grow is asked before it is read (`segments.py`), so `finished` is never
said of a file that had a record more. What cannot be read is set aside with its place and a reason, and the
records behind it are read all the same.
"""

import os
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto, unique
from pathlib import Path
from typing import Final, Generic, assert_never
from uuid import UUID

from app.journal.records import JournalKind, Record, RecordError
from app.journal.segments import (
    FRAME,
    HEADER,
    LONGEST_FRAME,
    SUFFIX,
    Segment,
    announced_end,
    folder_of,
    header,
    is_held,
    sync_folder,
    unframed,
)

READ_SIZE: Final = 2 * 1024 * 1024
"""Bytes that one reading takes at most."""


@unique
class SetAsideReason(StrEnum):
    """Why bytes of a segment were not read as records, or (UNWRITABLE) why a record was not written."""

    WRONG_HEADER = "WRONG_HEADER"
    WRONG_CHECKSUM = "WRONG_CHECKSUM"
    WRONG_LAYOUT = "WRONG_LAYOUT"
    UNWRITABLE = "UNWRITABLE"


@unique
class _End(Enum):
    """What lies behind the bytes that were read: more of the file, what its writer may add, or nothing ever."""

    CUT = auto()
    HELD = auto()
    FINAL = auto()


@dataclass(frozen=True, slots=True)
class SetAside:
    """Bytes of a segment, from `start` to before `end`, that were not read as records."""

    start: int
    end: int
    reason: SetAsideReason


@dataclass(slots=True)
class Reading(Generic[Record]):
    """What one reading found: records with the offset behind each, and where to read on (`offset`).

    `finished`: nothing stands or will ever stand behind `offset`; drained, the segment can be removed.
    """

    offset: int
    finished: bool = False
    records: list[tuple[int, Record]] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)


class SegmentHeld(Exception):
    """The segment is still being written and cannot be removed."""


class JournalReader(Generic[Record]):
    """Reads one journal under `data` (`ASSENT_DATA`), whoever wrote it; keeps no state of its own."""

    def __init__(self, data: Path, kind: JournalKind[Record]) -> None:
        self._folder = folder_of(data, kind)
        self._kind: JournalKind[Record] = kind

    def segments(self) -> list[Segment]:
        """All segments, the one written to the longest time ago first."""
        dated = []
        for path in self._folder.glob(f"*{SUFFIX}"):
            try:
                dated.append((path.stat().st_mtime_ns, Segment(UUID(hex=path.stem), path)))
            except (ValueError, FileNotFoundError):
                continue  # Somebody else's file, or one that another reader has just removed.
        return [segment for _, segment in sorted(dated, key=lambda one: (one[0], one[1].id))]

    @property
    def parts(self) -> int:
        """How many parts the records of a segment fall into."""
        return self._kind.parts

    def read_parts(
        self, segment: Segment, offset: int = 0, limit: int = READ_SIZE
    ) -> tuple[Reading[Record], ...]:
        """The records from `offset` (0, or what an earlier reading returned) on, in about `limit` bytes.

        Each part by itself, from one look at the bytes; what is no record belongs to part 0. An offset beyond the file
        reads as finished: its tail was never durable. FileNotFoundError if removed.
        """
        descriptor = os.open(segment.path, os.O_RDONLY)
        try:
            held = is_held(descriptor)
            content = os.pread(descriptor, max(limit, 2 * LONGEST_FRAME), offset)
            at_end = offset + len(content) >= os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        end = _End.CUT if not at_end else _End.HELD if held else _End.FINAL
        return self._parsed(segment, content, offset, end)

    def remove(self, segment: Segment) -> None:
        """Removes a drained segment for good; SegmentHeld if its writer lives. Removing it twice is no error."""
        try:
            descriptor = os.open(segment.path, os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            if is_held(descriptor):
                raise SegmentHeld
            segment.path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
        sync_folder(self._folder)

    def _parsed(self, segment: Segment, content: bytes, base: int, end: _End) -> tuple[Reading[Record], ...]:
        """Walks the content, which begins at the file's offset `base`."""
        readings = tuple(Reading[Record](base, finished=end is _End.FINAL) for _ in range(self._kind.parts))
        position = 0 if base else self._after_header(segment, content, readings[0])
        while position < len(content):
            payload = unframed(content, position)
            if payload is not None:
                behind = position + FRAME.size + len(payload)
                reading = readings[self._kind.part(payload)]
                self._take(reading, payload, base + position, base + behind)
            else:
                behind = _behind_unreadable(content, position, end)
                if behind <= position:
                    break
                aside = SetAside(base + position, base + behind, SetAsideReason.WRONG_CHECKSUM)
                readings[0].set_aside.append(aside)
            position = behind
        for reading in readings:
            reading.offset = base + position
        return readings

    def _after_header(self, segment: Segment, content: bytes, reading: Reading[Record]) -> int:
        """Where the frames begin. A header cut short was never followed by an answered hit."""
        if len(content) >= HEADER.size and content[: HEADER.size] != header(self._kind, segment.id):
            reading.set_aside.append(SetAside(0, HEADER.size, SetAsideReason.WRONG_HEADER))
        return min(HEADER.size, len(content))

    def _take(self, reading: Reading[Record], payload: bytes, start: int, end: int) -> None:
        try:
            reading.records.append((end, self._kind.unpack(payload)))
        except RecordError:
            reading.set_aside.append(SetAside(start, end, SetAsideReason.WRONG_LAYOUT))


def _behind_unreadable(content: bytes, position: int, end: _End) -> int:
    """Where reading goes on behind bytes that are no frame; at or before `position`: nowhere, for now.

    A fitting frame further on shows that these bytes are damaged, and not merely unfinished.
    """
    for candidate in range(position + 1, len(content) - FRAME.size):
        if unframed(content, candidate) is not None:
            return candidate
    match end:
        case _End.CUT:
            return len(content) - LONGEST_FRAME
        case _End.HELD:
            return position
        case _End.FINAL:
            announced = announced_end(content, position)
            return position if announced is None or announced > len(content) else announced
        case _:
            assert_never(end)
