"""Commands on their own: what a script reads of them, and how they end where they are called wrongly or too early."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import Running

TOO_EARLY = [
    ("demo", "--json"),
    ("account", "create", "Shop"),
    ("token", "create", "5", "CRM", "--scope", "settings:read"),
    ("export", "subscribers"),
    ("ledger", "verify", "--json"),
    ("purge",),
]


def assent(data: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command on a data folder, whether an instance runs there or not."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env={**os.environ, "ASSENT_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("word", "answer"), [("migrate", {"upToDate": True}), ("demo", {"made": False, "token": None})]
)
def test_a_script_reads_json_of_what_a_start_does_anyway(
    running: Running, word: str, answer: dict[str, object]
) -> None:
    """Both may be called again and again; where nothing is left to do, they say so and succeed."""
    done = assent(running.data, word, "--json")

    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, answer, "")


@pytest.mark.parametrize(
    "words",
    [
        ("token", "create", "99999999999999999999999", "CRM", "--scope", "settings:read"),
        ("ledger", "verify", "--account", "99999999999999999999999"),
        ("export", "subscribers", "--account", "0"),
    ],
)
def test_a_number_that_can_be_no_accounts_is_one_sentence(running: Running, words: tuple[str, ...]) -> None:
    done = assent(running.data, *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert "is not in the range 1<=x<=9223372036854775807" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_comes_before_the_first_migration_says_so_in_one_sentence(tmp_path: Path) -> None:
    for words in TOO_EARLY:
        done = assent(tmp_path / "var", *words)

        said = [line for line in done.stderr.splitlines() if not line.startswith("postgres ")]
        assert (done.returncode, done.stdout, said) == (
            1,
            "",
            [
                "Error: The database is not up to date. Run `assent migrate`, or `assent run`, which begins with it."
            ],
        )


@pytest.mark.parametrize("words", TOO_EARLY[1:])
def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Nothing listens on port 1."""
    done = assent(tmp_path / "var", *words, DATABASE_URL="postgresql://app@127.0.0.1:1/assent")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The database does not answer (ConnectionRefusedError). "
        "Start it, or correct DATABASE_URL and ASSENT_OWNER_DATABASE_URL.\n"
    )
