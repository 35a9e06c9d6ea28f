"""What dies is restarted, and what was answered is in the report exactly once, without a hand touching anything."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.supervisor.leftovers import note_number
from app.supervisor.postgres import OWNER, embedded_cluster
from tests.journey.burst import burst
from tests.journey.test_journey import MailProgram, mailing, prepared, report, subscriber
from tests.running import Running, assent, eventually

MAIL = '<p><a href="https://shop.example.com/a">A</a> <a href="{{preferences_url}}">Choose</a></p>'

IMPATIENT = "from app import prepare; prepare._PATIENCE_SECONDS = 1.0; prepare.main()"
"""The preparation, which else gives a database twenty seconds to come up."""


def killed(process: int) -> None:
    """Kill -9, unless the process has ended by itself since it was looked up. Number 0 would mean the tests themselves."""
    assert process > 0
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An instance of these tests alone, since parts of it are killed."""
    data = tmp_path_factory.mktemp("deaths") / "var"
    data.mkdir()
    with assent(data) as running:
        yield running


def processes(running: Running, *words: str) -> list[int]:
    """The processes of this instance whose command line holds these words."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if all(word in command for word in words) and str(running.data).encode() in environment:
                found.append(int(folder.name))
    return found


def postmaster(running: Running) -> int:
    """The main process of the embedded PostgreSQL; 0 where none has noted itself."""
    return note_number(embedded_cluster(running.data).note)


def tracked_mail(running: Running) -> tuple[str, MailProgram]:
    email, _ = subscriber(running, "YES")
    mailing_id = mailing(running)
    (message,) = prepared(running, mailing_id, MAIL, email)
    return mailing_id, MailProgram(message["html"], running.url)


def counted(running: Running, mailing_id: str, opens: int, clicks: int, unpromised: int = 0) -> None:
    """Waits for a report of so many; of the opens, those that nothing was promised of may be there or not."""

    def there() -> bool:
        answer = running.post(
            "query($id: ID!) { mailing(id: $id) { report { opens { value } clicks { value } } } }",
            id=mailing_id,
        )
        figures = ((answer.get("data") or {}).get("mailing") or {}).get("report")
        return figures in [
            {"opens": {"value": opens - less}, "clicks": {"value": clicks}} for less in range(unpromised + 1)
        ]

    eventually(there, f"{opens} opens and {clicks} clicks are in the report")


def answers(running: Running) -> bool:
    try:
        return "errors" not in running.post("{ viewer { scopes } }")
    except (httpx.TransportError, ValueError):
        return False


def answered_early(running: Running) -> int:
    """How many hits were answered before they were durable, as the metrics tell it: none, unless the disk is slow."""
    lines = httpx.get(f"{running.url}/metrics", timeout=60).text.splitlines()
    (line,) = [line for line in lines if 'reason="SLOW_JOURNAL"' in line]
    return int(line.rpartition(" ")[2])


async def test_a_burst_is_counted_once_while_worker_drain_and_postgresql_are_killed(
    instance: Running,
) -> None:
    """Kill -9 of each at random moments of one burst: whatever was answered is in the events exactly once."""
    chance = random.Random()  # noqa: S311  other moments in every run, since no moment may matter
    hits = burst(instance, 800, pause=0.01)

    with hits.running():
        for _ in range(2):
            await asyncio.sleep(chance.random())
            for process in processes(instance, "app.cli drain"):
                killed(process)
            await asyncio.sleep(chance.random())
            killed(postmaster(instance))
            await asyncio.sleep(chance.random())
            killed(chance.choice(processes(instance, "granian")))
            await asyncio.to_thread(eventually, lambda: answers(instance), "server and database are back")

    await asyncio.to_thread(eventually, instance.journal_is_empty, "the journal is drained")
    connection = await asyncpg.connect(embedded_cluster(instance.data).address(OWNER))
    try:
        recorded = await hits.recorded(connection)
    finally:
        await connection.close()
    assert len(hits.answered) > 20
    # Nothing is promised of a hit whose disk took longer than anybody should wait.
    assert len(hits.answered - recorded.keys()) <= answered_early(instance)
    assert recorded.keys() <= hits.asked
    assert set(recorded.values()) == {1}
    opens, clicks = (sum(clicked is link for _, link in recorded) for clicked in (False, True))
    counted(instance, hits.mailing_id, opens=opens, clicks=clicks)


def test_hits_are_answered_while_postgresql_is_dead_and_counted_once_when_it_is_back(
    instance: Running,
) -> None:
    """Kill -9 of PostgreSQL: pixels and links go on answering, it is restarted, every hit is there once."""
    mailing_id, mail = tracked_mail(instance)
    before = postmaster(instance)

    killed(before)
    for _ in range(5):
        mail.open()
        assert mail.click(0) == "https://shop.example.com/a"

    eventually(lambda: postmaster(instance) not in {0, before} and answers(instance), "PostgreSQL is back")
    counted(instance, mailing_id, opens=5, clicks=5)


def test_hits_answered_by_a_worker_that_is_killed_are_counted_once(instance: Running) -> None:
    """Kill -9 of the web worker and of the drain: both come back, nothing is lost, nothing is counted twice."""
    mailing_id, mail = tracked_mail(instance)
    before = answered_early(instance)

    for _ in range(3):
        mail.open()
        for process in processes(instance, "app.cli drain"):
            killed(process)
    for process in processes(instance, "granian"):
        killed(process)
    eventually(lambda: answers(instance), "the web server is back")
    mail.open()

    counted(instance, mailing_id, opens=4, clicks=0, unpromised=answered_early(instance) - before)


def test_a_killed_supervisor_leaves_nothing_behind_and_the_next_start_recovers(tmp_path: Path) -> None:
    """Kill -9 of the supervisor mid-work: nothing of it goes on, and the next start has everything, within seconds."""
    data = tmp_path / "var"
    data.mkdir()
    with assent(data) as first:
        mailing_id, mail = tracked_mail(first)
        mail.open()
        unpromised = answered_early(first)
        first.process.kill()
        first.process.wait()
        eventually(lambda: not processes(first, "granian"), "the workers are gone")

    with assent(data) as second:
        counted(second, mailing_id, opens=1, clicks=0, unpromised=unpromised)
        assert report(second, mailing_id)["sent"] == 1


def test_a_second_instance_on_the_same_folder_says_so(instance: Running) -> None:
    """It ends with one sentence that names the running one, which goes on undisturbed."""
    environment = {**os.environ, "ASSENT_DATA": str(instance.data), "ASSENT_PORT": "1"}
    second = subprocess.run(
        [sys.executable, "-m", "app.cli", "run"], env=environment, capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert "already running" in second.stderr
    assert answers(instance)


def test_an_unreachable_database_is_one_sentence_and_an_exit_code(tmp_path: Path) -> None:
    """DATABASE_URL names a server that is not there: the preparation says so, and nothing is left running."""
    environment = {
        **os.environ,
        "ASSENT_DATA": str(tmp_path),
        "DATABASE_URL": f"postgresql://assent_app@/assent?host={tmp_path}",
    }
    failed = subprocess.run(
        [sys.executable, "-c", IMPATIENT], env=environment, capture_output=True, text=True, check=False
    )

    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: The database does not answer")
    assert len(failed.stderr.splitlines()) == 1
