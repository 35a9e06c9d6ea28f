"""Whatever is killed comes back; and when the supervisor itself is killed, nothing stays behind."""

import os
import signal
import subprocess
from contextlib import suppress

from app.supervisor.leftovers import is_alive
from app.supervisor.postgres import embedded_cluster
from tests.supervisor.conftest import PATIENCE, eventually


async def test_a_killed_postgres_comes_back_with_its_data(instance):
    instance.start_and_wait()
    server = instance.server

    _kill(server)

    assert eventually(lambda: instance.server not in {0, server})
    assert eventually(lambda: embedded_cluster(instance.data).is_ready(instance.server))
    assert await instance.count() == 1
    assert instance.log.count("postgres ended (SIGKILL); starting it again in 0.2 s.") == 1
    assert eventually(instance.answers)


def test_a_killed_web_server_comes_back(instance):
    instance.start_and_wait()
    web = _numbered(instance, "--directory")

    _kill(web)

    assert eventually(lambda: _numbered(instance, "--directory") not in {0, web})
    assert eventually(instance.answers)


def test_what_a_killed_child_leaves_in_its_group_is_ended_with_it(instance):
    """Workers of a killed web server must not go on serving beside those of the next one."""
    instance.start_and_wait()
    drain = _numbered(instance, "& wait")
    assert eventually(lambda: "sleep 1000" in instance.children())
    sleeper = instance.children()["sleep 1000"]

    _kill(drain)

    assert eventually(lambda: not is_alive(sleeper))
    assert eventually(lambda: _numbered(instance, "& wait") not in {0, drain})


async def test_after_a_killed_supervisor_nothing_runs_and_the_next_start_recovers(instance):
    process = instance.start_and_wait()
    server = instance.server
    assert eventually(lambda: len(instance.children()) == 3)

    process.kill()
    process.wait()

    assert eventually(lambda: not is_alive(server))
    assert eventually(lambda: _numbered(instance, "--directory") == 0)
    instance.start_and_wait()
    assert instance.banner == "Start number 2"
    assert eventually(lambda: len(instance.children()) == 3)


async def test_everything_killed_at_once_recovers(instance):
    process = instance.start_and_wait()
    for number in (instance.server, process.pid, *instance.children().values()):
        # The children of a supervisor that was killed end by themselves.
        with suppress(ProcessLookupError):
            _kill(number)
    process.wait()

    instance.start_and_wait()

    assert await instance.count() == 2
    assert "automatic recovery in progress" in instance.log


async def test_an_orphaned_postgres_is_ended_before_the_next_start(instance):
    """The kernel's farewell does not come everywhere; here the server was never tied to its supervisor."""
    instance.start_and_wait().send_signal(signal.SIGTERM)
    instance.begun[0].wait(PATIENCE)
    orphan = _untied_server(instance)

    instance.start_and_wait()

    assert orphan.wait(PATIENCE) == 0
    assert f"A PostgreSQL from before still runs (pid {orphan.pid}); ending it." in instance.log
    assert instance.banner == "Start number 2"
    assert await instance.count() == 2


def test_a_note_with_the_number_of_a_stranger_bars_no_start(instance):
    """Numbers begin anew in every container: the note of a dead server then names a living stranger."""
    process = instance.start_and_wait()
    server = instance.server
    # Otherwise it would hear of its supervisor's death, and might take its note away before it is killed.
    os.kill(server, signal.SIGSTOP)
    for number in (process.pid, server):
        _kill(number)
    process.wait()
    assert eventually(lambda: not is_alive(server))
    stranger = subprocess.Popen(["sleep", "1000"])
    note = embedded_cluster(instance.data).note
    note.write_text(note.read_text().replace(str(server), str(stranger.pid), 1))

    instance.start_and_wait()

    assert stranger.poll() is None
    assert instance.banner == "Start number 2"
    stranger.kill()
    stranger.wait()


def _kill(number: int) -> None:
    """Number 0 would mean the whole group of the tests."""
    assert number > 0
    os.kill(number, signal.SIGKILL)


def _numbered(instance, words: str) -> int:
    """The process number of the child whose command holds these words; 0 without one."""
    return next((number for command, number in instance.children().items() if words in command), 0)


def _untied_server(instance) -> subprocess.Popen[bytes]:
    cluster = embedded_cluster(instance.data)
    cluster.configure()
    account = cluster.account
    server = subprocess.Popen(
        cluster.program.argv,
        cwd=cluster.home,
        user=account and account.user,
        group=account and account.group,
        stderr=subprocess.DEVNULL,
    )
    assert eventually(lambda: cluster.is_ready(server.pid))
    return server
