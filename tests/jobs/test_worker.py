"""Jobs on the real queue: asked for with their verb, done in steps, resumed, called off, and never quoting anybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.actions.jobs import Handler, Running, cancel, enqueue, work
from app.disclosure.jobs import jobs_by_id
from app.disclosure.reader import Reader
from app.domain.errors import Conflict, NotFound
from app.domain.jobs import JobStatus
from app.domain.principal import SCOPES, Principal
from tests.world import World, create_account


@asynccontextmanager
async def working(world: World, **handlers: Handler) -> AsyncIterator[None]:
    """A worker beside the test, as the jobs process has one."""
    stop = asyncio.Event()
    worker = asyncio.create_task(work(world.instance, handlers, stop))
    try:
        yield
    finally:
        stop.set()
        await worker


async def asked(world: World, kind: str = "toy", **arguments: object) -> int:
    async with world.unit() as unit:
        return await enqueue(unit, kind, arguments)


async def ended(world: World, job_id: int):
    async with asyncio.timeout(60):
        while True:
            view = (await jobs_by_id(world.reader, [job_id]))[job_id]
            if view.status not in {JobStatus.QUEUED, JobStatus.RUNNING}:
                return view
            await asyncio.sleep(0.05)


async def three_steps(running: Running) -> None:
    """Counts to three, one a step."""
    for _ in range(3):
        async with running.step() as step:
            if step.position == 3:
                return
            await step.save(step.position + 1, (step.position + 1) / 3, {"steps": step.position + 1})


async def test_a_job_is_done_in_steps(world: World) -> None:
    """It reads DONE, with the counts of its last step."""
    job_id = await asked(world)

    async with working(world, toy=three_steps):
        view = await ended(world, job_id)

    assert (view.status, view.progress, view.counts, view.message) == (
        JobStatus.DONE,
        1.0,
        {"steps": 3},
        None,
    )


async def test_a_job_exists_only_if_its_verb_commits(world: World) -> None:
    """What is taken back leaves no job and nothing in the queue."""

    async def verb() -> None:
        async with world.unit() as unit:
            await enqueue(unit, "toy", {})
            raise Conflict

    with pytest.raises(Conflict):
        await verb()

    assert await world.rows("SELECT 1 FROM job") == []
    assert await world.rows("SELECT 1 FROM pgqueuer.pgqueuer") == []


async def test_a_stopped_job_goes_on_where_it_was(world: World) -> None:
    """The worker stops after a step; the next one begins at the position that was saved, and repeats none."""
    seen: list[int] = []
    stop = asyncio.Event()

    async def slow(running: Running) -> None:
        for _ in range(4):
            async with running.step() as step:
                if step.position == 4:
                    return
                seen.append(step.position)
                await step.save(step.position + 1, None, {})
            if len(seen) == 2:
                stop.set()

    job_id = await asked(world)

    await work(world.instance, {"toy": slow}, stop)
    between = (await jobs_by_id(world.reader, [job_id]))[job_id].status
    async with working(world, toy=slow):
        view = await ended(world, job_id)

    assert (between, view.status, seen) == (JobStatus.RUNNING, JobStatus.DONE, [0, 1, 2, 3])


async def test_a_refused_job_says_why(world: World) -> None:
    """What the caller can mend becomes the message."""

    async def refuse(running: Running) -> None:
        raise Conflict("The list is gone. Choose another.")

    job_id = await asked(world)

    async with working(world, toy=refuse):
        view = await ended(world, job_id)

    assert (view.status, view.message) == (JobStatus.FAILED, "The list is gone. Choose another.")


async def test_an_unexpected_error_quotes_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The text of the error stands in no row, no traceback of the queue and no log line."""

    async def stumble(running: Running) -> None:
        raise ValueError("ada@example.org is odd")

    job_id = await asked(world)

    async with working(world, toy=stumble):
        view = await ended(world, job_id)
    kept = await world.rows("SELECT * FROM pgqueuer.pgqueuer_log")

    assert view.status is JobStatus.FAILED
    assert view.message == "This failed for a reason on our side. The server's log says where."
    assert "ada@" not in f"{view} {[tuple(row) for row in kept]} {caplog.text}"


async def test_a_job_called_off_stops_after_its_step(world: World) -> None:
    """It reads CANCELLED, keeps what it had counted, and takes no further step."""
    begun = asyncio.Event()

    async def endless(running: Running) -> None:
        while True:
            async with running.step() as step:
                await step.save(step.position + 1, None, {"steps": step.position + 1})
            begun.set()
            await asyncio.sleep(0.01)

    job_id = await asked(world)

    async with working(world, toy=endless):
        await begun.wait()
        async with world.unit() as unit:
            await cancel(unit, job_id)
        view = await ended(world, job_id)
        await asyncio.sleep(0.1)
        later = (await jobs_by_id(world.reader, [job_id]))[job_id]

    assert view.status is JobStatus.CANCELLED
    assert later.counts == view.counts


async def test_a_job_of_another_account_is_not_there(world: World) -> None:
    """It is neither shown nor called off."""
    job_id = await asked(world)
    other = await create_account(world.instance, "Other")
    stranger = Reader(world.instance, Principal(other, 9, None, SCOPES))

    assert await jobs_by_id(stranger, [job_id]) == {}
    with pytest.raises(NotFound):
        async with world.unit() as unit:
            await cancel(unit, job_id + 1)
    assert (await jobs_by_id(world.reader, [job_id]))[job_id].status is JobStatus.QUEUED
