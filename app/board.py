"""The board: memory that all web workers of one instance share, and that nobody else keeps.

Theory: the supervisor makes an empty memory file and tells its children where it is; nothing of it is ever on a disk,
and it is gone with the processes. A worker takes the first row that no living process holds and goes on counting
where a dead one stopped, so sums never fall. Each row has one writer; numbers of 8 bytes are read and written whole.
The table of networks has many writers, who may lose a count to each other now and then: it limits, it does not bill.

    rows       1,024 of 128 numbers        what a worker counts (`metrics`)
    keys       2 of (epoch 8, key 32)      keys of network tags, by turns; an old one is written over
    networks   131,072 numbers             hits of the running minute (`tracking/networks`), no address and no tag
    budgets    65,536 numbers              until when the budgets of tokens are used up (`budgets`)

A process that no supervisor started has a board of its own.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, lockf
from mmap import mmap
from typing import Final

ROWS: Final = 1024
ROW: Final = 128
NETWORKS: Final = 1 << 17
BUDGETS: Final = 1 << 16
KEY_SIZE: Final = 32

_NUMBER = 8
_KEYS_AT = ROWS * ROW * _NUMBER
_KEY_ENTRY = _NUMBER + KEY_SIZE
_NETWORKS_AT = _KEYS_AT + 4096
_BUDGETS_AT = _NETWORKS_AT + NETWORKS * _NUMBER
_SIZE = _BUDGETS_AT + BUDGETS * _NUMBER
_KEYS_LOCK = ROWS


class Board:
    """The board at `path`, or one of this process alone. `row` is this worker's own."""

    def __init__(self, path: str | None = None) -> None:
        self._file = _opened(path)
        memory = mmap(-1, _SIZE) if self._file is None else mmap(self._file, _SIZE)
        numbers = memoryview(memory).cast("Q")
        self._rows = [numbers[start : start + ROW] for start in range(0, ROWS * ROW, ROW)]
        self.row = self._rows[self._free_row()]
        self.networks = numbers[_NETWORKS_AT // _NUMBER : _BUDGETS_AT // _NUMBER]
        self.budgets = numbers[_BUDGETS_AT // _NUMBER :]
        self._memory = memory

    @property
    def shared(self) -> bool:
        """Whether other workers see this board."""
        return self._file is not None

    def summed(self) -> list[int]:
        """What all workers counted together, since the supervisor started."""
        used = [row for row in self._rows if any(row)]
        return [sum(column) for column in zip(*used, strict=True)] or [0] * ROW

    def key(self, turn: int) -> tuple[int, bytes]:
        """The epoch and the key that stand in one of the two places."""
        start = _KEYS_AT + turn * _KEY_ENTRY
        entry = self._memory[start : start + _KEY_ENTRY]
        return int.from_bytes(entry[:_NUMBER], "big"), entry[_NUMBER:]

    def set_key(self, turn: int, epoch: int, key: bytes) -> None:
        """Writes over the key that stood there. Hold `keys_held`."""
        start = _KEYS_AT + turn * _KEY_ENTRY
        self._memory[start : start + _KEY_ENTRY] = epoch.to_bytes(_NUMBER, "big") + key

    @contextmanager
    def keys_held(self) -> Iterator[None]:
        """Keeps other workers from changing keys, for microseconds."""
        if self._file is None:
            yield
            return
        lockf(self._file, LOCK_EX, 1, _KEYS_LOCK)
        try:
            yield
        finally:
            lockf(self._file, LOCK_UN, 1, _KEYS_LOCK)

    def _free_row(self) -> int:
        """The first row that no living process holds; the lock goes with this process."""
        if self._file is None:
            return 0
        for number in range(ROWS):
            with suppress(OSError):
                lockf(self._file, LOCK_EX | LOCK_NB, 1, number)
                return number
        return ROWS - 1


def _opened(path: str | None) -> int | None:
    """The supervisor's memory; None if there is none, or it cannot be reached: counting apart is better than not serving."""
    if path is None:
        return None
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        # The supervisor makes it empty; the same size again changes nothing.
        os.ftruncate(descriptor, _SIZE)
    except OSError:
        return None
    return descriptor
