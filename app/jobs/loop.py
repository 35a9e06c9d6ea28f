"""The rhythm of the jobs: drain all the time, refresh at set times, make partitions and ask for chores each hour.

What takes long is a chore (`actions.chores`) and done beside the drain, which waits for none of them. Only one process
does this per data folder; a second one waits at the lock. While the database is away nothing is lost: hits wait in the
journal and everything is tried again.
"""

import asyncio
import fcntl
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.actions.chores import HOUR, ask_for_chores
from app.actions.drain import Lines, drains
from app.actions.drain_scanners import forget_clicks
from app.actions.partitions import make_partitions_ahead
from app.actions.publish import publish_anonymous
from app.instance import DatabaseAway, Instance
from app.jobs.worker import do_chores_until, work_until

IDLE_SECONDS = 0.2
AWAY_SECONDS = 1.0
_FORGET_SECONDS = 5
_MANY_OBJECTS = 1_000_000

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Timed:
    """A job that is due once in each interval of so many seconds, counted from 1970, so that no restart moves it."""

    seconds: int
    job: Callable[[], Awaitable[object]]
    done_in: int = field(default=-1)

    async def if_due(self, now: float) -> None:
        """Runs the job if its interval has not seen it yet."""
        interval = int(now) // self.seconds
        if interval != self.done_in:
            await self.job()
            self.done_in = interval


async def run(instance: Instance, data: Path, owner_dsn: str) -> None:
    """Runs until SIGTERM or SIGINT; what is drained by then is committed, the rest waits in the journal."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    lock = await _lock(data, stop)
    if lock is None:
        return
    # A batch is many small things that live until it is written; to search them for cycles again and again costs as
    # much as writing them.
    gc.set_threshold(_MANY_OBJECTS)
    with lock:
        beside = asyncio.gather(
            work_until(instance, stop),
            do_chores_until(instance, owner_dsn, stop),
            forget_until(instance, stop),
        )
        try:
            await _rounds(instance, data, owner_dsn, stop)
        finally:
            stop.set()
            await beside
    await instance.database.close()


async def _lock(data: Path, stop: asyncio.Event) -> IO[bytes] | None:
    file = (data / "drain.lock").open("ab")
    while not stop.is_set():
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await _pause(stop, AWAY_SECONDS)
        else:
            return file
    file.close()
    return None


async def _rounds(instance: Instance, data: Path, owner_dsn: str, stop: asyncio.Event) -> None:
    timed = (
        Timed(instance.anonymous_refresh, lambda: publish_anonymous(instance)),
        Timed(HOUR, lambda: make_partitions_ahead(instance, owner_dsn)),
        Timed(HOUR, lambda: ask_for_chores(instance)),
    )
    lines, away = drains(instance, data), False
    while not stop.is_set():
        try:
            drained = await _round(instance, lines, timed)
        except DatabaseAway:
            if not away:
                logger.warning("The database does not answer; hits wait in the journal.")
            away = True
            await _pause(stop, AWAY_SECONDS)
        except Exception as error:  # noqa: BLE001 - one batch that fails must not end the drain of all others
            # Its text may quote a row, so only its kind is said; the batch stays in the journal and is tried again.
            logger.error("A round of the jobs failed: %s", type(error).__name__)  # noqa: TRY400
            await _pause(stop, AWAY_SECONDS)
        else:
            away = False
            if not drained:
                await _pause(stop, IDLE_SECONDS)


async def forget_until(instance: Instance, stop: asyncio.Event) -> None:
    """Forgets clicks whose window is over, every few seconds until `stop` is set, however long a round takes."""
    while not stop.is_set():
        try:
            await forget_clicks(instance)
        except Exception as error:  # noqa: BLE001  Away or in the way: it is tried again, and the drain goes on.
            logger.warning("Clicks could not be forgotten just now: %s", type(error).__name__)
        await _pause(stop, _FORGET_SECONDS)


async def _round(instance: Instance, lines: Lines, timed: Sequence[Timed]) -> int:
    """One look at both journals and at the clock; how many hits were drained. None of the three holds up the others."""
    personal, anonymous = lines
    try:
        try:
            drained = await personal.once()
        finally:
            others = await anonymous.once()
    finally:
        for each in timed:
            await each.if_due(instance.clock().timestamp())
    return drained + others


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
