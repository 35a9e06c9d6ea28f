"""Deletes what is older than it is kept; on a connection of the owner, without a limit of time for a statement."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg

from app.domain.retention import DataKind
from app.storage import kept_addresses
from app.storage.database import AWAY, Connection, DatabaseAway
from app.storage.partitions import month_after
from app.storage.queries import load

SQL = load("purge")

_MONTH = re.compile(r"event_(\d{4})_(\d{2})")
_WORK_KEPT = timedelta(days=30)
_PATIENCE = "5s"
"""How long a partition's drop waits for readers; the next round tries again."""

_STATEMENTS = {
    DataKind.EVENTS: (SQL.events, kept_addresses.SQL.forget_account),
    DataKind.DELIVERIES: (SQL.deliveries, SQL.gathered),
    DataKind.SIGN_UPS: (SQL.sign_ups,),
    DataKind.BATCHES: (SQL.batches,),
    DataKind.JOBS: (SQL.jobs,),
}

logger = logging.getLogger(__name__)


@asynccontextmanager
async def as_owner(owner_dsn: str) -> AsyncIterator[Connection]:
    """A connection of the owner. Raises `DatabaseAway`."""
    try:
        connection = await asyncpg.connect(owner_dsn)
        try:
            yield connection
        finally:
            await connection.close()
    except AWAY as away:
        raise DatabaseAway from away


async def delete_before(connection: Connection, account_id: int, kind: DataKind, before: datetime) -> int:
    """Deletes an account's rows of a kind from before a time; returns how many of the first table they were."""
    counts = [await connection.execute(statement, account_id, before) for statement in _STATEMENTS[kind]]
    return int(counts[0].rpartition(" ")[2])


async def delete_old_work(connection: Connection, now: datetime) -> None:
    """Deletes what is known of the instance's own jobs, and the queue's log of all of them, after a month."""
    for statement in (SQL.chores, SQL.queue_log):
        await connection.execute(statement, now - _WORK_KEPT)


async def drop_partitions(connection: Connection, before: datetime) -> list[str]:
    """Drops the months of events that ended before a time, whosever they are; returns their tables' names."""
    dropped = []
    for row in await connection.fetch(SQL.partitions):
        ended = _ended(row["name"])
        if ended is not None and ended <= before and await _drop(connection, row["name"]):
            dropped.append(row["name"])
    return dropped


def _ended(name: str) -> datetime | None:
    """When the month of a partition was over; None for the default partition."""
    found = _MONTH.fullmatch(name)
    return None if found is None else month_after(datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC))


async def _drop(connection: Connection, name: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            await connection.execute(f"DROP TABLE {name}")
    except asyncpg.LockNotAvailableError:
        logger.warning("The partition %s is in use and is dropped next time.", name)
        return False
    return True
