"""People change while a question is on its way to them: who is still asked, and who is not any more (M5)."""

import asyncio
from contextlib import suppress

import pytest

from app.actions.jobs import cancel, perform
from app.actions.request_permission import ask_people, request_permission
from app.domain.permission import PermissionChange
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
