"""The whole web application behind a real server, as a worker of an operator, without a database."""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.journal.reader import JournalReader
from app.journal.records import PERSONAL, PersonalRecord
from app.sealing.keyring import Keyring
from app.sealing.links import Addresses
from app.supervisor.memory import shared_memory
from tests.journal.hits import read
from tests.running import eventually, free_port
from tests.tracking.conftest import Mail

ROOT = Path(__file__).parents[2]
SECRET = bytes(range(32))


@dataclass
class Edge:
    """A started server: where it answers, the addresses of a mail, what it has logged."""

    process: subprocess.Popen[bytes]
    url: str
    mail: Mail
    client: httpx.Client
    logged: str = ""
    """What it said, once it has ended; it goes through a pipe, which no limit of files can cut."""

    def get(self, address: str, **headers: str) -> httpx.Response:
        """Asks for an address of the mail."""
        return self.client.get(address, headers=headers)

    def workers(self) -> list[int]:
        """The processes that answer."""
        main = self.process.pid
        return [int(each) for each in Path(f"/proc/{main}/task/{main}/children").read_text().split()]

    def counted(self) -> dict[str, int]:
        """The lines of the metrics that are whole numbers above zero."""
        lines = self.client.get(f"{self.url}/metrics").text.splitlines()
        told = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: int(value) for name, value in told if value.isdigit() and int(value)}

    def hits(self) -> int:
        """How many hits are counted as recorded."""
        return sum(count for name, count in self.counted().items() if name.startswith("assent_hits_total"))


@contextmanager
def edge(data: Path, workers: int = 1, **environment: str) -> Iterator[Edge]:
    """A server on this data folder; ended at the end."""
    url = f"http://127.0.0.1:{free_port()}"
    keys = base64.urlsafe_b64encode(SECRET).decode()
    words = ("--interface", "asgi", "--loop", "uvloop", "--factory", "--respawn-failed-workers")
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, "--workers", str(workers), "--port", url.rpartition(":")[2],
         "--log-level", "warning", "tests.tracking.patient:create_application"],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            **shared_memory(),
            "ASSENT_DATA": str(data),
            "ASSENT_SECRET_KEYS": keys,
            "DATABASE_URL": f"postgresql://nobody@/assent?host={data}",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    server = Edge(process, url, Mail(Addresses(Keyring([SECRET]), url)), _client())
    try:
        eventually(lambda: _answers(url), "the server answers")
        yield server
    finally:
        server.client.close()
        process.terminate()
        server.logged = process.communicate(timeout=120)[0].decode()


def personal_records(data: Path) -> list[PersonalRecord]:
    """What stands in the personal journal of a data folder."""
    reader = JournalReader(data, PERSONAL)
    return [record for segment in reader.segments() for _, record in read(reader, segment).records]


def _client() -> httpx.Client:
    """Each request has a connection of its own, so that all workers get their share."""
    return httpx.Client(timeout=120, limits=httpx.Limits(max_keepalive_connections=0))


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", timeout=2).status_code == 200
    except httpx.TransportError:
        time.sleep(0.05)
        return False
