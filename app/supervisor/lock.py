"""One instance per data folder: a `flock` on the file `lock`, which the kernel drops at any kind of death.

The text in the file only tells people who holds it; the lock alone decides, so a stale text harms nobody. The
descriptor is not inherited: children that outlive a killed instance are ended by `leftovers`, not waited for.
"""

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from app.supervisor.errors import AlreadyRunning

LOCK_FILE = "lock"


class InstanceLock:
    """A context manager that holds the lock of one data folder.

    Raises:
        AlreadyRunning: on entering, when another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = -1

    def acquire(self) -> None:
        """Takes the lock, for those who must know about a refusal before they enter.

        Raises:
            AlreadyRunning: when another process holds it.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 100, 0).decode(errors="replace").strip() or "starting"
            os.close(descriptor)
            raise AlreadyRunning(
                f"Assent is already running on this data folder ({holder}): {self._folder}"
            ) from None
        self._descriptor = descriptor
        self._sign()

    def __enter__(self) -> Self:
        if self._descriptor < 0:
            self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def _sign(self) -> None:
        since = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"pid {os.getpid()}, since {since}\n".encode(), 0)
