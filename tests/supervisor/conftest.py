"""An instance that tests start, kill and ask: real processes in a data folder of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

import asyncpg
import pytest

from app.supervisor.leftovers import MARK, note_number
from app.supervisor.postgres import OWNER, embedded_cluster
from tests.running import free_port

SCRIPT = Path(__file__).with_name("household.py")
PATIENCE = 120.0
"""Seconds that a process or a server of a slow machine may take for anything."""


@dataclass
class Instance:
    """One data folder, and the supervisor that runs on it now."""

    data: Path
    port: int
    banner: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    begun: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[str]:
        """Starts a supervisor; its output can be read from the process."""
        inherited = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
        environment = {
            **inherited,
            "ASSENT_DATA": str(self.data),
            "ASSENT_PORT": str(self.port),
            **self.extra,
        }
        with (self.data.parent / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, str(SCRIPT)],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.begun.append(process)
        return process

    def start_and_wait(self) -> subprocess.Popen[str]:
        """Starts a supervisor and returns when it has shown its banner."""
        process = self.start()
        self.banner = self.read_banner(process)
        assert self.banner, self.log
        return process

    @staticmethod
    def read_banner(process: subprocess.Popen[str]) -> str:
        """The line of the banner, when it has come; empty if the output ends without."""
        return next((line.strip() for line in process.stdout if line.startswith("Start number")), "")

    @property
    def log(self) -> str:
        """What all supervisors of this folder and their children have said."""
        return (self.data.parent / "log").read_text()

    @property
    def server(self) -> int:
        """The process number of PostgreSQL."""
        return note_number(embedded_cluster(self.data).note)

    def children(self) -> dict[str, int]:
        """The processes that carry the mark of this folder, by their command."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"{MARK}={self.data}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    words = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                    found[" ".join(word.decode() for word in words)] = int(folder.name)
            except OSError:
                continue
        return found

    def answers(self) -> bool:
        """Whether the web server answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=10) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False

    async def count(self, role: str = OWNER) -> int | None:
        """The number of starts that the preparation has noted; None while the database cannot be reached."""
        try:
            connection = await asyncpg.connect(embedded_cluster(self.data).address(role), timeout=PATIENCE)
        except (OSError, asyncpg.PostgresError):
            return None
        try:
            return await connection.fetchval("SELECT count(*) FROM start")
        finally:
            await connection.close()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """An instance that has not been started; whatever was started is dead afterwards."""
    instance = Instance(tmp_path / "data", free_port())
    yield instance
    for process in instance.begun:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        process.stdout.close()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike those of pytest."""
    with TemporaryDirectory(prefix="assent-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def eventually(happened: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Whether it happens within so many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
