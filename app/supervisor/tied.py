"""Children that cannot outlive their parent, and grandchildren that come home to it.

On Linux the kernel sends a child the signal of its choice when the parent dies (PR_SET_PDEATHSIG), even by
SIGKILL; and orphans below a subreaper become its children instead of those of process 1. Elsewhere both are
left out: `leftovers` then finds at the next start what it can.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_SET_PARENT_DEATH_SIGNAL = 1


def ending_with_parent(farewell: signal.Signals) -> Callable[[], None]:
    """What a forked child calls to receive `farewell` once the caller of this function dies.

    Must run after the child changed its user, for that clears the wish. A parent that died before the wish
    was made is noticed too.
    """
    parent, control = os.getpid(), _process_control()

    def tie() -> None:
        control(_SET_PARENT_DEATH_SIGNAL, farewell)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def follow_parent() -> None:
    """Makes this process receive SIGTERM when its own parent dies: `make run` must not leave a server behind."""
    _process_control()(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _process_control() -> Callable[[int, int], object]:
    if sys.platform != "linux":
        return lambda _option, _value: None
    call: Callable[[int, int], object] = ctypes.CDLL(None).prctl
    return call
