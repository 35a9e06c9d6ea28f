"""Chores: what the instance does for itself at set times, on the same queue as all jobs, and beside the drain.

    kind            each   does
    anchor          day    writes down where every chain of the ledger ends
    purge           day    deletes what is older than the accounts keep it, and says which YES ran out
    close_windows   hour   forgets the secrets of anonymous windows that are over
    addresses       hour   deletes addresses that are not to be kept any longer; an account that stops keeping them asks too
    tidy            hour   deletes files that no import and no export needs any more, and ends letters that nobody ended

A chore is a job that belongs to no account. Every process may ask for it; the database lets one of them, once an hour,
add those that are due. So each is done once in its interval, by one process at a time, whichever machine that is on.
One that failed is asked for again in the next hour; its error stands in the log and under /health/ready, by its kind.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from app.actions import kept_addresses
from app.actions.anchor import anchor_daily
from app.actions.exports import tidy_exports
from app.actions.imports import tidy_imports
from app.actions.jobs import Handler, Running
from app.actions.letters import tidy_letters
from app.actions.publish import close_windows
from app.actions.purge import purge_all
from app.instance import Instance
from app.storage import anonymous, jobs, queue

HOUR = 3_600
DAY = 24 * HOUR

EVERY: Mapping[str, int] = {
    "anchor": DAY,
    "purge": DAY,
    "close_windows": HOUR,
    kept_addresses.CHORE: HOUR,
    "tidy": HOUR,
}
"""The interval of each kind in seconds, counted from 1970."""

_LOST_AFTER = timedelta(days=2)
"""A chore that has begun so long ago and not ended keeps no other from being asked for."""

Counts = Mapping[str, int]


async def ask_for_chores(instance: Instance) -> list[str]:
    """Queues the chores that are due, unless another process has; tells which. Raises `DatabaseAway`."""
    now, asked = instance.clock(), []
    async with instance.database.transaction() as connection:
        hour = int(now.timestamp()) // HOUR
        if await connection.fetchval(anonymous.SQL.claim_interval, "chores", hour) is None:
            return []
        for kind, seconds in EVERY.items():
            since, lost = _beginning(now, seconds), now - _LOST_AFTER
            job_id = instance.new_id()
            if await connection.fetchval(jobs.SQL.insert_chore, job_id, kind, now, since, lost) is not None:
                await queue.add(connection, kind, job_id)
                asked.append(kind)
    return asked


def _beginning(now: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def chores(owner_dsn: str) -> dict[str, Handler]:
    """The handlers of all chores; purging needs the owner of the database."""

    async def anchor(running: Running) -> Counts:
        await anchor_daily(running.instance, running.instance.data)
        return {}

    async def purge(running: Running) -> Counts:
        purged = await purge_all(running.instance, owner_dsn, between=running.go_on)
        rows = {kind.value: count for kind, count in purged.rows.items()}
        counts = {"partitions": len(purged.partitions), "expiries": purged.expiries}
        return {**rows, **counts, "addresses": purged.addresses}

    async def windows(running: Running) -> Counts:
        return {"windows": await close_windows(running.instance)}

    async def addresses(running: Running) -> Counts:
        return {"addresses": await kept_addresses.forget(running.instance, owner_dsn)}

    async def tidy(running: Running) -> Counts:
        await tidy_imports(running.instance)
        await tidy_exports(running.instance)
        await tidy_letters(running.instance)
        return {}

    return {
        "anchor": _chore(anchor),
        "purge": _chore(purge),
        "close_windows": _chore(windows),
        kept_addresses.CHORE: _chore(addresses),
        "tidy": _chore(tidy),
    }


def _chore(do: Callable[[Running], Awaitable[Counts]]) -> Handler:
    async def handler(running: Running) -> None:
        counts = await do(running)
        await running.instance.database.fetch(
            jobs.SQL.save, running.job_id, 1, 1.0, dict(counts), running.instance.clock()
        )

    return handler
