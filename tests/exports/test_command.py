"""`assent export` beside a running instance: to a file, packed, or to standard output, with an exit code that says so."""

import asyncio
import csv
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.running import Running

UPSERT = """mutation { upsertSubscriber(input: {email: "export-command@example.org"}) { errors { code } } }"""


def command(data: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "export", *words],
        env={**os.environ, "ASSENT_DATA": str(data)},
        capture_output=True,
        timeout=120,
        check=False,
    )


def files(folder: Path) -> dict[str, int]:
    """The files of a folder, if there is one yet, and who may read them."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.glob("*")}


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


async def test_the_command_writes_files(running: Running, tmp_path: Path) -> None:
    """The same people in a packed file and on standard output; nothing of them stays in the data folder."""
    running.gql(UPSERT)
    (account,) = await running.rows("SELECT min(id) AS id FROM account")
    name = ("--account", str(account["id"]))
    target = tmp_path / "people.csv.gz"
    before = files(running.data / "exports")

    to_file = command(running.data, "subscribers", *name, "-o", str(target), "--bom", "--json")
    piped = command(running.data, "subscribers", *name, "--json")

    assert to_file.returncode == 0, to_file.stderr
    text = await asyncio.to_thread(unpacked, target)
    assert text.startswith(b"\xef\xbb\xbfemail,")
    assert "export-command@example.org" in [
        row["email"] for row in csv.DictReader(io.StringIO(piped.stdout.decode()))
    ]
    said = json.loads(to_file.stdout)
    assert (said["status"], said["output"], said["bytes"]) == ("DONE", str(target), len(text))
    assert (piped.returncode, json.loads(piped.stderr)["output"]) == (0, "-")
    assert sorted(text.removeprefix(b"\xef\xbb\xbf").splitlines()) == sorted(piped.stdout.splitlines())
    there = await asyncio.to_thread(files, tmp_path)
    assert there == {"people.csv.gz": 0o600}
    assert files(running.data / "exports").keys() <= before.keys()


async def test_the_command_says_what_is_wrong(running: Running, tmp_path: Path) -> None:
    """One sentence, exit code 1, and no file."""
    (account,) = await running.rows("SELECT min(id) AS id FROM account")
    name = ("--account", str(account["id"]), "-o", str(tmp_path / "file.csv"))

    unnamed = command(running.data, "campaign", *name)

    assert (unnamed.returncode, files(tmp_path)) == (1, {})
    assert unnamed.stderr == b"Error: An export of the kind CAMPAIGN needs a mailing. Name it.\n"
