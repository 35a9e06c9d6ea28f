"""An instance starts, shows its banner, stops when told to, and is alone on its folder."""

import signal
import stat
import time

import pytest

from app.supervisor.leftovers import is_alive
from app.supervisor.postgres import APPLICATION, embedded_cluster
from tests.supervisor.conftest import PATIENCE, eventually


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_cleanly(instance, number):
    process = instance.start_and_wait()
    server = instance.server

    process.send_signal(number)
    code = process.wait(PATIENCE)

    assert code == 0
    assert eventually(lambda: instance.children() == {})
    assert not is_alive(server)
    assert not instance.answers()
    assert not embedded_cluster(instance.data).socket.exists()


async def test_children_end_in_order_and_postgres_is_the_last(instance):
    process = instance.start_and_wait()

    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)

    assert instance.log.index("Stopping") < instance.log.index("received fast shutdown request")
    assert "database system is shut down" in instance.log


def test_a_signal_during_the_start_stops_it_too(instance):
    process = instance.start()
    time.sleep(0.3)

    process.send_signal(signal.SIGTERM)
    code = process.wait(PATIENCE)

    assert code in {0, -signal.SIGTERM}
    assert eventually(lambda: instance.children() == {})


async def test_the_second_start_makes_no_new_cluster_and_keeps_the_data(instance):
    """To make one takes most of a first start, so the second one is quick."""
    instance.start_and_wait().send_signal(signal.SIGTERM)
    instance.begun[0].wait(PATIENCE)

    made = _making_of(instance)
    instance.start_and_wait()

    assert _making_of(instance) == made
    assert instance.banner == "Start number 2"
    assert await instance.count() == 2


def _making_of(instance) -> tuple[int, int]:
    """Which file initdb wrote, and when; nobody writes it again."""
    written = (embedded_cluster(instance.data).home / "PG_VERSION").stat()
    return written.st_ino, written.st_mtime_ns


async def test_a_second_instance_is_refused_and_the_first_goes_on(instance):
    first = instance.start_and_wait()

    second = instance.start()

    assert second.wait(PATIENCE) == 1
    assert f"Assent is already running on this data folder (pid {first.pid}, since 2" in instance.log
    assert first.poll() is None
    assert eventually(instance.answers)
    assert await instance.count() == 1


def test_a_taken_port_is_said_before_anything_starts(instance):
    instance.start_and_wait()
    instance.data = instance.data.with_name("other")

    second = instance.start()

    assert second.wait(PATIENCE) == 1
    assert (
        f"The web server cannot listen on 127.0.0.1 port {instance.port} (Address already in use)"
        in instance.log
    )
    assert not (instance.data / "postgres").exists()


async def test_the_database_is_shut_to_everybody_else(instance):
    """No TCP, a private socket, and the application's role owns nothing."""
    instance.start_and_wait()

    cluster = embedded_cluster(instance.data)
    state = cluster.socket.stat()

    assert stat.S_IMODE(state.st_mode) == 0o700
    assert stat.S_IMODE((cluster.socket / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert stat.S_IMODE(instance.data.stat().st_mode) == 0o700
    assert "listen_addresses = ''" in (cluster.home / "postgresql.conf").read_text()
    with pytest.raises(Exception, match="permission denied for table start"):
        await instance.count(APPLICATION)


async def test_a_foreign_database_is_used_and_no_server_is_started(instance, empty_database):
    instance.extra = {
        "DATABASE_URL": empty_database.app_dsn,
        "ASSENT_OWNER_DATABASE_URL": empty_database.owner_dsn,
    }

    process = instance.start_and_wait()
    process.send_signal(signal.SIGTERM)

    assert process.wait(PATIENCE) == 0
    assert instance.banner == "Start number 1"
    assert not (instance.data / "postgres").exists()


def test_a_failed_preparation_ends_the_start_and_everything_with_it(instance):
    instance.extra = {"ASSENT_TEST_PREPARATION": "raise SystemExit('no such luck')"}

    process = instance.start()

    assert process.wait(PATIENCE) == 1
    assert "no such luck" in instance.log
    assert "The preparation of the database failed (exit code 1); its words stand above." in instance.log
    assert eventually(lambda: instance.children() == {})
    assert not embedded_cluster(instance.data).note.exists()


def test_a_web_server_that_never_comes_up_ends_the_start(instance):
    instance.extra = {"ASSENT_TEST_WEB": "raise SystemExit('broken')"}

    process = instance.start()

    assert process.wait(PATIENCE) == 1
    assert instance.log.count("broken") == 6
    assert "web ended 6 times while starting; its words stand above." in instance.log
    assert eventually(lambda: instance.children() == {})
