"""The database of this installation for a single command, whether an instance runs or not.

A command such as `assent migrate` must work beside a running instance and without one: beside it, it uses the
server that runs; without one, it holds the lock of the data folder and runs the server for as long as it takes.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.settings import Settings
from app.supervisor.errors import AlreadyRunning, PostgresUnavailable
from app.supervisor.leftovers import end_server
from app.supervisor.lock import InstanceLock
from app.supervisor.postgres import APPLICATION, OWNER, Cluster, embedded_cluster
from app.supervisor.processes import end, launch

_GLANCE = 0.02


@dataclass(frozen=True, slots=True)
class DatabaseAddresses:
    """The URLs of the two roles; the same where a foreign server has one role only."""

    owner: str = field(repr=False)
    application: str = field(repr=False)


@contextmanager
def reachable_database(settings: Settings) -> Iterator[DatabaseAddresses]:
    """The database that these settings mean, running for the time of the block.

    Raises:
        CannotStart: when the embedded server cannot be started.
    """
    if settings.database_url is not None:
        yield DatabaseAddresses(settings.owner_database_url or settings.database_url, settings.database_url)
        return
    cluster = embedded_cluster(settings.data)
    addresses = DatabaseAddresses(cluster.address(OWNER), cluster.address(APPLICATION))
    lock = InstanceLock(settings.data)
    try:
        lock.acquire()
    except AlreadyRunning:
        yield addresses
        return
    with lock, serving(cluster):
        yield addresses


@contextmanager
def serving(cluster: Cluster) -> Iterator[None]:
    """Runs the cluster for the time of the block; the caller makes sure that nobody else does.

    Raises:
        PostgresUnavailable: when it ends instead of starting.
    """
    end_server(cluster.note, _say)
    cluster.create()
    cluster.configure()
    server = launch(cluster.program)
    try:
        _await_ready(cluster, server)
        yield
    finally:
        end(server, cluster.program)
        cluster.leave()


def _await_ready(cluster: Cluster, server: subprocess.Popen[bytes]) -> None:
    """Waits as long as recovery takes: a server that is at work is not late."""
    while not cluster.is_ready(server.pid):
        if server.poll() is not None:
            raise PostgresUnavailable("PostgreSQL ended while starting; its words stand above.")
        time.sleep(_GLANCE)


def _say(sentence: str) -> None:
    sys.stderr.write(f"assent: {sentence}\n")
