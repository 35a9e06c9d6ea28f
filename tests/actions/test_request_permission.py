"""People change while a question is on its way to them: who is still asked, and who is not any more (M5)."""

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest

from app.actions.change_email import change_subscriber_email
from app.actions.erase import erase
from app.actions.jobs import Running, cancel, perform
from app.actions.letters import send, tidy_letters
from app.actions.request_permission import ask_people, request_permission
from app.domain.permission import PermissionChange
from app.jobs.worker import WRITERS
from app.storage.queue import Postponed
from tests.letters import mail_all
from tests.world import World

ADA = "ada@example.org"


async def fates(world: World) -> dict[str, int]:
    return {row["fate"]: row["count"] for row in await world.rows("SELECT fate, count FROM letter_count")}


async def test_m5_a_request_that_was_called_off_mails_nobody(world: World):
    await world.subscriber(ADA)
    async with world.unit() as unit:
        job_id, _ = await request_permission(unit, subscriber_ids=[await world.subscriber(ADA)])
    with pytest.raises(Postponed):
        await perform(world.instance, ask_people, job_id, asyncio.Event())
    async with world.unit() as unit:
        await cancel(unit, job_id)

    assert await mail_all(world.instance) == 1

    assert await fates(world) == {"GONE": 1}
    assert await world.rows("SELECT FROM permission_line") == []


async def test_m5_who_answers_before_the_question_goes_out_is_not_asked(world: World):
    """And is counted by what they said; a second request does not ask whom the first is about to."""
    ids = [await world.subscriber(email) for email in (ADA, "ben@example.org")]
    jobs = []
    for _ in range(2):
        async with world.unit() as unit:
            job_id, skipped = await request_permission(unit, subscriber_ids=ids)
        jobs.append(job_id)
        with suppress(Postponed):
            await perform(world.instance, ask_people, job_id, asyncio.Event())
    await world.answer(ADA, PermissionChange.NO)

    await mail_all(world.instance)
    await perform(world.instance, ask_people, jobs[0], asyncio.Event())

    counts = {row["id"]: row["counts"] for row in await world.rows("SELECT id, counts FROM job")}
    assert counts == {jobs[0]: {"askedRecently": 1, "asked": 1}, jobs[1]: {"askedRecently": 2}}
    assert len(skipped) == 2
    assert await fates(world) == {"GONE": 1, "SENT": 1}


async def asked_for(world: World, *emails: str) -> tuple[int, list[UUID]]:
    """A request that names these people."""
    ids = [await world.subscriber(email) for email in emails]
    async with world.unit() as unit:
        job_id, _ = await request_permission(unit, subscriber_ids=ids)
    return job_id, ids


async def taken_up(world: World, job_id: int) -> None:
    """The job has asked for its letters."""
    with pytest.raises(Postponed):
        await perform(world.instance, ask_people, job_id, asyncio.Event())


@pytest.mark.parametrize("end", ["CANCELLED", "FAILED"])
async def test_m5_a_request_forgets_whom_it_named_however_it_ends(world: World, end: str):
    """A job stays for a while, and nobody is to be found by it."""

    async def stumble(_running: Running) -> None:
        raise ValueError

    job_id, _ = await asked_for(world, ADA)
    if end == "FAILED":
        await perform(world.instance, stumble, job_id, asyncio.Event())
    else:
        async with world.unit() as unit:
            await cancel(unit, job_id)

    (job,) = await world.rows("SELECT status, arguments FROM job")
    assert (job["status"], job["arguments"]) == (end, {"total": 1})


async def test_m5_whoever_is_erased_is_named_by_no_request_any_more(world: World):
    """The others keep their places, so that nobody is left out or asked twice."""
    job_id, (ada, ben) = await asked_for(world, ADA, "ben@example.org")
    async with world.unit() as unit:
        await erase(unit, ada)
    (job,) = await world.rows("SELECT arguments FROM job")

    await taken_up(world, job_id)
    await mail_all(world.instance)
    await perform(world.instance, ask_people, job_id, asyncio.Event())

    assert job["arguments"]["people"] == [UUID(int=0).hex, ben.hex]
    (job,) = await world.rows("SELECT status, counts FROM job")
    assert (job["status"], job["counts"]) == ("DONE", {"notSent": 1, "asked": 1})


async def test_m5_the_counts_of_a_request_add_up_whatever_becomes_of_its_letters(world: World):
    """One has another address by now, the letter to one cannot be written for a day, one is forgotten by all workers."""
    job_id, (ada, ben, _) = await asked_for(world, ADA, "ben@example.org", "cy@example.org")
    await taken_up(world, job_id)
    async with world.unit() as unit:
        await change_subscriber_email(unit, ada, "zoe@example.org")
    await world.rows("UPDATE subscriber SET address = $2 WHERE id = $1 RETURNING 1", ben, "b\r\nBcc: e@e.org")
    await world.rows("UPDATE letter SET created_at = created_at - interval '1 day' RETURNING 1")
    ids = {
        row["subscriber_id"]: row["id"] for row in await world.rows("SELECT id, subscriber_id FROM letter")
    }
    for each in (ada, ben):
        await send(world.instance, WRITERS, ids[each])
    world.later(days=3)

    await tidy_letters(world.instance)
    await perform(world.instance, ask_people, job_id, asyncio.Event())

    (job,) = await world.rows("SELECT status, counts FROM job")
    assert (job["status"], job["counts"]) == ("DONE", {"notSent": 3})
    ended = await world.rows("SELECT fate, sum(count) FROM letter_count GROUP BY fate ORDER BY fate")
    assert [tuple(row) for row in ended] == [("GIVEN_UP", 2), ("GONE", 1)]
