"""Memory that the children of a supervisor share (`app/board` says what stands in it), gone when the last of them ends."""

import os

BOARD = "ASSENT_BOARD"
"""The variable by which a child finds it."""


def shared_memory() -> dict[str, str]:
    """An empty memory file, as the environment of the children; it stays open as long as this process lives.

    Empty where the system has none: each child then keeps to itself.
    """
    if not hasattr(os, "memfd_create"):
        return {}
    return {BOARD: f"/proc/{os.getpid()}/fd/{os.memfd_create('assent-board')}"}
