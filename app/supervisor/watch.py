"""The loop that keeps services running, in one thread: sleep until something happens, bury, restart.

Signals only wake the loop and leave a note; nothing is done inside a handler. A stop that was asked for comes
out of the loop as `StopAsked`, wherever the walk of the start has got to.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from app.supervisor.errors import CannotStart
from app.supervisor.leftovers import Say
from app.supervisor.processes import Program, Service, end, launch

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_GLANCE = 0.05
_LONG = 60.0
_PROGRESS_EVERY = 5.0
_TRIES = 6


class StopAsked(Exception):
    """Somebody asked for a clean stop."""


class Watch:
    """All children of this process, and the loop that tends them. Made by `watching`."""

    def __init__(self, bell: int, say: Say) -> None:
        self.stop_asked = False
        self._bell = bell
        self._say = say
        self._services: list[Service] = []
        self._errands: list[subprocess.Popen[bytes]] = []

    def keep(self, program: Program) -> Service:
        """Starts a service that is started again whenever it dies."""
        service = Service(program)
        self._services.append(service)
        service.start()
        return service

    def run(self, program: Program) -> int:
        """Runs a program to its end while the services are tended; its exit code.

        Raises:
            StopAsked: after ending it.
        """
        child = launch(program)
        self._errands.append(child)
        try:
            while child.poll() is None:
                self.tend(_LONG)
            return child.returncode
        finally:
            end(child, program)
            self._errands.remove(child)

    def until(self, done: Callable[[], bool], service: Service, progress: str) -> None:
        """Tends until `done`, and says how long it has taken every few seconds.

        Raises:
            StopAsked: in between.
            CannotStart: when the service dies again and again instead; it has told why itself.
        """
        began = said = time.monotonic()
        while not done():
            self.tend(_GLANCE)
            if service.deaths >= _TRIES:
                raise CannotStart(
                    f"{service.program.name} ended {_TRIES} times while starting; its words stand above."
                )
            if time.monotonic() - said >= _PROGRESS_EVERY:
                said = time.monotonic()
                self._say(f"{progress} ({said - began:.0f} s so far) …")

    def forever(self) -> None:
        """Tends until a stop is asked for.

        Raises:
            StopAsked: always, in the end.
        """
        while True:
            self.tend(_LONG)

    def tend(self, seconds: float) -> None:
        """One turn: sleeps until something happens, at most so long; buries the dead; starts what is due.

        Raises:
            StopAsked: if so.
        """
        if not self.stop_asked:
            self._sleep(seconds)
        self._bury()
        if self.stop_asked:
            raise StopAsked
        for service in self._services:
            if service.child is None and service.due <= time.monotonic():
                service.start()

    def stop(self) -> None:
        """Ends all services in the order in which they came, those that carry others at the very end."""
        for service in sorted(self._services, key=lambda service: service.program.carries):
            service.stop()

    def _sleep(self, seconds: float) -> None:
        now = time.monotonic()
        dues = [service.due - now for service in self._services if service.child is None]
        heard, _, _ = select.select([self._bell], [], [], max(0.0, min([seconds, *dues])))
        if heard:
            os.read(self._bell, 4096)

    def _bury(self) -> None:
        for service in self._services:
            code = service.bury()
            if code is not None and not self.stop_asked:
                self._say(
                    f"{service.program.name} ended ({_cause(code)}); starting it again in {service.pause:.1f} s."
                )
        self._bury_strangers()

    def _bury_strangers(self) -> None:
        """Takes leave of orphans that came home to us; our own are looked at without taking their exit codes."""
        if sys.platform != "linux":
            return
        known = {service.child.pid for service in self._services if service.child}
        known |= {child.pid for child in self._errands}
        with contextlib.suppress(ChildProcessError):
            while (
                seen := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            ) and seen.si_pid not in known:
                os.waitpid(seen.si_pid, 0)


@contextlib.contextmanager
def watching(say: Say) -> Iterator[Watch]:
    """A watch that hears SIGCHLD and the signals of a stop; on leaving, everything it kept is ended."""
    bell, clapper = os.pipe()
    os.set_blocking(clapper, False)
    watch = Watch(bell, say)

    def note(number: int, _frame: object) -> None:
        watch.stop_asked = watch.stop_asked or number in STOPS

    heard = (*STOPS, signal.SIGCHLD)
    before = {number: signal.signal(number, note) for number in heard}
    ringing = signal.set_wakeup_fd(clapper, warn_on_full_buffer=False)
    try:
        yield watch
    finally:
        watch.stop()
        signal.set_wakeup_fd(ringing)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(bell)
        os.close(clapper)


def _cause(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
