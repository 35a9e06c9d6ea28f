"""The README's section for front-end developers does what it says; its TypeScript is compiled by `test_front_ends`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import parse, validate

from tests.graphql_schema.product import SCHEMA
from tests.graphql_schema.test_job_progress import new_job
from tests.judges.folder import NODE, README, guide, judges_folder
from tests.running import Running

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def folder(running: Running, tmp_path: Path) -> Path:
    """A folder in which the token lies where `make run` leaves it."""
    (tmp_path / "var").symlink_to(running.data)
    return tmp_path


def ran(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl_reads_a_page(running: Running, folder: Path) -> None:
    said = ran(["bash", "-euo", "pipefail", "-c", guide("sh").replace(HERE, running.url)], folder)

    assert said.startswith('{"data":{"mailings":{"edges":[')


def test_python_reads_all_pages(running: Running, folder: Path) -> None:
    running.gql('mutation { upsertSubscriber(input: { email: "guide@example.org" }) { errors { code } } }')

    # Shown without a patience of its own, which is five seconds; a machine may stand still for as long.
    script = guide("python").replace(HERE, running.url).replace("headers=", "timeout=120, headers=", 1)
    said = ran([sys.executable, "-W", "ignore", "-c", script], folder)

    assert re.search(r"^\S+ (YES|NO|UNKNOWN)$", said, re.MULTILINE)


async def test_javascript_follows_a_job(running: Running) -> None:
    job = await new_job(running)
    await job.moves("DONE", 1.0)
    script = judges_folder() / "guide.mjs"
    told = "const [token, id] = process.argv.slice(2);\n"
    script.write_text(
        told + guide("js").replace(HERE.replace("http", "ws"), running.url.replace("http", "ws"))
    )

    assert ran([NODE, str(script), running.token, job.id], script.parent) == "DONE\n"


def test_every_operation_of_the_readme_is_one_of_the_schema() -> None:
    blocks = re.findall(r"```graphql\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)

    assert len(blocks) > 2
    for block in blocks:
        assert validate(SCHEMA._schema, parse(block)) == []
