"""What the instance does for itself: asked for once in an interval, done beside the drain, and never quoting anybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.actions.chores import EVERY, ask_for_chores, chores
from app.actions.jobs import Handler, Running, work
from app.actions.purge import purge_all
from app.disclosure.health import database_warnings
from app.disclosure.jobs import jobs_by_id
from app.domain.errors import Conflict
from app.domain.jobs import JobStatus
from app.domain.retention import DataKind
from tests.postgres_server import TemporaryDatabase
from tests.world import World

HOURLY = {"addresses", "close_windows", "tidy"}


@asynccontextmanager
async def working(world: World, handlers: dict[str, Handler], machines: int = 1) -> AsyncIterator[None]:
    """Workers of chores beside the test, each with connections of its own."""
    stop = asyncio.Event()
    workers = [
        asyncio.create_task(work(world.instance, handlers, stop, one_by_one=True)) for _ in range(machines)
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*workers)


async def statuses(world: World) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in await world.rows("SELECT kind, status FROM job WHERE account_id IS NULL ORDER BY id"):
        found.setdefault(row["kind"], []).append(row["status"])
    return found


async def ended(world: World, count: int = len(EVERY)) -> None:
    """Waits until so many chores have ended."""
    async with asyncio.timeout(60):
        while True:
            rows = await world.rows("SELECT status FROM job WHERE account_id IS NULL")
            if sum(JobStatus(row["status"]).has_ended for row in rows) >= count:
                return
            await asyncio.sleep(0.02)


async def test_processes_ask_for_each_chore_once(world: World) -> None:
    """Eight look at the same moment, each in a transaction of its own: one of them asks."""
    asked = await asyncio.gather(*(ask_for_chores(world.instance) for _ in range(8)))

    assert sorted(kind for found in asked for kind in found) == sorted(EVERY)
    assert await statuses(world) == {kind: ["QUEUED"] for kind in EVERY}


async def test_what_was_done_is_due_again_in_its_next_interval(
    world: World, database: TemporaryDatabase
) -> None:
    world.now[0] = world.now[0].replace(hour=12, minute=30)
    await ask_for_chores(world.instance)
    async with working(world, chores(database.owner_dsn)):
        await ended(world)
    done = await statuses(world)

    at_once = await ask_for_chores(world.instance)
    world.later(hours=1)
    in_an_hour = await ask_for_chores(world.instance)
    await world.rows("UPDATE job SET status = 'DONE'")
    world.later(hours=23)
    in_a_day = await ask_for_chores(world.instance)

    assert done == {kind: ["DONE"] for kind in EVERY}
    assert (at_once, set(in_an_hour), set(in_a_day)) == ([], HOURLY, set(EVERY))


async def test_what_waits_or_is_being_done_is_not_asked_for_again(world: World) -> None:
    """A purge may take longer than a day; one whose process was lost for good holds up no other for ever."""
    await ask_for_chores(world.instance)
    await world.rows("UPDATE job SET status = 'RUNNING' WHERE kind = 'purge'")
    world.later(hours=24)
    while_running = await ask_for_chores(world.instance)
    world.later(hours=25)
    after_two_days = await ask_for_chores(world.instance)

    assert while_running == []
    assert set(after_two_days) == set(EVERY)


async def test_a_chore_that_fails_is_named_and_asked_for_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """By its kind, to the log and under /health/ready; no word of its error is kept, for it may quote a person."""

    async def stumble(running: Running) -> None:
        raise ValueError("ada@example.org is odd")

    await ask_for_chores(world.instance)
    async with working(world, dict.fromkeys(EVERY, stumble)):
        await ended(world)
    warned = await database_warnings(world.instance)
    world.later(hours=1)
    again = await ask_for_chores(world.instance)

    kept = [tuple(row) for row in await world.rows("SELECT * FROM job")]
    kept += [tuple(row) for row in await world.rows("SELECT * FROM pgqueuer.pgqueuer_log")]
    assert await statuses(world) == {kind: ["FAILED", "QUEUED"] for kind in EVERY}
    assert [sentence.split(" failed")[0] for sentence in warned] == [
        f"The chore {kind}" for kind in sorted(EVERY)
    ]
    assert set(again) == set(EVERY)
    assert "(purge) failed with ValueError" in caplog.text
    assert "ada@" not in f"{kept} {warned} {caplog.text}"


async def test_a_kind_is_done_by_one_machine_at_a_time(world: World) -> None:
    """Three of a kind are queued, as after a process that was taken for dead, and three machines are there."""
    at_work, most = 0, 0

    async def slow(running: Running) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.1)
        at_work -= 1

    for _ in range(3):
        await world.rows("UPDATE job SET created_at = '2020-01-01' WHERE account_id IS NULL")
        await world.rows("DELETE FROM timed_job")
        await ask_for_chores(world.instance)
    async with working(world, {"purge": slow}, machines=3):
        async with asyncio.timeout(60):
            while True:
                if (await statuses(world))["purge"] == ["DONE"] * 3:
                    break
                await asyncio.sleep(0.02)

    assert most == 1


async def test_a_chore_is_no_job_of_any_account(world: World) -> None:
    await ask_for_chores(world.instance)
    ids = [row["id"] for row in await world.rows("SELECT id FROM job")]

    assert await jobs_by_id(world.reader, ids) == {}


async def test_a_purge_that_is_stopped_goes_on_with_the_next_account(
    world: World, database: TemporaryDatabase
) -> None:
    """It ends between two accounts, and its job waits in the queue again."""
    stop = asyncio.Event()

    async def stopping(running: Running) -> None:
        stop.set()
        await chores(database.owner_dsn)["purge"](running)

    await ask_for_chores(world.instance)
    await work(world.instance, {"purge": stopping}, stop, one_by_one=True)
    between = (await statuses(world))["purge"]
    async with working(world, chores(database.owner_dsn)):
        await ended(world)

    assert (between, (await statuses(world))["purge"]) == (["RUNNING"], ["DONE"])


async def test_the_log_of_the_queue_and_old_chores_go_after_a_month(
    world: World, database: TemporaryDatabase
) -> None:
    await ask_for_chores(world.instance)
    async with working(world, chores(database.owner_dsn)):
        await ended(world)
    noted = await world.rows("SELECT created FROM pgqueuer.pgqueuer_log")
    await world.rows(
        "UPDATE pgqueuer.pgqueuer_log SET created = created - interval '31 days' WHERE id % 2 = 0"
    )
    old = await world.rows("SELECT 1 FROM pgqueuer.pgqueuer_log WHERE created < now() - interval '30 days'")

    await purge_all(world.instance, database.owner_dsn)
    left = await world.rows("SELECT created FROM pgqueuer.pgqueuer_log")
    kept = await statuses(world)
    world.later(days=31)
    await purge_all(world.instance, database.owner_dsn)

    assert len(old) > 0
    assert len(left) == len(noted) - len(old)
    assert (set(kept), await statuses(world)) == (set(EVERY), {})


async def test_jobs_of_an_account_go_when_their_time_is_over(
    world: World, database: TemporaryDatabase
) -> None:
    """With the errors of imports; what has not ended stays."""
    for number, status in enumerate(("DONE", "RUNNING"), start=1):
        await world.rows(
            "INSERT INTO job (id, account_id, kind, status, arguments, made_by, created_at, updated_at) "
            "VALUES ($1, $2, 'import', $3, '{}', 'test', $4, $4)",
            number, world.account_id, status, world.now[0],
        )  # fmt: skip
        await world.rows(
            "INSERT INTO import_error VALUES ($1, 2, 0, 'email', 'INVALID_EMAIL', 'No.')", number
        )

    world.later(days=89)
    early = await purge_all(world.instance, database.owner_dsn)
    world.later(days=2)
    late = await purge_all(world.instance, database.owner_dsn)

    assert (early.rows[DataKind.JOBS], late.rows[DataKind.JOBS]) == (0, 1)
    assert [row["id"] for row in await world.rows("SELECT id FROM job")] == [2]
    assert [row["job_id"] for row in await world.rows("SELECT job_id FROM import_error")] == [2]


async def test_one_account_that_cannot_be_purged_holds_up_no_other(
    world: World, database: TemporaryDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    """Its settings keep a kind longer than a calendar reaches; the account behind it is purged, and the log names it."""
    from app.actions.unit import unit
    from tests.world import create_account

    other = await create_account(world.instance, "Other")
    await world.rows(
        "UPDATE settings_version SET document = jsonb_set(document, '{retention_days}', '{\"batches\": 4000000}') "
        "WHERE account_id = $1",
        world.account_id,
    )
    async with unit(world.instance, other, "test") as work_there:
        await work_there.connection.execute(
            "INSERT INTO job (id, account_id, kind, status, arguments, made_by, created_at, updated_at) "
            "VALUES (1, $1, 'import', 'DONE', '{}', 'test', $2, $2)",
            other, world.now[0],
        )  # fmt: skip
    world.later(days=91)

    with pytest.raises(Conflict):
        await purge_all(world.instance, database.owner_dsn)

    assert await world.rows("SELECT 1 FROM job") == []
    assert f"Account {world.account_id} was not purged" in caplog.text
