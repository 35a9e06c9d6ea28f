"""Purges: deletes what is older than the accounts keep it, once a day and on command; totals in reports stay.

A month of events that nobody keeps any more goes as a whole partition, the rest row by row in one statement.
Source: domain.md §8 (retention); scale.md.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.retention import DataKind, kept_since
from app.instance import Instance
from app.storage import accounts, purge
from app.storage.database import Connection

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Purged:
    """How many rows of each kind were deleted, and which months of events went whole."""

    rows: Counter[DataKind] = field(default_factory=Counter)
    partitions: list[str] = field(default_factory=list)


async def purge_all(instance: Instance, owner_dsn: str) -> Purged:
    """Purges all accounts. Raises `DatabaseAway`; what was deleted by then stays deleted."""
    now, purged = instance.clock(), Purged()
    async with purge.as_owner(owner_dsn) as connection:
        retention = await _retention(instance)
        oldest = _kept_by_somebody(retention, now)
        if oldest is not None:
            purged.partitions = await purge.drop_partitions(connection, oldest)
        for account_id, days in retention.items():
            if days is not None:
                await _purge_account(connection, account_id, days, now, purged)
    return purged


async def _retention(instance: Instance) -> dict[int, Mapping[str, int] | None]:
    """For how long each account keeps what; None where its settings cannot be read, and then nothing goes."""
    async with instance.database.connection() as connection:
        rows = await connection.fetch(accounts.SQL.all_ids)
        return {row["id"]: await _of_account(connection, row["id"]) for row in rows}


async def _of_account(connection: Connection, account_id: int) -> Mapping[str, int] | None:
    try:
        return (await accounts.latest_settings(connection, account_id)).settings.retention_days
    except ValueError:
        logger.error("The settings of account %d cannot be read; nothing of it is purged.", account_id)  # noqa: TRY400
        return None


def _kept_by_somebody(retention: Mapping[int, Mapping[str, int] | None], now: datetime) -> datetime | None:
    """What is older, no account keeps; None where one keeps its events for ever."""
    since = [None if days is None else kept_since(days, DataKind.EVENTS, now) for days in retention.values()]
    known = [each for each in since if each is not None]
    return min(known) if known and len(known) == len(since) else None


async def _purge_account(
    connection: Connection, account_id: int, days: Mapping[str, int], now: datetime, purged: Purged
) -> None:
    for kind in DataKind:
        before = kept_since(days, kind, now)
        if before is not None:
            purged.rows[kind] += await purge.delete_before(connection, account_id, kind, before)
