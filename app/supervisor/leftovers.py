"""What a supervisor killed by SIGKILL may have left behind, found and ended before the next start.

Theory: the kernel tells our children when we die (`tied`), so mostly there is nothing left, or something that
is ending already. The rest is found through /proc: PostgreSQL by the note that it keeps in its cluster, whose
number and name must fit a living process that works in the cluster, or, where the kernel hides that from us,
started when the note says; everything else by the variable MARK, which stands in
the environment of each of our children. Without /proc nothing is looked for, and nothing wrong is killed.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "ASSENT_SUPERVISED"
"""The variable that names the data folder in the environment of a supervised process."""

Say = Callable[[str], None]

_PROCESSES = Path("/proc")
_CLOCK_SLACK = 60.0
"""Seconds by which the two clocks may differ: machines are stopped, moved and set right."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One living process: its number, the name of its command, when it started (epoch seconds)."""

    number: int
    name: str
    started: float


def is_alive(number: int) -> bool:
    """Whether a process of this number exists, a dead one that nobody buried included."""
    if number <= 0:
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def note_lines(note: Path) -> list[str]:
    """The lines of a PostgreSQL lock file, trimmed: number, folder, start (epoch seconds), …, state."""
    try:
        text = note.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines()]


def note_number(note: Path) -> int:
    """The process number in a lock file; 0 without one."""
    lines = note_lines(note)
    return int(lines[0]) if lines and lines[0].isdigit() else 0


def end_server(note: Path, say: Say) -> None:
    """Ends the PostgreSQL that wrote this note, if it still lives: fast, then at once, then by force.

    It gets a minute for the first, since a checkpoint of a busy server takes its time.
    """
    for number, patience in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
        server = _server(note)
        if server is None:
            return
        say(f"A PostgreSQL from before still runs (pid {server.number}); ending it.")
        with suppress(ProcessLookupError):
            os.kill(server.number, number)
        _wait(lambda: _server(note) is None, patience)


def end_marked(data: Path, say: Say) -> None:
    """Ends the processes that another supervisor of this data folder started and could not end itself."""
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0)):
        found = list(_marked(data))
        if not found:
            return
        say(f"Ending what an Assent from before left running (pids {', '.join(str(one) for one in found)}).")
        for one in found:
            with suppress(ProcessLookupError):
                os.kill(one, number)
        _wait(lambda: not any(_marked(data)), patience)


def _server(note: Path) -> Seen | None:
    """The living process that wrote the note; a stranger who was given its number does not fit."""
    seen = _seen(note_number(note))
    if seen is None or seen.name != "postgres":
        return None
    try:
        fits = (_PROCESSES / str(seen.number) / "cwd").samefile(note.parent)
    except PermissionError:
        # Containers take from root the right to look at other users' processes.
        fits = _started_with(note, seen)
    except FileNotFoundError:
        return None
    return seen if fits else None


def _started_with(note: Path, seen: Seen) -> bool:
    _number, _folder, started, *_ = [*note_lines(note), "", "", ""]
    return started.isdigit() and abs(seen.started - int(started)) <= _CLOCK_SLACK


def _marked(data: Path) -> Iterator[int]:
    mark = os.fsencode(f"{MARK}={data}")
    for folder in _PROCESSES.glob("[0-9]*"):
        number = int(folder.name)
        if number == os.getpid():
            continue
        # Processes end while we look, and those of other users keep their environment to themselves.
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                yield number


def _seen(number: int) -> Seen | None:
    """What /proc says of a process; None for one that is gone, or dead and unburied."""
    try:
        text = (_PROCESSES / str(number) / "stat").read_text(encoding="utf-8", errors="replace")
        boot = next(
            line for line in (_PROCESSES / "stat").read_text().splitlines() if line.startswith("btime")
        )
    except (OSError, StopIteration):
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    if fields[0] in {"Z", "X"}:
        return None
    started = int(boot.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return Seen(number, name, started)


def _wait(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)
