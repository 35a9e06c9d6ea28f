"""The queue that jobs wait in: pgqueuer, in a database schema of its own.

A queued job is a row that names one of our jobs and nothing else, added in the transaction that asks for it. A
worker takes it, shows signs of life while it works, and another one takes it over when these end. pgqueuer keeps the
tracebacks of errors, so no error that reaches it may quote anybody: see `actions.jobs`.

pgqueuer is imported when it is needed: that takes half a second, for which no other process should wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import asyncpg

from app.storage.database import AWAY, Connection, Database, DatabaseAway

SCHEMA = "pgqueuer"
TABLES = ("pgqueuer", "pgqueuer_log", "pgqueuer_statistics", "pgqueuer_schedules")
"""The library's own tables; they are local and exempt from the rules of our schema."""

SIGN_OF_LIFE = timedelta(seconds=8)
"""A job whose worker has shown none for so long is taken over."""

_POLL = timedelta(seconds=5)


async def install(connection: asyncpg.Connection) -> None:
    """Makes the library's tables, or brings them to the version in use; as the owner, outside a transaction."""
    queries = _queries(connection)
    if await queries.schema_is_installed():
        await queries.apply_upgrade()
    else:
        async with connection.transaction():
            await queries.install()


async def grant(connection: asyncpg.Connection, quoted_role: str) -> None:
    """Lets the application's role work with the queue."""
    await connection.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {quoted_role}")
    await connection.execute(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {quoted_role}"
    )
    await connection.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {quoted_role}")


async def add(connection: Connection, kind: str, job_id: int) -> None:
    """Queues a job in the transaction of the connection: it exists when that commits."""
    await _queries(connection).enqueue(kind, str(job_id).encode())


class Postponed(Exception):
    """The job could not go on now: it waits in the queue again, for `delay` at least."""

    def __init__(self, delay: timedelta = timedelta(seconds=1)) -> None:
        self.delay = delay
        super().__init__()


async def work(
    database: Database,
    kinds: Iterable[str],
    perform: Callable[[str, int], Awaitable[None]],
    stop: asyncio.Event,
    *,
    one_by_one: bool = False,
    at_once: int = 2,
) -> None:
    """Takes jobs of these kinds until `stop` is set, at most so many at once. Raises `DatabaseAway`.

    `one_by_one`: of each kind at most one at once, in all processes together.

    `perform` gets kind and job id; it may be called again for the same job, here or in another process, after a
    crash or after it raised `Postponed`. Any other error of it is a bug, after which the queue keeps the job aside.
    """
    from pgqueuer.core.qm import QueueManager
    from pgqueuer.domain.types import Channel

    try:
        connection = await database.own_connection("jobs")
        try:
            manager = QueueManager(_queries(connection), channel=Channel(_CHANNEL))
            for kind in kinds:
                manager.entrypoint(
                    kind, accepts_context=False, on_failure="hold", concurrency_limit=int(one_by_one)
                )(_entry(kind, perform))
            stopping = asyncio.create_task(_stop(stop, manager))
            try:
                await manager.run(
                    dequeue_timeout=_POLL,
                    batch_size=1,
                    max_concurrent_tasks=at_once,
                    heartbeat_timeout=SIGN_OF_LIFE,
                    log_aggregation_interval=timedelta(0),
                    shutdown_on_listener_failure=True,
                )
            finally:
                stopping.cancel()
                with suppress(asyncio.CancelledError):
                    await stopping
        finally:
            await connection.close(timeout=5)
    except AWAY as away:
        raise DatabaseAway from away


def _entry(kind: str, perform: Callable[[str, int], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    from pgqueuer.domain.errors import RetryRequested

    async def entry(job: Any) -> None:
        try:
            await perform(kind, int(job.payload))
        except Postponed as postponed:
            raise RetryRequested(delay=postponed.delay) from None

    return entry


async def _stop(stop: asyncio.Event, manager: Any) -> None:
    await stop.wait()
    manager.shutdown.set()


_CHANNEL = "ch_pgqueuer"


def _queries(connection: Connection) -> Any:
    from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
    from pgqueuer.adapters.persistence.qb import (
        QueryBuilderEnvironment,
        QueryQueueBuilder,
        QuerySchedulerBuilder,
    )
    from pgqueuer.adapters.persistence.queries import Queries
    from pgqueuer.domain.settings import DBSettings, Durability
    from pgqueuer.domain.types import Channel

    # Every name is given, since what is left out is read from the environment, under names such as FUNCTION.
    settings = DBSettings(
        prefix="",
        db_schema=SCHEMA,
        channel=Channel(_CHANNEL),
        function="fn_pgqueuer_changed",
        trigger="tg_pgqueuer_changed",
        queue_status_type="pgqueuer_status",
        queue_table=TABLES[0],
        queue_table_log=TABLES[1],
        statistics_table=TABLES[2],
        schedules_table=TABLES[3],
        durability=Durability.durable,
        widen_id=True,
    )
    return Queries(
        AsyncpgDriver(connection),  # type: ignore[arg-type]  # A connection of a pool is one, too.
        QueryBuilderEnvironment(settings),
        QueryQueueBuilder(settings),
        QuerySchedulerBuilder(settings),
    )
