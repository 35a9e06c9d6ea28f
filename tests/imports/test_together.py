"""An import beside others who write the same people: nobody is lost, nobody's no is lifted, no number stands twice."""

import asyncio
from contextvars import Context
from uuid import UUID

import asyncpg

from app.actions import answers, people
from app.actions.import_batches import prepared, write_batch
from app.actions.import_people import Sealer
from app.actions.jobs import perform
from app.disclosure.jobs import jobs_by_id
from app.domain.addresses import normalise
from app.domain.global_ids import number_of
from app.domain.import_rows import ImportRow, Said
from app.domain.imports import read_date
from app.domain.jobs import JobStatus
from app.domain.ledger import verify_chain
from app.domain.permission import (
    Evidence,
    Permission,
    PermissionChange,
    PermissionSource,
    answer_of_person,
)
from app.domain.settings import Withdrawal
from app.jobs.worker import HANDLERS
from app.storage import ledger
from app.storage.queue import Postponed
from app.supervisor.postgres import Cluster
from tests.imports.door import Door
from tests.postgres_server import TemporaryDatabase, as_superuser
from tests.world import World

MANY = 40

# Whoever closes a circle looks for it afterwards; who waited before has looked, or looks an hour later.
WAITS_FOR_ANOTHER = """
CREATE FUNCTION wait_for_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted) LOOP PERFORM pg_sleep(0.02); END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER waits AFTER INSERT ON subscriber FOR EACH ROW
  WHEN (NEW.address = 'eve@example.org' AND current_setting('deadlock_timeout') = '100ms')
  EXECUTE FUNCTION wait_for_another()
"""
ASLEEP = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"


async def test_an_import_against_the_persons_answer(door: Door) -> None:
    """People say no while a file says yes: whichever comes first, everybody ends with their no."""
    content = "email,permission\n" + "".join(f"p{n}@example.org,yes\n" for n in range(MANY))

    async def say_no() -> None:
        for number in range(MANY):
            await refuse(door.world, f"p{number}@example.org")
            await asyncio.sleep(0)

    view, _ = await asyncio.gather(door.run(content, source="shop", given_at="2026-03-01"), say_no())

    assert view.status is JobStatus.DONE
    rows = await door.world.rows(
        "SELECT id, opens_value, clicks_value, ledger_head, ledger_length FROM subscriber"
    )
    assert [(row["opens_value"], row["clicks_value"]) for row in rows] == [("NO", "NO")] * MANY
    for row in rows:
        assert await whole(door.world, row["id"], row["ledger_head"], row["ledger_length"])


async def test_somebody_who_is_added_meanwhile_is_not_written_over(world: World) -> None:
    """The person comes in between the look and the writing: the batch waits, locks them, and keeps their no."""
    email = "ada@example.org"
    row = ImportRow(
        2,
        normalise(email),
        Said(
            PermissionChange.YES,
            PermissionChange.YES,
            Evidence(PermissionSource.IMPORT, read_date("2026-03-01")),
            "shop",
        ),
    )
    holding, written = asyncio.Event(), asyncio.Event()

    async def person() -> None:
        async with world.unit() as unit:
            await refuse_in(unit, email)
            holding.set()
            # The import has looked, has seen nobody, and waits for this transaction.
            await world.somebody_waits()
        written.set()

    async def batch():
        await holding.wait()
        async with world.unit() as unit:
            sealer = Sealer(world.account_id, await unit.keys(), unit.actor, unit.now)
            done = await write_batch(unit, prepared([row], sealer, Withdrawal.KEEP, mostly_new=True), None)
            assert written.is_set()
            return done

    done, _ = await asyncio.gather(batch(), person())

    assert (done.created, done.changed, done.lines) == (0, 0, 0)
    assert [flaw.code.value for _, flaws in done.flaws for flaw in flaws] == ["REFUSAL_KEPT"]
    (stands,) = await world.rows("SELECT id, opens_value, ledger_head, ledger_length FROM subscriber")
    assert (stands["opens_value"], stands["ledger_length"]) == ("NO", 2)
    assert await whole(world, stands["id"], stands["ledger_head"], 2)


async def test_two_imports_of_the_same_people(door: Door) -> None:
    """They cross in the middle, and each person is there once, with a whole chain."""
    forwards = "".join(f"p{n}@example.org,yes\n" for n in range(MANY))
    backwards = "".join(f"p{n}@example.org,no\n" for n in reversed(range(MANY)))

    views = await asyncio.gather(
        door.run("email,permission\n" + forwards, source="shop", given_at="2026-03-01"),
        door.run("email,permission\n" + backwards, source="shop", given_at="2026-03-02"),
    )

    assert [view.status for view in views] == [JobStatus.DONE] * 2
    rows = await door.world.rows("SELECT id, opens_value, ledger_head, ledger_length FROM subscriber")
    assert [row["opens_value"] for row in rows] == ["NO"] * MANY
    for row in rows:
        assert await whole(door.world, row["id"], row["ledger_head"], row["ledger_length"])


async def test_an_import_that_gets_in_the_way_of_others_is_tried_again(
    door: Door, database: TemporaryDatabase, postgres_server: Cluster
) -> None:
    """It has added Eve and waits for Ada, whose holder waits for Eve: it gives way, and the file still lands."""
    world, holding = door.world, asyncio.Event()
    await world.subscriber("ada@example.org")
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute(WAITS_FOR_ANOTHER)
    await owner.close()
    await looking_for_circles(world, database, postgres_server, after="1h")

    async def other() -> None:
        async with world.unit() as unit:
            await people.found_or_made(unit, [normalise("ada@example.org")])
            await looking_for_circles(world, database, postgres_server, after="100ms")
            holding.set()
            async with asyncio.timeout(60):
                while not await world.rows(ASLEEP):  # noqa: ASYNC110  another process raises no event here
                    await asyncio.sleep(0.02)
            await people.found_or_made(unit, [normalise("eve@example.org")])

    response = await door.post(b"email,permission\nada@example.org,no\neve@example.org,no\n")
    job_id, stop = number_of(response.json()["id"], "Job"), asyncio.Event()

    async def once() -> None:
        await holding.wait()
        await perform(world.instance, HANDLERS["import"], job_id, stop)

    first, second = await asyncio.gather(once(), other(), return_exceptions=True)
    await perform(world.instance, HANDLERS["import"], job_id, stop)

    assert isinstance(first, Postponed)
    assert second is None
    assert (await jobs_by_id(world.reader, [job_id]))[job_id].status is JobStatus.DONE
    assert await door.values("eve@example.org") == await door.values("ada@example.org") == ("NO", "NO")


async def looking_for_circles(
    world: World, database: TemporaryDatabase, postgres_server: Cluster, *, after: str
) -> None:
    """How long connections that are opened from now on wait before they look, once, who waits for whom."""
    await as_superuser(postgres_server, f"ALTER DATABASE {database.name} SET deadlock_timeout = '{after}'")
    await (await world.instance.database.pool()).expire_connections()


async def test_who_began_earlier_and_writes_later_hides_no_answer_in_between(world: World) -> None:
    """Whoever asks who said something new since a time finds the latest time, in whatever order it was written."""
    email, source = "ada@example.org", PermissionSource.PREFERENCE_CENTER
    await world.subscriber(email)

    async with world.unit() as early:
        world.later(seconds=5)
        await asyncio.create_task(refuse(world, email), context=Context())
        row = (await people.found_or_made(early, [normalise(email)]))[email]
        yes = answers.changed(
            row, lambda state, _axis: answer_of_person(state, Permission.YES, source, early.now)
        )
        await answers.write(early, row, yes, source)

    (stands,) = await world.rows("SELECT opens_value, changed_at FROM subscriber")
    assert (stands["opens_value"], stands["changed_at"]) == ("YES", world.now[0])


async def refuse(world: World, email: str) -> None:
    """The person says no at one of our doors."""
    async with world.unit() as unit:
        await refuse_in(unit, email)


async def refuse_in(unit, email: str) -> None:
    row = (await people.found_or_made(unit, [normalise(email)]))[email]
    source = PermissionSource.PREFERENCE_CENTER
    states = answers.changed(
        row, lambda state, _axis: answer_of_person(state, Permission.NO, source, unit.now)
    )
    await answers.write(unit, row, states, source)


async def whole(world: World, subscriber: UUID, head: bytes, length: int) -> bool:
    """Whether somebody's chain proves itself."""
    async with world.instance.database.connection() as connection:
        lines = await ledger.page(connection, world.account_id, subscriber, after=0, limit=100)
    return verify_chain(lines, world.instance.account_keys[world.account_id].ledger, head, length) == []
