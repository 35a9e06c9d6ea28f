"""A look of a live feed that others hold up, or that takes too long, is repeated: nobody who follows has to come again."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from app.disclosure.jobs import progress_of
from app.disclosure.ledger_feed import changes_live
from app.disclosure.live_events import events_live
from app.disclosure.notifications_live import notifications_live
from app.disclosure.reader import Reader
from app.domain.modes import Axis
from app.domain.permission import PermissionChange
from app.domain.principal import SCOPES, Principal
from app.instance import utc_now
from app.live import Feeds
from app.storage.database import Database
from tests.postgres_server import TemporaryDatabase
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO
ADA = "ada@example.org"
SOON = 120.0


@pytest.fixture
async def hurried(world: World, database: TemporaryDatabase) -> AsyncIterator[Reader]:
    """A reader whose statements may take a fifth of a second."""
    hurried = Database(database.app_dsn, statement_timeout=0.2)
    instance = replace(world.instance, database=hurried, feeds=Feeds(), clock=utc_now)
    yield Reader(instance, Principal(world.account_id, 1, None, SCOPES))
    await hurried.close()


@asynccontextmanager
async def locked(database: TemporaryDatabase, table: str) -> AsyncIterator[None]:
    """Nobody can read a table meanwhile."""
    connection = await asyncpg.connect(database.owner_dsn)
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
    await connection.close()


def now_in_earnest(world: World) -> None:
    """Whoever writes from here on reads the time when they do: a time of before may be behind what the feed has told."""
    world.now[0] = utc_now()
    world.instance.clock = utc_now


async def first(rows: AsyncGenerator[Any, None]) -> Any:
    async with aclosing(rows):
        return await anext(rows)


async def test_a_change_is_told_to_all_after_what_held_it_up(
    world: World, hurried: Reader, database: TemporaryDatabase
) -> None:
    """Two follow, and for two seconds every look is cut off after a fifth of a second."""
    following = [asyncio.create_task(first(changes_live(hurried, None))) for _ in range(2)]
    await asyncio.sleep(0.5)

    async with locked(database, "permission_line"):
        await asyncio.sleep(2)
        ended = [each.done() for each in following]
    now_in_earnest(world)
    await world.subscriber(ADA, NO)
    async with asyncio.timeout(SOON):
        told = await asyncio.gather(*following)

    assert ended == [False, False]
    assert [line.axis for line in told] == [Axis.OPENS, Axis.OPENS]


async def test_an_opening_is_told_after_what_held_it_up(
    world: World, hurried: Reader, database: TemporaryDatabase
) -> None:
    """The same with the log of events, which is hinted of."""
    now_in_earnest(world)
    await world.subscriber(ADA, YES)
    (message,) = await world.send(await world.mailing(), ADA)
    following = asyncio.create_task(first(events_live(hurried, None)))
    await asyncio.sleep(0.5)

    async with locked(database, "event"):
        await asyncio.sleep(2)
        ended = following.done()
    now_in_earnest(world)
    await world.open(message)
    await world.drain()
    async with asyncio.timeout(SOON):
        told = await following

    assert not ended
    assert told.email == ADA


async def test_notifications_and_jobs_go_on_as_well(
    world: World, hurried: Reader, database: TemporaryDatabase
) -> None:
    job = """INSERT INTO job (id, account_id, kind, status, arguments, made_by, created_at, updated_at)
      VALUES (7, $1, 'import', 'QUEUED', '{}', 'token:1', now(), now())"""
    await world.rows(job, world.account_id)
    user = Reader(hurried.instance, Principal(world.account_id, 1, 5, SCOPES))
    jobs = progress_of(hurried, 7)
    # The first look is not repeated, so it may take its time.
    slow, hurried.instance.database = hurried.instance.database, world.instance.database
    shown = await anext(jobs)
    hurried.instance.database = slow
    following = [
        asyncio.create_task(first(notifications_live(user))),
        asyncio.create_task(first(jobs)),
    ]

    async with locked(database, "event"), locked(database, "job"):
        await asyncio.sleep(8)
        ended = [each.done() for each in following]
    await world.rows("UPDATE job SET status = 'DONE' WHERE id = 7")
    async with asyncio.timeout(SOON):
        done = await following[1]

    following[0].cancel()
    assert ended == [False, False]
    assert (shown.status, done.status) == ("QUEUED", "DONE")
