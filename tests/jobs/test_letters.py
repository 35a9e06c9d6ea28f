"""Letters on the real queue and a real mail server: tried again, given up, refused, forgotten; and they name nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.actions.erase import erase
from app.actions.letters import Written, send, tidy_letters, work
from app.actions.preferences_link import ask_for_links, write_link
from app.actions.request_permission import request_permission
from app.actions.unit import Unit
from app.disclosure.health import database_warnings
from app.domain.addresses import normalise
from app.domain.errors import Conflict
from app.domain.letters import LetterFate, LetterKind
from app.jobs.worker import WRITERS, work_until
from app.outbox.mailer import Mailer
from app.storage.letters import LetterRow
from tests.letters import mail_all
from tests.outbox.servers import Sink, sink
from tests.running import free_port
from tests.world import World

ADA = "ada@example.org"


@asynccontextmanager
async def mailing(world: World) -> AsyncIterator[None]:
    """The worker of letters beside the test, as the jobs process has it."""
    stop = asyncio.Event()
    worker = asyncio.create_task(work(world.instance, WRITERS, stop))
    try:
        yield
    finally:
        stop.set()
        await worker


async def link_asked_for(world: World, email: str = ADA) -> None:
    await world.subscriber(email)
    await ask_for_links(world.instance, normalise(email), None)


def speak_to(world: World, port: int) -> None:
    world.instance.mailer = Mailer(f"smtp://127.0.0.1:{port}", Path("nowhere"), pause=0)


async def until(holds) -> None:
    """Waits until something holds in the database."""
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110  the database raises no event
            await asyncio.sleep(0.05)


async def letters(world: World, condition: str = "true") -> int:
    ((count,),) = await world.rows(f"SELECT count(*) FROM letter WHERE {condition}")  # noqa: S608  the test's own
    return count


async def fates(world: World) -> dict[str, int]:
    return {row["fate"]: row["count"] for row in await world.rows("SELECT fate, count FROM letter_count")}


async def no_pauses(world: World) -> None:
    """Lets the queue's pauses be over, as time would."""
    await world.rows("UPDATE pgqueuer.pgqueuer SET execute_after = now() RETURNING 1")


async def fates_without_pauses(world: World) -> dict[str, int]:
    """Again and again, since a pause begins a moment after the attempt that was counted."""
    await no_pauses(world)
    return await fates(world)


async def test_a_letter_waits_for_a_server_that_is_down_and_goes_out_when_it_is_up(world: World):
    """It goes out once, with a link that is fresh when it arrives."""
    port = free_port()
    speak_to(world, port)
    await link_asked_for(world)

    async with mailing(world):
        await until(lambda: letters(world, "attempts = 1"))
        warned = await database_warnings(world.instance)
        world.later(hours=5)
        async with sink(port) as server:
            await until(lambda: fates_without_pauses(world))

    (mail,) = server.taken
    assert (mail["To"], mail["Subject"]) == (ADA, "Your settings with Test")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert await fates(world) == {"SENT": 1}
    assert await letters(world) == 0
    assert "Letters that could not be mailed yet and are tried again (see ASSENT_SMTP_URL): 1." in warned


async def test_who_is_refused_for_now_is_tried_again_and_who_is_refused_for_good_is_counted(world: World):
    async with refusing(world, "450 later, {address}") as server:
        await link_asked_for(world)
        await mail_all(world.instance)
        assert await letters(world, "attempts = 1") == 1
        server.says[0] = "550 never, {address}"
        await mail_all(world.instance)

    assert await letters(world) == 0
    assert await fates(world) == {"REFUSED": 1}
    assert await database_warnings(world.instance) == [
        "Letters that were refused or given up since yesterday: 1."
    ]


@asynccontextmanager
async def refusing(world: World, recipient: str) -> AsyncIterator[Sink]:
    async with sink() as server:
        server.says[0] = recipient
        speak_to(world, server.port)
        yield server


async def test_after_a_day_a_letter_is_given_up(world: World):
    speak_to(world, free_port())
    await link_asked_for(world)
    await mail_all(world.instance)
    world.later(hours=24)

    await mail_all(world.instance)

    assert (await letters(world), await fates(world)) == (0, {"GIVEN_UP": 1})


async def test_nothing_that_waits_and_nothing_that_is_logged_names_the_person(
    world: World, caplog: pytest.LogCaptureFixture
):
    """Not the rows of the letter, not the queue and its log and tracebacks, not our own log."""
    async with refusing(world, "450 {address} comes later") as _:
        # A name that no hex digits spell, since ids are among the texts.
        await link_asked_for(world, "zoe@example.org")
        async with mailing(world):
            await until(lambda: world.rows("SELECT FROM pgqueuer.pgqueuer_log WHERE traceback IS NOT NULL"))
            tables = ("letter", "letter_count", "pgqueuer.pgqueuer", "pgqueuer.pgqueuer_log")
            kept = [str(await world.rows(f"SELECT t::text FROM {table} t")) for table in tables]  # noqa: S608

    assert all(rows != "[]" for rows in (kept[0], kept[2], kept[3]))
    # The server is ours too, in this test, and logs what it likes.
    logged = [each.getMessage() for each in caplog.records if each.name != "mail.log"]
    for text in (*kept, *logged):
        assert "zoe" not in text
        assert "example.org" not in text
    assert "A letter was not taken and is tried again: SMTPRecipientRefused 450" in logged


async def test_a_letter_goes_with_the_person(world: World):
    """What waits for somebody who is erased is never mailed."""
    speak_to(world, free_port())
    await link_asked_for(world)
    await mail_all(world.instance)
    (row,) = await world.rows("SELECT subscriber_id FROM letter")

    async with world.unit() as unit:
        await erase(unit, row["subscriber_id"])

    assert await letters(world) == 0


async def test_what_no_worker_ended_is_tidied_away(world: World):
    speak_to(world, free_port())
    await link_asked_for(world)
    world.later(days=3)

    await tidy_letters(world.instance)

    assert (await letters(world), await fates(world)) == (0, {"GIVEN_UP": 1})
    world.later(days=40)
    await tidy_letters(world.instance)
    assert await fates(world) == {}


@pytest.mark.parametrize("trouble", [Conflict, lambda: ValueError("zoe@example.org is odd")])
async def test_what_the_server_has_taken_is_not_mailed_again_for_trouble_here(
    world: World, caplog: pytest.LogCaptureFixture, trouble: Callable[[], Exception]
):
    """Writing down that it was sent fails, and is tried again or left out, without the server."""
    troubles = [trouble()]

    async def ended(_unit: Unit, _fate: LetterFate) -> None:
        if troubles:
            raise troubles.pop()

    async def write(unit: Unit, row: LetterRow) -> Written | None:
        written = await write_link(unit, row)
        return written and replace(written, ended=ended)

    async with refusing(world, "250 OK") as server:
        await link_asked_for(world)
        (row,) = await world.rows("SELECT id FROM letter")
        await send(world.instance, {LetterKind.LINK: write}, row["id"])

    assert (len(server.taken), troubles, await fates(world)) == (1, [], {"SENT": 1})
    assert await letters(world) == 0
    # The server is ours too, in this test, and logs what it likes.
    assert not [each for each in caplog.records if each.name != "mail.log" and "zoe" in each.getMessage()]


async def test_a_letter_whose_text_cannot_be_written_is_tried_again_and_quotes_nobody(
    world: World, caplog: pytest.LogCaptureFixture
):
    """What went wrong in the database is our fault, and nobody's to read in a log."""
    await link_asked_for(world)
    await world.rows("UPDATE subscriber SET address = $1 RETURNING 1", "ada\r\nBcc: eve@example.org")

    await mail_all(world.instance)

    assert await letters(world, "attempts = 1") == 1
    assert "A letter failed with" in caplog.text
    assert "eve" not in caplog.text


async def test_a_letter_that_is_tried_again_is_the_same_letter(world: World):
    """Under one Message-ID, so that a mailbox that gets it twice can tell."""
    async with refusing(world, "250 OK") as server:
        await link_asked_for(world)
        (row,) = await world.rows("SELECT * FROM letter")
        await mail_all(world.instance)

    assert server.taken[0]["Message-ID"] == f"<{row['id']}@track.example.org>"


async def test_a_request_for_permission_ends_when_its_last_letter_has(world: World):
    """On both queues, as the jobs process runs them: while the server is down the job goes on, and says so."""
    port = free_port()
    speak_to(world, port)
    ids = [await world.subscriber(email) for email in (ADA, "ben@example.org")]
    async with world.unit() as unit:
        job_id, _ = await request_permission(unit, subscriber_ids=ids)
    stop = asyncio.Event()
    worker = asyncio.create_task(work_until(world.instance, stop))

    async def job() -> tuple[str, dict[str, int]]:
        (row,) = await world.rows("SELECT status, counts FROM job WHERE id = $1", job_id)
        return row["status"], row["counts"]

    async def two_have_failed() -> bool:
        return await letters(world, "attempts = 1") == 2

    async def all_are_sent() -> bool:
        return await fates_without_pauses(world) == {"SENT": 2}

    async def done() -> bool:
        await no_pauses(world)
        return (await job())[0] == "DONE"

    await until(two_have_failed)
    between = await job()
    async with sink(port) as server:
        await until(all_are_sent)
        await until(done)
    stop.set()
    await worker

    assert between == ("RUNNING", {})
    assert await job() == ("DONE", {"asked": 2})
    assert sorted(mail["To"] for mail in server.taken) == [ADA, "ben@example.org"]
    assert [row["arguments"] for row in await world.rows("SELECT arguments FROM job")] == [{"total": 2}]
    rows = await world.rows("SELECT opens_reason, asked_at FROM subscriber")
    assert [(row["opens_reason"], row["asked_at"]) for row in rows] == [("ASKED_NO_ANSWER", world.now[0])] * 2
