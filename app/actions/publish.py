"""Keeps what readers see of anonymous counters: refreshed at set times, and unlinked for good in the end.

Figures move only at a refresh, so that nobody learns what a single hit changed. A counter whose audience has grown by
fewer than k people since it was last published stays as it is until k have joined or their day is over, so that nobody
learns from two readings what those few did (`privacy.newcomers_wait`); that nobody has read it changes nothing. So does
the total of a mailing's opens or clicks, and while it waits, none of the counters that it adds up moves: a link or send
day that shows nothing yet would move it. When a window is over, its secret and everything made with it go; days and
counts stay. Source: domain.md §7.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from app.actions.days import day_number
from app.domain.modes import Axis
from app.domain.privacy import newcomers_wait
from app.instance import Instance
from app.storage import anonymous
from app.storage.audiences import Audiences, audiences
from app.storage.database import Connection, Record

_TAG_BYTES = 16
_JOB = "publish_anonymous"

Key = tuple[int, int, int]
"""What readers see as one counter: mailing, send day, link (0: the pixel). Of a total: see `_total`."""

_ALL = -1


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


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a refresh does with the counters and totals that are not shown as they are.

    `moving` are counters alone. Of `unkept` figures are shown already, but nobody kept over whom: their people of now
    are those from whom newcomers are counted.
    """

    moving: frozenset[Key]
    waiting: frozenset[Key]
    unkept: frozenset[Key]


async def _publish(instance: Instance, connection: Connection) -> None:
    unpublished = await connection.fetch(anonymous.SQL.unpublished)
    ids = list({row["mailing_id"] for row in unpublished})
    if not ids:
        return
    over, today = await audiences(connection, ids), day_number(instance.clock())
    before = {_key(row): row for row in await connection.fetch(anonymous.SQL.published_audiences, ids)}
    turn = _turn(unpublished, before, over, today)
    await _show(connection, turn.moving)
    if turn.moving:
        # Counted again: hits of who joined meanwhile may be among those that are shown now.
        over = await audiences(connection, ids)
    await _note(connection, _noted(turn, over, before.keys()), _people(over))
    if turn.waiting:
        await connection.execute(anonymous.SQL.note_waiting, *_columns(sorted(turn.waiting)), today)


def _turn(unpublished: Sequence[Record], before: Mapping[Key, Record], over: Audiences, today: int) -> _Turn:
    counters = {_key(row): row["shown"] for row in unpublished}
    totals = {_total(_key(row)): row["shown_in_all"] for row in unpublished}
    shown, people = counters | totals, _people(over)
    unkept = frozenset(key for key, number in shown.items() if number and key not in before)
    waiting = frozenset(
        key
        for key in before.keys() & shown
        if _waits(before[key], people(key), over.minimum(key[0]), totals[_total(key)], today)
    )
    moving = frozenset(key for key in counters if {key, _total(key)}.isdisjoint(unkept | waiting))
    return _Turn(moving, waiting, unkept)


def _noted(turn: _Turn, over: Audiences, before: Collection[Key]) -> list[Key]:
    """The counters and totals whose people of now are kept, for the next newcomers to be counted from.

    Beside a total that moves, a counter that shows nothing says that there was nothing: of those who have joined until now.
    """
    totals = {_total(key) for key in turn.moving}
    silent = {key for key in over.counters() if _total(key) in totals and key not in before}
    return sorted(turn.moving | totals | turn.unkept | silent)


def _total(key: Key) -> Key:
    """What a counter is added up to: the mailing's opens or clicks, on all send days and links."""
    mailing_id, _, link = key
    return mailing_id, _ALL, _ALL if link else 0


def _people(over: Audiences) -> Callable[[Key], int]:
    """How many have joined the people of a counter, or of a total."""
    in_all = over.joined_in_all()

    def joined(key: Key) -> int:
        mailing_id, send_day, link = key
        if send_day == _ALL:
            return in_all[mailing_id, Axis.CLICKS if link else Axis.OPENS]
        return over.joined(*key)

    return joined


async def _show(connection: Connection, keys: Collection[Key]) -> None:
    """Shows counters mailing by mailing, in the order in which the drain locks them: all counters, then all numbers."""
    of_mailings: dict[int, list[Key]] = {}
    for key in sorted(keys):
        of_mailings.setdefault(key[0], []).append(key)
    for statement in (anonymous.SQL.publish_tallies, anonymous.SQL.publish_seen):
        for mailing_id, mine in of_mailings.items():
            await connection.execute(statement, mailing_id, *_columns(mine)[1:])


async def _note(connection: Connection, keys: Sequence[Key], people: Callable[[Key], int]) -> None:
    if keys:
        await connection.execute(anonymous.SQL.note_audiences, *_columns(keys), [people(key) for key in keys])


def _key(row: Record) -> Key:
    return row["mailing_id"], row["send_day"], row["link"]


def _columns(keys: Sequence[Key]) -> list[list[int]]:
    return [list(column) for column in zip(*keys, strict=True)]


def _waits(before: Record, people_now: int, k: int, shown_in_all: int, today: int) -> bool:
    since = today if before["waits_since"] is None else before["waits_since"]
    return newcomers_wait(before["people"], people_now, k, shown_in_all, waited_days=today - since)


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
