"""What is older than an account keeps it goes, whole months at once where nobody keeps them; totals stay."""

import asyncpg
import pytest

from app.actions.purge import Purged, purge_all
from app.domain.permission import PermissionChange
from app.domain.retention import DataKind
from app.storage import purge
from tests.postgres_server import TemporaryDatabase
from tests.world import World, create_account

ADA = "ada@example.org"


async def opened(world: World) -> int:
    """A mailing that Ada has opened once, drained."""
    await world.subscriber(ADA, PermissionChange.YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, ADA, idempotency_key="once")
    await world.open(message)
    await world.click(message)
    await world.drain()
    return mailing


async def purged(world: World, database: TemporaryDatabase) -> Purged:
    return await purge_all(world.instance, database.owner_dsn)


async def count(world: World, table: str) -> int:
    return (await world.rows(f"SELECT count(*) FROM {table}"))[0][0]  # noqa: S608  a table that the test names


async def test_events_go_when_their_time_is_over_and_totals_stay(world: World, database: TemporaryDatabase):
    """29 days later they are there, 31 days later they are not; the report says the same."""
    mailing = await opened(world)
    await world.settings(retention_days={"events": 30})
    before = await world.report(mailing)

    world.later(days=29)
    early = await purged(world, database)
    kept = await count(world, "event")
    world.later(days=2)
    await purged(world, database)

    assert (early.rows[DataKind.EVENTS], kept) == (0, 2)
    assert await count(world, "event") == 0
    after = await world.report(mailing)
    assert (after.opens, after.unique_opens, after.clicks) == (
        before.opens,
        before.unique_opens,
        before.clicks,
    )
    assert await count(world, "delivery") == 1


async def test_months_that_nobody_keeps_go_whole(world: World, database: TemporaryDatabase):
    """Half a year later the month's partition is dropped, and deleting has nothing left to do."""
    await opened(world)
    month = world.now[0]
    await world.settings(retention_days={"events": 30})

    world.later(days=95)
    done = await purged(world, database)

    assert f"event_{month:%Y_%m}" in done.partitions
    assert done.rows[DataKind.EVENTS] == 0
    assert await count(world, "event") == 0


async def test_one_account_that_keeps_events_keeps_the_partition(world: World, database: TemporaryDatabase):
    """The other account's events are deleted row by row."""
    await create_account(world.instance, "Keeps everything")
    await opened(world)
    await world.settings(retention_days={"events": 30})

    world.later(days=95)
    done = await purged(world, database)

    assert done.partitions == []
    assert done.rows[DataKind.EVENTS] == 2


async def test_nothing_that_has_no_limit_goes(world: World, database: TemporaryDatabase):
    """Without a setting, events and deliveries stay; idempotency keys go after 30 days."""
    await opened(world)

    world.later(days=400)
    done = await purged(world, database)

    assert (await count(world, "event"), await count(world, "delivery")) == (2, 1)
    assert dict(done.rows) == {DataKind.SIGN_UPS: 0, DataKind.BATCHES: 1, DataKind.JOBS: 0}


async def test_deliveries_go_and_their_counts_stay(world: World, database: TemporaryDatabase):
    """An old mail opened afterwards is recorded nowhere."""
    mailing = await opened(world)
    await world.settings(retention_days={"events": 30, "deliveries": 60})

    world.later(days=61)
    await purged(world, database)

    report = await world.report(mailing)
    assert (report.sent, report.measured, report.unique_opens.value) == (1, (1, 1), 1)
    assert (await count(world, "delivery"), await count(world, "event")) == (0, 0)
    assert await count(world, "permission_line") == 2


async def test_a_partition_in_use_waits_for_the_next_round(
    world: World, database: TemporaryDatabase, monkeypatch: pytest.MonkeyPatch
):
    """The drop gives up after some seconds (here less) instead of holding everybody up, and succeeds later."""
    monkeypatch.setattr(purge, "_PATIENCE", "200ms")
    await opened(world)
    await world.settings(retention_days={"events": 30})
    world.later(days=95)
    reader = await asyncpg.connect(database.app_dsn)
    async with reader.transaction():
        await reader.execute("SELECT FROM event")
        busy = await purged(world, database)
    await reader.close()

    done = await purged(world, database)

    assert busy.partitions == []
    assert done.partitions != []
