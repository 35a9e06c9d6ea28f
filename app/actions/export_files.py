"""The files of exports on disk: written in blocks beside the work, packed when somebody wants them packed.

A file belongs to its owner alone. Where the disk is full, the export fails and says so.
"""

import asyncio
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import LimitExceeded
from app.domain.exports import FOLDER, PACKED
from app.instance import Instance

SAY_EVERY = 1.0
"""Seconds between two words about how far an export is."""

BLOCK = 1 << 20
"""Bytes that are written, or packed, at once."""

_GZIP = 31
"""What zlib calls its format with the header of gzip, and the largest window."""
_QUICK = 1


def folder_of(instance: Instance) -> Path:
    """Where the files lie; made for its owner alone."""
    folder = instance.data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class GrowingFile:
    """A file that is being written: bytes are gathered into blocks, which a thread writes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting = bytearray()
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Takes the next bytes. Raises `LimitExceeded` where there is no room."""
        self.size += len(data)
        self._waiting += data
        if len(self._waiting) >= BLOCK:
            await self._flush()

    async def finish(self) -> None:
        """Writes what waits, and waits until the disk has it. Raises `LimitExceeded` where there is no room."""
        await self._flush()
        await asyncio.to_thread(_settled, self._file)

    async def _flush(self) -> None:
        block, self._waiting = self._waiting, bytearray()
        await asyncio.to_thread(_written, self._file, block)


@contextmanager
def opened(path: Path) -> Iterator[GrowingFile]:
    """A new file to be written; closed at the end of the block, whole or not."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    # What could not be written is tried once more when the file is closed.
    with _room(), os.fdopen(descriptor, "wb") as file:
        yield GrowingFile(file)


def _written(file: BinaryIO, block: bytearray) -> None:
    with _room():
        _put(file, block)


def _put(file: BinaryIO, block: bytearray) -> None:
    file.write(block)


def _settled(file: BinaryIO) -> None:
    with _room():
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _room() -> Iterator[None]:
    """An error of the disk must not be taken for one of the database, after which everybody tries again."""
    try:
        yield
    except OSError:
        message = "The file could not be written: the disk of the data folder is full, or failed."
        raise LimitExceeded(message) from None


async def packed(path: Path) -> Path:
    """The file packed by gzip, beside it: made when it is first asked for. Raises `LimitExceeded` where there is no room."""
    beside = path.with_name(f"{path.name}{PACKED}")
    if not beside.is_file():
        await asyncio.to_thread(_pack, path, beside)
    return beside


def _pack(path: Path, beside: Path) -> None:
    part = beside.with_name(secrets.token_hex(16))
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with _room(), path.open("rb") as source, os.fdopen(descriptor, "wb") as target:
            packer = zlib.compressobj(_QUICK, wbits=_GZIP)
            while block := source.read(BLOCK):
                target.write(packer.compress(block))
            target.write(packer.flush())
        part.rename(beside)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if not path.exists():
        # It was taken back meanwhile.
        beside.unlink(missing_ok=True)
