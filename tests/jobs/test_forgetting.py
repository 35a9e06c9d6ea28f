"""What rules over several hits remember goes by itself, also while the drain is busy for long."""

import asyncio
from datetime import timedelta
from uuid import UUID

from app.jobs.loop import forget_until
from app.storage.copying import microseconds
from app.storage.recent_clicks import RecentClick, remember
from tests.world import World


async def test_clicks_are_forgotten_beside_the_drain_until_it_stops(world: World) -> None:
    """One that is older than two minutes goes, one that may still be needed stays."""
    async with world.instance.database.transaction() as connection:
        for number, seconds in enumerate((119, 121), 1):
            at = microseconds(world.now[0] - timedelta(seconds=seconds))
            known = UUID(int=number).bytes
            await remember(connection, [RecentClick(known, 1, known, at, 1, 7)])
    stop = asyncio.Event()
    forgetting = asyncio.create_task(forget_until(world.instance, stop))

    async with asyncio.timeout(60):
        while True:
            rows = await world.rows("SELECT subscriber_id FROM recent_click")
            if len(rows) < 2:
                break
            await asyncio.sleep(0.01)
    stop.set()
    await forgetting

    assert [row["subscriber_id"] for row in rows] == [UUID(int=1)]
