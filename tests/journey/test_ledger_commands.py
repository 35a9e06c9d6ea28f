"""An operator proves the ledger of a running instance, and purges it, from the command line."""

import asyncio
import json
import os
import subprocess
import sys

import asyncpg

from app.supervisor.postgres import OWNER, embedded_cluster
from tests.running import Running

PURGED_KINDS = {"addresses", "events", "deliveries", "sign_ups", "batches", "jobs", "partitions"}


def assent(running: Running, *words: str) -> subprocess.CompletedProcess[str]:
    """A command beside the running instance."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env={**os.environ, "ASSENT_DATA": str(running.data)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


async def first_anchor(running: Running) -> None:
    """Waits until the first daily anchor is made, its files included."""
    async with asyncio.timeout(240):
        while not await running.rows("SELECT FROM job WHERE kind = 'anchor' AND status = 'DONE'"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_x6_the_ledger_of_a_running_instance_is_proven_and_a_forged_line_named(running: Running):
    """Whole at first; with one line changed by the owner of the database exit code 1 and its name; whole again."""
    cluster = embedded_cluster(running.data)
    await first_anchor(running)
    owner = await asyncpg.connect(cluster.address(OWNER))
    line = await owner.fetchrow("SELECT subscriber_id, number, actor FROM permission_line LIMIT 1")
    change = "UPDATE permission_line SET actor = $3 WHERE subscriber_id = $1 AND number = $2"

    before = assent(running, "ledger", "verify")
    await owner.execute(change, line["subscriber_id"], line["number"], "somebody else")
    tampered = assent(running, "ledger", "verify")
    as_json = assent(running, "ledger", "verify", "--json")
    await owner.execute(change, *line)
    after = assent(running, "ledger", "verify")
    await owner.close()

    name = f"CHANGED: line {line['number']} of subscriber {line['subscriber_id']}."
    assert (before.returncode, before.stdout.startswith("The ledger is whole: ")) == (0, True)
    assert (tampered.returncode, name in tampered.stdout) == (1, True)
    found, whole = map(json.loads, as_json.stdout.splitlines())
    assert (found["kind"], found["subscriber"], found["number"]) == (
        "CHANGED",
        str(line["subscriber_id"]),
        line["number"],
    )
    assert (whole["whole"], whole["findings"]) == (False, 1)
    assert after.returncode == 0


async def test_purging_answers_with_what_went(running: Running):
    """Nothing is old here, so nothing goes; an account that is not there is one sentence."""
    purged = assent(running, "purge", "--json")
    nobody = assent(running, "ledger", "anchor", "--account", "999999")

    assert set(json.loads(purged.stdout)) == PURGED_KINDS
    assert (nobody.returncode, nobody.stderr) == (1, "Error: There is no such thing in this account.\n")
