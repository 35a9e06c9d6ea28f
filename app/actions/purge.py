"""Purges: deletes what is older than the accounts keep it, once a day and on command; totals in reports stay.

A YES that has outlived its lifetime gets its EXPIRY line on the same occasion.

A month of events that nobody keeps any more goes as a whole partition, the rest row by row in one statement.
Source: domain.md §8 (retention); scale.md.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.actions.expiry import write_expiries
from app.domain.errors import Conflict
from app.domain.retention import DataKind, addresses_since, kept_since
from app.instance import DatabaseAway, Instance
from app.storage import accounts, kept_addresses, purge
from app.storage.database import AWAY, Connection

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Purged:
    """How many rows of each kind and addresses were deleted, which months of events went whole, how many YES ran out."""

    rows: Counter[DataKind] = field(default_factory=Counter)
    partitions: list[str] = field(default_factory=list)
    expiries: int = 0
    addresses: int = 0


def _nothing() -> None:
    """Between two accounts there is nothing to look at."""


async def purge_all(instance: Instance, owner_dsn: str, *, between: Callable[[], None] = _nothing) -> Purged:
    """Purges all accounts, and what the instance keeps of its own jobs; `between` is called before each account.

    One account's failure holds up no other. Raises `DatabaseAway`, `Conflict` where an account failed, and what
    `between` raises; what was deleted by then stays deleted.
    """
    now, purged, failed = instance.clock(), Purged(), 0
    async with purge.as_owner(owner_dsn) as connection:
        await purge.delete_old_work(connection, now)
        purged.addresses = await kept_addresses.forget(connection, addresses_since(now))
        retention = await _retention(instance)
        oldest = _kept_by_somebody(retention, now)
        if oldest is not None:
            purged.partitions = await purge.drop_partitions(connection, oldest)
        for account_id, days in retention.items():
            between()
            if days is not None and not await _purged(instance, connection, account_id, days, now, purged):
                failed += 1
    if failed:
        message = f"{failed} accounts were not purged, or not wholly; the server's log says why."
        raise Conflict(message)
    return purged


async def _purged(
    instance: Instance,
    connection: Connection,
    account_id: int,
    days: Mapping[str, int],
    now: datetime,
    purged: Purged,
) -> bool:
    try:
        await _purge_account(connection, account_id, days, now, purged)
        purged.expiries += await write_expiries(instance, account_id)
    except (DatabaseAway, *AWAY):
        raise
    except Exception as error:  # noqa: BLE001  The other accounts are purged, and the text may quote a row.
        logger.error("Account %d was not purged: %s", account_id, type(error).__name__)  # noqa: TRY400
        return False
    return True


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
