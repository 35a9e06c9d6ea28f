"""A whole Assent as its operator runs it: `assent run` in a process of its own, with an embedded PostgreSQL.

`running` serves every test of a run; `assent(...)` starts one for a test that kills things.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.supervisor.postgres import OWNER, embedded_cluster

_PATIENCE_SECONDS = 480.0
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class Running:
    """A started instance, seen from outside."""

    process: subprocess.Popen[bytes]
    url: str
    data: Path

    @property
    def token(self) -> str:
        """The demo account's token, as the operator finds it."""
        return (self.data / "demo-token").read_text()

    def gql(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """One operation that must go through."""
        answer = self.post(query, token, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    def post(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """One operation, whatever comes of it."""
        response = httpx.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token or self.token}"},
            timeout=120,
        )
        return response.json()

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        """What the database holds, read as its owner."""
        connection = await asyncpg.connect(embedded_cluster(self.data).address(OWNER))
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    def journal_is_empty(self) -> bool:
        """Whether every hit has reached the database."""
        return not any(_size(path) > 64 for path in (self.data / "journal").rglob("*.segment"))


def _size(path: Path) -> int:
    """The drain may remove a file between two looks."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def eventually(holds: Callable[[], Any], what: str, seconds: float = _PATIENCE_SECONDS) -> Any:
    """Waits until something holds, and returns it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def assent(data: Path, **environment: str) -> Iterator[Running]:
    """An instance on this data folder, stopped at the end as an operator stops it."""
    port = free_port()
    with (data.parent / "stdout.txt").open("ab") as said, (data.parent / "stderr.txt").open("ab") as logged:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run"],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")},
                "ASSENT_DATA": str(data),
                "ASSENT_PORT": str(port),
                "ASSENT_ANONYMOUS_REFRESH": "1",
                **environment,
            },
            stdout=said,
            stderr=logged,
        )
    running = Running(process, f"http://127.0.0.1:{port}", data)
    try:
        eventually(lambda: process.poll() is not None or _live(running.url), "the server answers")
        assert process.poll() is None, (data.parent / "stderr.txt").read_text()
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=120)


def _live(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """One instance for all tests that only use it; each makes people and mailings of its own."""
    with tempfile.TemporaryDirectory(prefix="assent-run-") as folder:
        data = Path(folder) / "var"
        data.mkdir()
        with assent(data) as instance:
            yield instance
