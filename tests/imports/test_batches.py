"""Two batches of an import are at work at once, and land in their order, or not at all."""

import asyncio

import asyncpg

from app.actions.imports import BATCH, NewImport, begin_import, folder_of, run_import
from app.actions.jobs import perform
from app.disclosure.jobs import JobView, jobs_by_id
from app.domain.jobs import JobStatus
from app.instance import utc_now
from tests.postgres_server import TemporaryDatabase
from tests.world import World


async def imported(world: World, content: str) -> JobView:
    """A file as the worker imports it."""
    (folder_of(world.instance) / "file").write_text(content)
    async with world.unit() as unit:
        job_id = await begin_import(unit, NewImport("file"))
    await perform(world.instance, run_import, job_id, asyncio.Event())
    return (await jobs_by_id(world.reader, [job_id]))[job_id]


def people(first: int, last: int) -> str:
    return "".join(f"p{number}@a.bc\n" for number in range(first, last))


async def test_nothing_is_written_behind_a_batch_that_fails(
    world: World, database: TemporaryDatabase
) -> None:
    """The next is ready by then, and must not land without it."""
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute(
        "ALTER TABLE subscriber ADD CONSTRAINT not_this CHECK (address <> 'p7@a.bc') NOT VALID"
    )
    await owner.close()

    view = await imported(world, "email\n" + people(0, 2 * BATCH))

    assert (view.status, view.counts["rows"]) == (JobStatus.FAILED, 0)
    assert await world.rows("SELECT 1 FROM subscriber") == []


async def test_what_was_read_before_a_fault_of_the_file_is_written(world: World) -> None:
    """The fault shows while the batch before it is being written, and does not stop that."""
    view = await imported(
        world, "email\n" + people(0, BATCH) + "x" * 1_000_001 + "\n" + people(BATCH, BATCH + 9)
    )

    assert (view.status, view.counts["rows"]) == (JobStatus.FAILED, BATCH)
    assert view.message == "The file has a line of more than 1000000 characters. Is it CSV?"
    assert len(await world.rows("SELECT 1 FROM subscriber")) == BATCH


async def test_lines_are_no_older_than_the_transaction_that_writes_them(
    world: World, database: TemporaryDatabase
) -> None:
    """Whoever follows the changes of an account counts on it, and batches are sealed while others are written."""
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute(
        "ALTER TABLE permission_line ADD COLUMN began timestamptz DEFAULT transaction_timestamp()"
    )
    await owner.close()
    world.instance.clock = utc_now

    await imported(world, "email,permission\n" + people(0, 2 * BATCH).replace("\n", ",no\n"))

    (found,) = await world.rows(
        "SELECT count(*) AS lines, count(*) FILTER (WHERE server_time < began) AS older FROM permission_line"
    )
    assert dict(found) == {"lines": 4 * BATCH, "older": 0}
