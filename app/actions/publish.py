"""Keeps what readers see of anonymous counters: refreshed at set times, and unlinked for good in the end.

Figures move only at a refresh, so that nobody learns what a single hit changed. When a window is over, its secret
and everything made with it go; days and counts stay. Source: domain.md §7.
"""

import secrets

from app.actions.days import day_number
from app.instance import Instance
from app.storage import anonymous
from app.storage.database import Connection

_TAG_BYTES = 16


async def publish_anonymous(instance: Instance) -> bool:
    """Shows the counters as they are now, once per `ASSENT_ANONYMOUS_REFRESH`; whether this call did.

    The interval is kept in the database, counted from 1970, so that neither a restart nor a second machine makes
    figures move more often.
    """
    interval = int(instance.clock().timestamp()) // instance.anonymous_refresh
    async with instance.database.transaction() as connection:
        if await connection.fetchval(anonymous.SQL.claim_interval, "publish_anonymous", interval) is None:
            return False
        await connection.execute(anonymous.SQL.publish_tallies)
        await connection.execute(anonymous.SQL.publish_seen)
    return True


async def close_windows(instance: Instance) -> int:
    """Forgets the secrets of windows that are over; returns how many. Each in a transaction of its own."""
    rows = await instance.database.fetch(anonymous.SQL.ended_windows, day_number(instance.clock()))
    for row in rows:
        async with instance.database.transaction() as connection:
            await _close(connection, row["mailing_id"], row["send_day"])
    return len(rows)


async def _close(connection: Connection, mailing_id: int, send_day: int) -> None:
    await connection.execute(anonymous.SQL.close_window, mailing_id, send_day)
    seen = await connection.fetch(anonymous.SQL.take_seen, mailing_id, send_day)
    await connection.execute(
        anonymous.SQL.put_seen,
        mailing_id,
        send_day,
        [row["link"] for row in seen],
        [secrets.token_bytes(_TAG_BYTES) for _ in seen],
        [row["first_day"] for row in seen],
        [row["n"] for row in seen],
        [row["shown"] for row in seen],
    )
