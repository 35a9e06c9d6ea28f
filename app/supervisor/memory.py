"""Memory that the children of a supervisor share, and how much of the machine's the database may have.

What stands in the shared one is said by `app/board`; it is gone when the last of them ends.
"""

import os
from contextlib import suppress
from pathlib import Path

BOARD = "ASSENT_BOARD"
"""The variable by which a child finds it."""


def shared_memory() -> dict[str, str]:
    """An empty memory file, as the environment of the children; it stays open as long as this process lives.

    Empty where the system has none: each child then keeps to itself.
    """
    if not hasattr(os, "memfd_create"):
        return {}
    return {BOARD: f"/proc/{os.getpid()}/fd/{os.memfd_create('assent-board')}"}


_LIMIT = Path("/sys/fs/cgroup/memory.max")
_LEAST_MB, _MOST_MB = 128, 1024


def database_memory_mb() -> int:
    """An eighth of the memory that this machine or container has, in megabytes: from 128 to 1,024."""
    have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    # No such file, or "max" in it: there is no limit.
    with suppress(OSError, ValueError):
        have = min(have, int(_LIMIT.read_text()))
    return min(max(have // 8 // 2**20, _LEAST_MB), _MOST_MB)
