"""Partitions of the event table: one a month, made ahead, so that an insert always finds its place.

Only the owner may make them. An event outside all of them lands in the default partition: nothing is lost.
"""

import logging
from datetime import UTC, datetime

import asyncpg

from app.storage.database import AWAY, DatabaseAway

logger = logging.getLogger(__name__)

_MONTHS_BACK = 1
_MONTHS_AHEAD = 6


async def make_partitions(connection: asyncpg.Connection, now: datetime) -> None:
    """Makes the partitions around `now` that are missing; safe to run at any time, as the owner."""
    for offset in range(-_MONTHS_BACK, _MONTHS_AHEAD + 1):
        start = _month(now, offset)
        end = month_after(start)
        try:
            async with connection.transaction():
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS event_{start:%Y_%m} PARTITION OF event "
                    f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
                )
        except asyncpg.CheckViolationError:
            # The default partition has taken events of this month already, and goes on taking them.
            logger.warning("Events of %s stay in the default partition.", f"{start:%Y-%m}")


def _month(now: datetime, offset: int) -> datetime:
    years, month = divmod(now.year * 12 + now.month - 1 + offset, 12)
    return datetime(years, month + 1, 1, tzinfo=UTC)


def month_after(month: datetime) -> datetime:
    """The beginning of the month after this one."""
    return _month(month, 1)


async def make_partitions_as_owner(owner_dsn: str, now: datetime) -> None:
    """As `make_partitions`, on a connection of its own. Raises `DatabaseAway`."""
    try:
        connection = await asyncpg.connect(owner_dsn)
        try:
            await make_partitions(connection, now)
        finally:
            await connection.close()
    except AWAY as away:
        raise DatabaseAway from away
