"""Lines that a client sends, kept on disk while earlier ones are answered.

Many clients read no answer before everything is sent. If the sender waited for them to read, both would wait for ever;
so what comes is taken at once, into a file without a name that goes with the request, and memory holds one line.

    line      gives
    a line    its bytes, without the end of the line
    longer    `TooLong`; the next one is read as if nothing had been
    the end   None, where the client said that this was all
    cut off   `CutOff`, where it did not, or more came than may
    no room   `NoRoom`, where the disk cannot hold it; a part of it is left to the rest of the installation
    silence   `Silent`, where nothing came for too long
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from litestar.types import HTTPRequestEvent, Receive

RESERVE: Final = 1 << 30
"""Bytes of the disk that are never spooled upon: hits are written to the same one."""

PATIENCE: Final = 600.0
"""Seconds in which something has to come."""

_BLOCK = 1 << 16
_LOOK_EVERY = 1 << 20


class TooLong(Exception):
    """The line is longer than it may be; it has been passed over."""


class CutOff(Exception):
    """The client is gone, or sends more than it may (`too_much`)."""

    def __init__(self, *, too_much: bool = False) -> None:
        self.too_much = too_much
        super().__init__()


class NoRoom(Exception):
    """The disk is full, or nearly."""


class Silent(Exception):
    """The client is there, has not said everything, and says nothing."""


class Spool:
    """The body of one request."""

    def __init__(
        self, file: IO[bytes], largest: int, reserve: int = RESERVE, patience: float = PATIENCE
    ) -> None:
        """`largest` is how many bytes may come in all, `reserve` how many stay free, `patience` in seconds."""
        self._descriptor = file.fileno()
        self._largest, self._reserve, self._patience = largest, reserve, patience
        self._written = 0
        self._read = 0
        self._kept = bytearray()
        self._end: CutOff | NoRoom | None = None
        self._whole = False
        self._passed_over: int | None = None
        self._more = asyncio.Event()

    async def fill(self, receive: Receive) -> None:
        """Takes what comes until the client has said everything and is gone, or something breaks."""
        try:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    self._end = self._end or CutOff()
                    return
                self._take(message)
        finally:
            # Whoever waits for a line must learn that none comes, also where receiving failed.
            self._end = self._end or CutOff()
            self._more.set()

    def _take(self, message: HTTPRequestEvent) -> None:
        body = message.get("body") or b""
        self._more.set()
        if self._passed_over is not None:
            self._passed_over += len(body)
            self._whole = not message.get("more_body", False)
            return
        if self._written + len(body) > self._largest:
            self._end = CutOff(too_much=True)
        if self._end is None and self._kept_on_disk(body):
            self._whole = self._whole or not message.get("more_body", False)

    def _kept_on_disk(self, body: bytes) -> bool:
        after = self._written + len(body)
        looks = after // _LOOK_EVERY > self._written // _LOOK_EVERY
        if not (looks and self._free() < self._reserve):
            with contextlib.suppress(OSError):
                while self._written < after:
                    rest = body[len(body) - (after - self._written) :]
                    self._written += os.pwrite(self._descriptor, rest, self._written)
        if self._written < after:
            self._end = NoRoom()
        return self._written == after

    def _free(self) -> int:
        disk = os.fstatvfs(self._descriptor)
        return disk.f_bavail * disk.f_frsize

    async def pass_over(self, most: int, pause: float) -> None:
        """Lets a client finish that is going to be refused, without keeping any of it.

        One who reads nothing before everything is sent would otherwise find the connection broken, and no reason. It
        ends with so many bytes (`most`), or when nothing comes for so many seconds (`pause`).
        """
        self._passed_over = 0
        with contextlib.suppress(TimeoutError):
            while not self._whole and not self.gone and self._passed_over < most:
                self._more.clear()
                async with asyncio.timeout(pause):
                    await self._more.wait()

    @property
    def gone(self) -> bool:
        """Whether nobody is there any more to be answered."""
        return isinstance(self._end, CutOff) and not self._end.too_much

    async def line(self, longest: int) -> bytes | None:
        """The next line, by the table at the top. Raises `TooLong`, `CutOff`, `NoRoom` and `Silent`."""
        over = False
        while (place := self._kept.find(b"\n")) < 0 and await self._read_on():
            if len(self._kept) > longest and b"\n" not in self._kept:
                over = True
                self._kept.clear()
        if place < 0 and not self._kept and not over:
            return None
        end = len(self._kept) if place < 0 else place
        found = bytes(self._kept[:end])
        del self._kept[: end + 1]
        if over or len(found) > longest:
            raise TooLong
        return found.removesuffix(b"\r")

    async def _read_on(self) -> bool:
        """Reads another block; False where the client said that there is no more."""
        while self._read == self._written:
            if self._whole:
                return False
            if self._end is not None:
                raise self._end
            self._more.clear()
            try:
                await asyncio.wait_for(self._more.wait(), self._patience)
            except TimeoutError:
                raise Silent from None
        block = os.pread(self._descriptor, _BLOCK, self._read)
        self._read += len(block)
        self._kept += block
        return True


@contextmanager
def spooled(folder: Path, largest: int) -> Iterator[Spool]:
    """A spool whose file has no name and goes at the end."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        yield Spool(file, largest)
