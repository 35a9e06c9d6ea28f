"""Jobs: asked for in the transaction of a verb, done later in steps, by a worker that may die at any moment.

A handler of a kind is a coroutine function that gets a `Running`. It reads what it is to do from `arguments`, and
does it in steps:

    async def tidy(running: Running) -> None:
        async with running.step() as step:      # one transaction; the job is locked in it
            ...step.unit, from step.position on
            await step.save(position, progress, counts)

It may be called again after a crash, or where a step got in the way of another transaction (`Conflict`), and then begins
at `step.position`; that is what makes it at least once from
outside and exactly once in the database. When it returns, the job is DONE. A `RequestError` ends it as FAILED with
that message; any other error too, but with a message of ours, since texts of errors may quote people.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from traceback import extract_tb
from typing import Any

from app.actions.unit import Unit, unit
from app.domain.errors import Conflict, NotFound, RequestError
from app.domain.jobs import JobStatus
from app.instance import DatabaseAway, Instance
from app.storage import hints, jobs, queue
from app.storage.database import Record

logger = logging.getLogger(__name__)

OF_THE_INSTANCE = 0
"""What stands for the account of a job that belongs to none."""

_OUR_FAULT = "This failed for a reason on our side. The server's log says where."


class Halted(Exception):
    """The job goes no further here: its process is stopping, or somebody called the job off."""


class Waiting(Exception):
    """The job has no more to do than to wait for something else; it is to look again after `delay`."""

    def __init__(self, delay: timedelta) -> None:
        self.delay = delay
        super().__init__()


class Overtaken(Exception):
    """Another worker took this job for dead and goes on with it; what that one has done counts."""


@dataclass(slots=True)
class Step:
    """One transaction of a job: where the last one ended, and what it had counted."""

    unit: Unit
    job_id: int
    position: int
    counts: dict[str, Any]

    async def save(self, position: int, progress: float | None, counts: Mapping[str, Any]) -> None:
        """Says how far the job is once this transaction commits; `progress` is from 0 to 1."""
        self.position, self.counts = position, dict(counts)
        values = (position, progress, self.counts, self.unit.instance.clock())
        await self.unit.connection.execute(jobs.SQL.save, self.job_id, *values)
        await hints.send(self.unit.connection, jobs.topic(self.job_id))


@dataclass(slots=True)
class Running:
    """A job at work, as its handler sees it."""

    instance: Instance
    job_id: int
    account_id: int
    arguments: dict[str, Any]
    made_by: str
    kind: str
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def go_on(self) -> None:
        """For a job without steps, between two parts of its work. Raises `Halted` where its process is stopping."""
        if self.stop.is_set():
            raise Halted

    @asynccontextmanager
    async def step(self) -> AsyncIterator[Step]:
        """Opens the next step. Raises `Halted` where the job is to go no further."""
        async with self.work() as work:
            yield await self.step_of(work)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Unit]:
        """Opens a unit of the job. What got in the way of another transaction reads as `DatabaseAway`: it is tried again."""
        self.go_on()
        try:
            async with unit(self.instance, self.account_id, self.made_by) as work:
                yield work
        except Conflict:
            raise DatabaseAway from None

    async def step_of(self, work: Unit) -> Step:
        """The next step in a unit that is open already. Raises `Halted` where the job is to go no further."""
        self.go_on()
        row = await work.connection.fetchrow(jobs.SQL.lock, self.job_id)
        if row is None:
            raise Halted
        return Step(work, self.job_id, row["position"], row["counts"])


Handler = Callable[[Running], Awaitable[None]]
"""Does the jobs of one kind."""


async def enqueue(unit: Unit, kind: str, arguments: Mapping[str, Any]) -> int:
    """Asks for a job in the caller's transaction and returns its id.

    `arguments` are JSON and hold no address: whoever may see the job's row is not asked for personal:read.
    """
    job_id = unit.instance.new_id()
    values = (unit.account_id, kind, dict(arguments), unit.actor, unit.now)
    await unit.connection.execute(jobs.SQL.insert, job_id, *values)
    await queue.add(unit.connection, kind, job_id)
    return job_id


async def cancel(unit: Unit, job_id: int) -> None:
    """Calls a job off: its present step is finished or taken back, and none follows. Raises `NotFound`."""
    if await unit.connection.fetchval(jobs.SQL.cancel, job_id, unit.account_id, unit.now) is None:
        message = "There is no such job in this account that has not ended yet."
        raise NotFound(message, path=("id",))
    await hints.send(unit.connection, jobs.topic(job_id))


async def work(
    instance: Instance, handlers: Mapping[str, Handler], stop: asyncio.Event, *, one_by_one: bool = False
) -> None:
    """Takes jobs and does them until `stop` is set. Raises `DatabaseAway`.

    `one_by_one`: of each kind at most one at once, in all processes together.
    """

    async def one(kind: str, job_id: int) -> None:
        await perform(instance, handlers[kind], job_id, stop)

    await queue.work(instance.database, handlers, one, stop, one_by_one=one_by_one)


async def perform(instance: Instance, handler: Handler, job_id: int, stop: asyncio.Event) -> None:
    """Does one job as far as it goes. Raises `queue.Postponed` where somebody has to go on with it later."""
    try:
        rows = await _written(instance, jobs.SQL.begin, job_id, instance.clock())
        for row in rows:
            made_by, arguments = row["made_by"], row["arguments"]
            account_id = row["account_id"] or OF_THE_INSTANCE
            running = Running(instance, job_id, account_id, arguments, made_by, row["kind"], stop)
            status, message = await _outcome(handler, running)
            await _written(instance, jobs.SQL.finish, job_id, status, message, instance.clock())
    except (DatabaseAway, Overtaken):
        raise queue.Postponed from None
    except Waiting as waiting:
        raise queue.Postponed(waiting.delay) from None
    except Halted:
        if stop.is_set():
            raise queue.Postponed from None


async def _written(instance: Instance, statement: str, job_id: int, *values: Any) -> list[Record]:
    async with instance.database.connection() as connection:
        rows = await connection.fetch(statement, job_id, *values)
        await hints.send(connection, jobs.topic(job_id))
    return rows


async def _outcome(handler: Handler, running: Running) -> tuple[JobStatus, str | None]:
    try:
        await handler(running)
    except (DatabaseAway, Halted, Overtaken, Waiting):
        raise
    except RequestError as error:
        return JobStatus.FAILED, error.message
    except Exception as error:  # noqa: BLE001  The queue would keep its text, which may quote a person.
        frames = extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "-"
        error_kind = type(error).__name__
        logger.error("Job %s (%s) failed with %s at %s", running.job_id, running.kind, error_kind, place)  # noqa: TRY400
        return JobStatus.FAILED, _OUR_FAULT
    return JobStatus.DONE, None
