"""A transaction gives its connection back, whatever happens to it: the pool of these tests holds four."""

import asyncio

import pytest

from app.instance import DatabaseAway
from tests.world import World

OFTEN = 12


async def still_works(world: World) -> bool:
    async with asyncio.timeout(60), world.unit() as unit:
        return bool(await unit.connection.fetchval("SELECT true"))


async def test_a_caller_who_is_cancelled_at_any_moment_keeps_no_connection(world: World) -> None:
    """Before it has begun, while it begins, within it, and while it ends."""

    async def begun() -> None:
        async with world.unit() as unit:
            await unit.connection.execute("SELECT 1")

    for turns in range(OFTEN * 2):
        task = asyncio.create_task(begun())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    assert await still_works(world)


async def test_a_connection_that_was_lost_within_a_transaction_is_given_up(world: World) -> None:
    for _ in range(OFTEN):
        with pytest.raises(DatabaseAway):
            await _lost(world)

    assert await still_works(world)


async def _lost(world: World) -> None:
    async with world.unit() as unit:
        await unit.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def test_a_transaction_that_cannot_be_committed_is_given_up(world: World) -> None:
    """And the next one of the same task is a transaction of its own."""
    for _ in range(OFTEN):
        with pytest.raises(DatabaseAway):
            await _uncommitted(world)

    async with world.unit() as first:
        pass
    async with world.unit() as second:
        assert second.connection is not first.connection
        assert not await second.connection.fetchval("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")


async def _uncommitted(world: World) -> None:
    async with world.unit() as unit:
        pid = await unit.connection.fetchval("SELECT pg_backend_pid()")
        await world.rows("SELECT pg_terminate_backend($1, 60000)", pid)
