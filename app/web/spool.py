"""Lines that a client sends, kept on disk while earlier ones are answered.

Many clients read no answer before everything is sent. If the sender waited for them to read, both would wait for ever;
so what comes is taken at once, into a file without a name that goes with the request, and memory holds one line.

    line      gives
    a line    its bytes, without the end of the line
    longer    `TooLong`; the next one is read as if nothing had been
    the end   None, where the client said that this was all
    cut off   `CutOff`, where it did not, or more came than may
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from litestar.types import HTTPRequestEvent, Receive

_BLOCK = 1 << 16


class TooLong(Exception):
    """The line is longer than it may be; it has been passed over."""


class CutOff(Exception):
    """The client is gone, or sends more than it may (`too_much`)."""

    def __init__(self, *, too_much: bool = False) -> None:
        self.too_much = too_much
        super().__init__()


class Spool:
    """The body of one request."""

    def __init__(self, file: IO[bytes], largest: int) -> None:
        """`largest` is how many bytes may come in all."""
        self._descriptor = file.fileno()
        self._largest = largest
        self._written = 0
        self._read = 0
        self._kept = bytearray()
        self._end: CutOff | None = None
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
        if self._end is None:
            os.pwrite(self._descriptor, body, self._written)
            self._written += len(body)
            self._whole = self._whole or not message.get("more_body", False)

    async def pass_over(self, most: int, pause: float) -> None:
        """Lets a client finish that is going to be refused, without keeping any of it.

        One who reads nothing before everything is sent would otherwise find the connection broken, and no reason. It
        ends with so many bytes (`most`), or when nothing comes for so many seconds (`pause`).
        """
        self._passed_over = 0
        with contextlib.suppress(TimeoutError):
            while not self._whole and self._end is None and self._passed_over < most:
                self._more.clear()
                async with asyncio.timeout(pause):
                    await self._more.wait()

    @property
    def gone(self) -> bool:
        """Whether nobody is there any more to be answered."""
        return self._end is not None and not self._end.too_much

    async def line(self, longest: int) -> bytes | None:
        """The next line, by the table at the top. Raises `TooLong` and `CutOff`."""
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
            await self._more.wait()
        block = os.pread(self._descriptor, _BLOCK, self._read)
        self._read += len(block)
        self._kept += block
        return True


@contextmanager
def spooled(folder: Path, largest: int) -> Iterator[Spool]:
    """A spool whose file has no name and goes at the end."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        yield Spool(file, largest)
