"""Hints reach whoever waits, over one connection that comes back, and asking again stands behind them."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.storage.hints import Hints, send
from tests.world import World

FOR_EVER = 3_600.0
SOON = 120.0


async def hint(world: World, topic: str) -> None:
    async with world.unit() as unit:
        await send(unit.connection, topic)


async def listeners(world: World) -> list[int]:
    found = await world.rows(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'assent hints' AND datname = current_database()"
    )
    return [row["pid"] for row in found]


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(SOON):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.02)


async def test_a_hint_wakes_those_who_wait_for_its_topic_and_nobody_else(world: World) -> None:
    """Entering wakes once, when the connection begins to listen; after that only one's own topic does."""
    hints = Hints(world.instance.database, patience=FOR_EVER)

    async with hints.on("job:1") as one, hints.on("job:2") as other:
        async with asyncio.timeout(SOON):
            await one.next()
            await other.next()
        waits = asyncio.create_task(other.next())
        await hint(world, "job:1")
        async with asyncio.timeout(SOON):
            await one.next()
        heard_by_other = waits.done()
        waits.cancel()

    assert not heard_by_other


async def test_what_is_taken_back_hints_nothing(world: World) -> None:
    hints = Hints(world.instance.database, patience=FOR_EVER)

    async with hints.on("job:1") as one:
        async with asyncio.timeout(SOON):
            await one.next()
        with pytest.raises(RuntimeError):
            await _taken_back(world)
        await hint(world, "job:2")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one.next(), 0.5)


async def _taken_back(world: World) -> None:
    async with world.unit() as unit:
        await send(unit.connection, "job:1")
        raise RuntimeError


async def test_without_hints_patience_ends(world: World) -> None:
    hints = Hints(world.instance.database, patience=0.05)

    async with hints.on("job:1") as one, asyncio.timeout(SOON):
        for _ in range(3):
            await one.next()


async def test_a_lost_connection_comes_back_and_wakes_everybody(world: World) -> None:
    """What was hinted meanwhile was not heard, so all who wait ask again."""
    hints = Hints(world.instance.database, patience=FOR_EVER)

    async with hints.on("job:1") as one, asyncio.timeout(SOON):
        await one.next()
        (lost,) = await listeners(world)
        await world.rows("SELECT pg_terminate_backend($1)", lost)
        await one.next()

        async def only_another() -> bool:
            return [number == lost for number in await listeners(world)] == [False]

        # The one that was ended may be seen for a moment more.
        await until(only_another)
        await hint(world, "job:1")
        await one.next()


async def test_the_connection_is_open_while_somebody_waits(world: World) -> None:
    hints = Hints(world.instance.database, patience=FOR_EVER)

    async with hints.on("job:1") as one:
        async with hints.on("job:1"), asyncio.timeout(SOON):
            await one.next()
        while_one_waits = await listeners(world)

    assert len(while_one_waits) == 1

    async def closed() -> bool:
        return not await listeners(world)

    await until(closed)
