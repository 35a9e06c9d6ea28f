"""Programs and the children that run them: how one is launched, ends, waits and comes back.

Theory: every child leads a process group of its own. Ctrl-C in a terminal then reaches the supervisor only,
which ends its children in the right order; and what a dead child leaves in its group can be ended with it.
A program that dies is started again after a pause: 0.2 s, doubled each time up to 5 s, and 0.2 s again once
it has lived for 10 s.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from app.supervisor.account import Account
from app.supervisor.errors import CannotStart
from app.supervisor.tied import ending_with_parent

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
SETTLED_AFTER = 10.0


def _nothing() -> None:
    """The preparation of a program that needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run and how to end it: `farewell` first, `insistence` when `patience` (seconds) is over.

    `before` runs in the supervisor ahead of every launch, restarts included. What `carries` others is ended last.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    farewell: signal.Signals = signal.SIGTERM
    insistence: signal.Signals = signal.SIGKILL
    patience: float = 5.0
    folder: Path | None = None
    account: Account | None = None
    before: Callable[[], None] = _nothing
    carries: bool = False


def launch(program: Program) -> subprocess.Popen[bytes]:
    """Starts the program in a process group of its own, tied to this process; its output is ours.

    Raises:
        CannotStart: when there is no such program or folder.
    """
    program.before()
    try:
        return _fork(program)
    except OSError as error:
        raise CannotStart(f"{program.name} cannot be started: {error}.") from error


def _fork(program: Program) -> subprocess.Popen[bytes]:
    account = program.account
    return subprocess.Popen(  # noqa: S603 - our own words
        program.argv,
        env=dict(program.environment),
        stdin=subprocess.DEVNULL,
        cwd=program.folder,
        user=account.user if account else None,
        group=account.group if account else None,
        extra_groups=() if account else None,
        process_group=0,
        preexec_fn=ending_with_parent(program.farewell),  # noqa: PLW1509 - the supervisor has one thread
    )


def end(child: subprocess.Popen[bytes], program: Program) -> None:
    """Ends a child as its program asks for it, and then whatever is left of its group; returns when it is dead."""
    for number, patience in ((program.farewell, program.patience), (program.insistence, 1.0)):
        if child.poll() is None:
            child.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                child.wait(patience)
    _sweep(child)
    child.wait()


def _sweep(child: subprocess.Popen[bytes]) -> None:
    """Ends by force what a child leaves in its group, such as the workers of a killed web server.

    The number of a group is not given away while it has members, and a group without them is not found.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


@dataclass(slots=True)
class Service:
    """A program that shall run: its present child, its deaths since it last settled, when it is due again."""

    program: Program
    child: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    due: float = 0.0
    started: float = 0.0

    def start(self) -> None:
        """Launches the child."""
        self.child = launch(self.program)
        self.started = time.monotonic()

    def bury(self) -> int | None:
        """Takes leave of a child that has ended, with its exit code (negative: a signal); None while it lives."""
        if self.child is None or (code := self.child.poll()) is None:
            return None
        _sweep(self.child)
        self.child = None
        settled = time.monotonic() - self.started >= SETTLED_AFTER
        self.deaths = 1 if settled else self.deaths + 1
        self.due = time.monotonic() + self.pause
        return code

    def stop(self) -> None:
        """Ends the child, if there is one; returns when it is dead."""
        if self.child is not None:
            end(self.child, self.program)
            self.child = None

    @property
    def pause(self) -> float:
        """Seconds to wait after this many deaths in a row."""
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.deaths - 1, 10))
