"""The thread that alone touches the disk for one journal, and the segment that it writes.

Theory: the file is open with O_DSYNC, so a write returns when what it wrote survives a power cut, as a write and an
fdatasync would. It is one call: a thread that comes back from the system has to wait until the interpreter is free, and
under load that wait is longer than the disk's. For the same reason the thread is told what to do through the plainest
queue there is, and tells the loop by one call.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar
from uuid import UUID, uuid4

from app.journal.records import JournalKind
from app.journal.segments import SUFFIX, header, hold, make_folder, sync_folder

_OPENED = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_DSYNC

Result = TypeVar("Result")


class DiskThread:
    """Does one thing after the other, from the first on that it is given. A hanging disk keeps no process alive."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._started = False

    def run(
        self, work: Callable[[], Result], done: Callable[[Result | None, BaseException | None], None]
    ) -> None:
        """Does the work; `done` is then told its result or its error in the loop that runs now."""
        loop = asyncio.get_running_loop()

        def task() -> None:
            result, error = None, None
            try:
                result = work()
            except BaseException as failure:  # noqa: BLE001  whatever it was, the loop must hear of it
                error = failure
            # A loop that is closed has nobody left who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(done, result, error)

        self.leave(task)

    def leave(self, work: Callable[[], None]) -> None:
        """Does the work behind everything else, and tells nobody."""
        if not self._started:
            self._started = True
            Thread(target=self._work, name=self._name, daemon=True).start()
        self._tasks.put(work)

    def end(self) -> None:
        """Ends the thread behind everything else."""
        if self._started:
            self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()


class SegmentFile:
    """The segment being written, opened by the first batch that needs one. Used by the writer's thread only."""

    def __init__(self, folder: Path, kind: JournalKind[Any], size_limit: int) -> None:
        self._folder = folder
        self._kind = kind
        self._size_limit = size_limit
        self._descriptor: int | None = None
        self._size = 0

    def write(self, content: bytes) -> bool:
        """Makes frames durable; whether the segment stays open. A failure leaves no segment open."""
        try:
            descriptor = self._opened()
            self._size += _write_all(descriptor, content)
        except BaseException:
            self.close()
            raise
        if self._size >= self._size_limit:
            self.close()
        return self._descriptor is not None

    def close(self) -> None:
        """Ends the segment, if one is open, and with it the lock. What had to be durable already is."""
        descriptor, self._descriptor, self._size = self._descriptor, None, 0
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)

    def _opened(self) -> int:
        if self._descriptor is None:
            make_folder(self._folder)
            self._descriptor = self._created(uuid4())
        return self._descriptor

    def _created(self, segment: UUID) -> int:
        """A new segment: locked and with its header before it gets the name by which readers find it."""
        draft = self._folder / f"{segment.hex}.draft"
        descriptor = os.open(draft, _OPENED, 0o600)
        try:
            hold(descriptor)
            self._size = _write_all(descriptor, header(self._kind, segment))
            draft.rename(draft.with_suffix(SUFFIX))
            sync_folder(self._folder)
        except BaseException:
            os.close(descriptor)
            draft.unlink(missing_ok=True)
            raise
        return descriptor


def _write_all(descriptor: int, content: bytes) -> int:
    """Writes everything, however many calls it takes; the number of bytes."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return len(content)
