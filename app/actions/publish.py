"""Keeps what readers see of anonymous counters: refreshed at set times, and unlinked for good in the end.

Figures move only at a refresh, so that nobody learns what a single hit changed. A counter whose audience has grown by
fewer than k people since it was last published stays as it is until k have joined or their day is over, so that nobody
learns from two readings what those few did (`privacy.newcomers_wait`); that nobody has read it changes nothing. When a window is over, its secret
and everything made with it go; days and counts stay. Source: domain.md §7.
"""

import secrets
from collections.abc import Sequence

from app.actions.days import day_number
from app.domain.privacy import newcomers_wait
from app.instance import Instance
from app.storage import anonymous
from app.storage.audiences import Audiences, audiences
from app.storage.database import Connection, Record

_TAG_BYTES = 16
_JOB = "publish_anonymous"

Key = tuple[int, int, int]
"""What readers see as one counter: mailing, send day, link (0: the pixel)."""


async def publish_anonymous(instance: Instance) -> bool:
    """Shows the counters as they are now, once per `ASSENT_ANONYMOUS_REFRESH`; whether this call did.

    The interval is kept in the database, counted from 1970, so that neither a restart nor a second machine makes
    figures move more often.
    """
    interval = int(instance.clock().timestamp()) // instance.anonymous_refresh
    async with instance.database.transaction() as connection:
        if await connection.fetchval(anonymous.SQL.claim_interval, _JOB, interval) is None:
            return False
        await _publish(instance, connection)
    return True


async def _publish(instance: Instance, connection: Connection) -> None:
    unpublished = await connection.fetch(anonymous.SQL.unpublished)
    ids = list({row["mailing_id"] for row in unpublished})
    if not ids:
        return
    over = await audiences(connection, ids)
    before = {_key(row): row for row in await connection.fetch(anonymous.SQL.published_audiences, ids)}
    # What was published before anybody kept over whom: its people of now are those whom newcomers are counted from.
    unkept = [_key(row) for row in unpublished if row["shown"] and _key(row) not in before]
    today = day_number(instance.clock())
    waiting = {key for row in unpublished if _waits(row, before.get(key := _key(row)), over, today)}
    moving = [key for key in map(_key, unpublished) if key not in waiting and key not in unkept]
    await _show(connection, moving)
    if moving:
        # Counted again: hits of who joined meanwhile may be among those that are shown now.
        over = await audiences(connection, ids)
    await _note(connection, [*moving, *unkept], over)
    if waiting:
        await connection.execute(anonymous.SQL.note_waiting, *_columns(sorted(waiting)), today)


async def _show(connection: Connection, keys: Sequence[Key]) -> None:
    """Shows counters mailing by mailing, in the order in which the drain locks them: all counters, then all numbers."""
    of_mailings: dict[int, list[Key]] = {}
    for key in sorted(keys):
        of_mailings.setdefault(key[0], []).append(key)
    for statement in (anonymous.SQL.publish_tallies, anonymous.SQL.publish_seen):
        for mailing_id, mine in of_mailings.items():
            await connection.execute(statement, mailing_id, *_columns(mine)[1:])


async def _note(connection: Connection, keys: Sequence[Key], over: Audiences) -> None:
    if keys:
        people = [over.joined(*key) for key in keys]
        await connection.execute(anonymous.SQL.note_audiences, *_columns(keys), people)


def _key(row: Record) -> Key:
    return row["mailing_id"], row["send_day"], row["link"]


def _columns(keys: Sequence[Key]) -> list[list[int]]:
    return [list(column) for column in zip(*keys, strict=True)]


def _waits(row: Record, before: Record | None, over: Audiences, today: int) -> bool:
    if before is None:
        return False
    people_now, k = over.joined(*_key(row)), over.minimum(row["mailing_id"])
    since = today if before["waits_since"] is None else before["waits_since"]
    return newcomers_wait(before["people"], people_now, k, row["shown"], waited_days=today - since)


async def close_windows(instance: Instance) -> int:
    """Forgets the secrets of windows that are over; returns how many. Each in a transaction of its own."""
    rows = await instance.database.fetch(anonymous.SQL.ended_windows, day_number(instance.clock()))
    for row in rows:
        async with instance.database.transaction() as connection:
            await _close(connection, row["mailing_id"], row["send_day"])
    return len(rows)


async def _close(connection: Connection, mailing_id: int, send_day: int) -> None:
    # Numbers that are taken out while they are published would be put back unpublished, and stay so.
    await connection.execute(anonymous.SQL.hold_timed_job, _JOB)
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
