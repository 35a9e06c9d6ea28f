"""What a segment file looks like, where it lies, and how its writer shows that it lives.

    {data}/journal/personal/{segment id}.segment       {data}/journal/anonymous/{segment id}.segment

    header 24   magic "ASJL" 4, version 1, journal 1 (records.JournalKind), zero 2, segment id 16 (random)
    frame       length 4, CRC32 4 (of length and payload), payload 1 to 1,016 bytes

Theory: one process writes a segment and holds an exclusive `flock` on it from before it gets its name until
it writes no more; the kernel lets go of the lock however the process ends. So a locked segment may grow, an
unlocked one never will. Records only follow each other; nothing in a segment is ever changed.

    what stands at an offset                         in a locked segment     in an unlocked one
    a whole frame whose CRC fits                     a record                a record
    something else, and a fitting frame after it     set aside up to there   set aside up to there
    less than the frame announces, or zeros          not yet                 a torn tail: never answered
    a whole frame whose CRC does not fit             not yet                 set aside

The CRC covers the length, and zeros are never a frame (a length is at least 1), so a file whose tail the file
system lost is torn, not wrong.
"""

import os
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from struct import Struct
from typing import Any, Final
from uuid import UUID
from zlib import crc32

from app.journal.records import JournalKind

SUFFIX: Final = ".segment"
HEADER: Final = Struct(">4sBBH16s")
FRAME: Final = Struct(">II")
LONGEST_FRAME: Final = 1024
MAGIC: Final = b"ASJL"
VERSION: Final = 1

_LENGTH = Struct(">I")
_CHECKSUMS_OF_LENGTHS = [crc32(_LENGTH.pack(length)) for length in range(LONGEST_FRAME)]
"""What the checksum of a frame begins with; there are few lengths, and many frames."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of hits. The id is random; it is the drain's key for how far it has come."""

    id: UUID
    path: Path


def folder_of(data: Path, kind: JournalKind[Any]) -> Path:
    """Where a journal's segments lie under `ASSENT_DATA`."""
    return data / "journal" / kind.folder


def header(kind: JournalKind[Any], segment: UUID) -> bytes:
    """The first 24 bytes of a segment."""
    return HEADER.pack(MAGIC, VERSION, kind.code, 0, segment.bytes)


def framed(payload: bytes) -> bytes:
    """The payload as it stands in a segment; ValueError if it is empty or too long for a frame."""
    if not 0 < len(payload) <= LONGEST_FRAME - FRAME.size:
        raise ValueError("a frame holds 1 to 1,016 bytes")
    length = len(payload)
    return FRAME.pack(length, crc32(payload, _CHECKSUMS_OF_LENGTHS[length])) + payload


def unframed(content: bytes, offset: int) -> bytes | None:
    """The payload of the whole, fitting frame at this offset, None if there is none."""
    begin = offset + FRAME.size
    if begin > len(content):
        return None
    length, checksum = FRAME.unpack_from(content, offset)
    end = begin + length
    if not 0 < length <= LONGEST_FRAME - FRAME.size or end > len(content):
        return None
    payload = content[begin:end]
    return payload if crc32(payload, _CHECKSUMS_OF_LENGTHS[length]) == checksum else None


def announced_end(content: bytes, offset: int) -> int | None:
    """Where the frame at this offset says that it ends; None if its head is cut off or says nothing sensible."""
    if offset + FRAME.size > len(content):
        return None
    (length,) = _LENGTH.unpack_from(content, offset)
    return offset + FRAME.size + length if 0 < length <= LONGEST_FRAME - FRAME.size else None


def hold(descriptor: int) -> None:
    """Marks the open segment as being written, until the descriptor is closed."""
    flock(descriptor, LOCK_EX | LOCK_NB)


def is_held(descriptor: int) -> bool:
    """Whether some process still writes the open segment."""
    try:
        flock(descriptor, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return True
    return False


def make_folder(folder: Path) -> None:
    """Makes the folder and those above it, each durable before the next."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
