"""Commands beside a running instance: what a script reads of them, and how they end where they are called wrongly."""

import json
import os
import subprocess
import sys

import pytest

from tests.running import Running


def assent(running: Running, *words: str) -> subprocess.CompletedProcess[str]:
    """A command beside the running instance."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env={**os.environ, "ASSENT_DATA": str(running.data)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("word", "answer"), [("migrate", {"upToDate": True}), ("demo", {"made": False, "token": None})]
)
def test_a_script_reads_json_of_what_a_start_does_anyway(
    running: Running, word: str, answer: dict[str, object]
) -> None:
    """Both may be called again and again; where nothing is left to do, they say so and succeed."""
    done = assent(running, word, "--json")

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
    done = assent(running, *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert "is not in the range 1<=x<=9223372036854775807" in done.stderr
    assert "Traceback" not in done.stderr
