"""Imports over real processes: a drain killed in the middle, memory that stays flat, and the command line."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.supervisor.postgres import OWNER, embedded_cluster
from tests.running import Running, assent, eventually

ROWS = 60_000
UPSERT = "mutation ($email: String!) { upsertSubscriber(input: {email: $email}) { errors { code } } }"
NODE = "query($id: ID!) { node(id: $id) { ... on Job { kind status progress counts message errorsUrl } } }"


@pytest.fixture
def instance() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="assent-import-") as folder:
        data = Path(folder) / "var"
        data.mkdir()
        with assent(data) as running:
            yield running


def people(path: Path, rows: int, known: str | None = None) -> Path:
    """A file of so many people; `known` is one more in their midst."""
    with path.open("w") as file:
        file.write("email,permission,permission_date,name\n")
        for number in range(rows):
            if known is not None and number == rows // 2:
                file.write(f"{known},,,Known\n")
            file.write(
                f"p{number}@mail{number % 90}.example,{('yes', 'no')[number % 2]},2026-03-01,Name {number}\n"
            )
    return path


def upload(running: Running, path: Path) -> str:
    with path.open("rb") as file:
        response = httpx.post(
            f"{running.url}/imports",
            files={"file": file},
            data={"source": "shop"},
            headers={"Authorization": f"Bearer {running.token}"},
            timeout=120,
        )
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def job(running: Running, job_id: str) -> dict[str, object]:
    return running.gql(NODE, id=job_id)["node"]


async def test_a_killed_drain_repeats_no_line(instance: Running, tmp_path: Path) -> None:
    """Kill -9 after some batches: another process goes on, and each person has each line exactly once."""
    known = "known@example.org"
    instance.gql(UPSERT, email=known)
    (before,) = await instance.rows("SELECT count(*) AS people FROM subscriber")
    (lines_before,) = await instance.rows("SELECT count(*) AS lines FROM permission_line")
    file = people(tmp_path / "people.csv", ROWS, known)
    # However fast it is, the import does not come beyond the middle of the file before its process is killed.
    async with held(instance, known):
        job_id = upload(instance, file)
        begun = eventually(lambda: _begun(job(instance, job_id)), "some batches are written")
        for drain in drains(instance.process.pid):
            os.kill(drain, signal.SIGKILL)

    ended = eventually(lambda: _ended(job(instance, job_id)), "the import has ended")
    (after,) = await instance.rows("SELECT count(*) AS people FROM subscriber")
    (lines_after,) = await instance.rows(
        "SELECT count(*) AS lines, count(DISTINCT (subscriber_id, axis)) AS different FROM permission_line"
    )

    assert 0 < begun["rows"] < ROWS
    assert ended["status"] == "DONE"
    assert {name: ended["counts"][name] for name in ("rows", "created", "lines", "errors")} == {
        "rows": ROWS + 1, "created": ROWS, "lines": 2 * ROWS, "errors": 0,
    }  # fmt: skip
    assert after["people"] - before["people"] == ROWS
    assert lines_after["lines"] - lines_before["lines"] == 2 * ROWS
    assert lines_after["different"] == lines_after["lines"]


@asynccontextmanager
async def held(running: Running, email: str) -> AsyncIterator[None]:
    """Nobody else can write what there is of this person meanwhile."""
    connection = await asyncpg.connect(embedded_cluster(running.data).address(OWNER))
    async with connection.transaction():
        await connection.execute("SELECT FROM subscriber WHERE address = $1 FOR UPDATE", email)
        yield
    await connection.close()


def _begun(found: dict[str, object]) -> dict[str, int] | None:
    counts = found["counts"]
    return counts if isinstance(counts, dict) and counts.get("rows", 0) > 0 else None


def _ended(found: dict[str, object]) -> dict[str, object] | None:
    return found if found["status"] in {"DONE", "FAILED", "CANCELLED"} else None


def drains(supervisor: int) -> list[int]:
    """The process of drain and jobs, as the supervisor started it."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = status.read_text().rpartition(")")[2].split()
            command = (status.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(words[1]) == supervisor and b"drain" in command:
            found.append(int(status.parent.name))
    assert found
    return found


def command(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "import", *words],
        env={**os.environ, "ASSENT_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_the_command_imports_beside_a_running_instance(instance: Running, tmp_path: Path) -> None:
    """A dry run counts, the import writes, a file that cannot be read is one sentence and exit code 1."""
    file = people(tmp_path / "people.csv", 300)

    dry = command(instance.data, str(file), "--source", "shop", "--dry-run", "--json")
    real = command(instance.data, str(file), "--source", "shop", "--json")
    bad = command(instance.data, str(file), "--dialect", "do_not_track")

    assert dry.returncode == 0, dry.stderr
    assert (json.loads(dry.stdout)["created"], json.loads(dry.stdout)["dryRun"]) == (300, True)
    assert (json.loads(real.stdout)["created"], json.loads(real.stdout)["status"]) == (300, "DONE")
    assert bad.returncode == 1
    assert bad.stderr.startswith("Error: The column permission belongs to the dialect permission")
    assert list((instance.data / "imports").iterdir()) == []


MEMORY = """
import asyncio, re, sys
from pathlib import Path
from app.actions.import_files import layout_of, records
from app.actions.import_batches import prepared
from app.actions.import_people import Sealer
from app.actions.imports import BATCH
from app.domain.import_rows import RowReader
from app.domain.imports import Defaults, Dialect, columns_of
from app.domain.settings import Withdrawal
from app.instance import AccountKeys, utc_now
from itertools import islice

path = Path(sys.argv[1])
layout = layout_of(path)
found = records(path, layout)
columns = columns_of(next(found).cells, Dialect.PERMISSION)
reader = RowReader(columns, Defaults(source="shop"))
rows = (reader.read(each.number, each.cells) for each in found)
peaks = []
while batch := list(islice(rows, BATCH)):
    sealer = Sealer(1, AccountKeys(bytes(32), bytes(32)), "test", utc_now())
    prepared(batch, sealer, Withdrawal.KEEP, mostly_new=True)
    # Not ru_maxrss, which begins with the peak of the process that started this one.
    peaks.append(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
print(peaks[3], peaks[-1])
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Reading and sealing 100,000 rows takes no more memory than the first 20,000, within 12 MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(people(tmp_path / "people.csv", 100_000))],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    early, late = map(int, done.stdout.split())

    assert late - early <= 12
    assert late < 200
