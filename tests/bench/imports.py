"""`import.vs_sql`: an import from its file to its last ledger line, against hand-written SQL that fills the same tables.

Both begin with an empty account on the same server, which is set up as an installation's is: durable. The file has
a yes or a no with source and date in each row, and a list. Ours reads the file, normalises addresses, names people by
HMAC, decides by the rule, seals two lines a person, and writes in steps that survive a crash. The peer (`imports.sql`)
has its rows in a staging table already and decides nothing, since everybody is new.

What both write is the same, to the last column and seal: that is looked at when the clock has stopped.
"""

import asyncio
import re
import resource
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from app.account_keys import account_keys
from app.actions.imports import NewImport, begin_import, folder_of, run_import
from app.actions.jobs import perform
from app.actions.lists import create_list
from app.actions.unit import unit
from app.domain.imports import Defaults
from app.domain.ledger import verify_chain
from app.instance import Instance
from app.outbox.mailer import Mailer
from app.sealing.keyring import Keyring
from app.storage import ledger
from app.storage.database import Database
from app.storage.migrate import migrate
from app.supervisor.database import serving
from app.supervisor.postgres import APPLICATION, OWNER, SUPERUSER, Cluster, embedded_cluster
from tests.world import create_account

NAME = "import"
HEADER = "email,permission,permission_source,permission_date,name\n"
STAGING = "CREATE TABLE staging (email text, permission text, source text, at timestamptz, name text)"
BY_HAND = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
SAMPLE = """
SELECT address, attributes, opens_value, opens_reason, opens_person_time, opens_source, opens_by_person, opens_withdrawal,
  clicks_value, clicks_reason, clicks_person_time, clicks_source, clicks_by_person, clicks_withdrawal, ledger_length
FROM subscriber ORDER BY address LIMIT 500
"""


def write_file(path: Path, rows: int) -> None:
    """A file of so many people, half a thousand domains, yes and no."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(rows):
            answer, day = ("yes", "no")[number % 4 == 0], number % 28 + 1
            file.write(
                f"person{number}@mail{number % 500}.example,{answer},shop checkout,2026-03-{day:02d},Name {number}\n"
            )


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Runs both; rates are rows a second."""
    cluster = embedded_cluster(folder / "cluster")
    with serving(cluster):
        file = folder / "people.csv"
        write_file(file, rows)
        say(f"import: {rows:,} rows by hand-written SQL")
        peer, by_hand = await _measured(cluster, folder / "peer", file, rows, _peer)
        say(f"import: {rows:,} rows by Assent")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours, written = await _measured(cluster, folder / "ours", file, rows, _ours)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert by_hand == written
    return {
        "rows": rows,
        "rows_per_s": round(rows / ours),
        "sql_rows_per_s": round(rows / peer),
        "vs_sql": round(peer / ours, 3),
        "memory_mb": round(after / 1024),
        "memory_growth_mb": round((after - before) / 1024),
    }


Import = Callable[[Instance, str, int, int, Path], Awaitable[float]]
"""Imports a file into an account and a list of it; told the owner's database, it answers how many seconds it took."""


async def _measured(
    cluster: Cluster, folder: Path, file: Path, rows: int, run: Import
) -> tuple[float, list[asyncpg.Record]]:
    connection = await asyncpg.connect(cluster.address(SUPERUSER, "postgres"))
    await connection.execute(f"CREATE DATABASE {folder.name} OWNER {OWNER}")
    await connection.close()
    owner = cluster.address(OWNER, folder.name)
    await migrate(owner, APPLICATION)
    instance = Instance(
        database=Database(cluster.address(APPLICATION, folder.name)),
        keyring=Keyring([bytes(32)]),
        public_url="https://track.example.org",
        mailer=Mailer(None, folder / "outbox"),
        data=folder,
    )
    account_id = await create_account(instance, "Bench")
    async with unit(instance, account_id, "bench") as work:
        list_id = await create_list(work, "News")
    took = await run(instance, owner, account_id, list_id, file)
    written = await _written(instance, account_id, rows)
    await instance.database.close()
    return took, written


async def _written(instance: Instance, account_id: int, rows: int) -> list[asyncpg.Record]:
    """A sample of who is there now, after a look at how many there are, and at the proof of some chains."""
    (counts,) = await instance.database.fetch(
        "SELECT (SELECT count(*) FROM permission_line) AS lines, (SELECT count(*) FROM membership) AS places"
    )
    assert (counts["lines"], counts["places"]) == (2 * rows, rows)
    async with instance.database.connection() as connection:
        key = (await account_keys(instance, connection, account_id)).ledger
        for row in await connection.fetch("SELECT id, ledger_head FROM subscriber ORDER BY id LIMIT 500"):
            chain = await ledger.page(connection, account_id, row["id"], after=0, limit=9)
            assert verify_chain(chain, key, row["ledger_head"], 2) == []
    return await instance.database.fetch(SAMPLE)


async def _peer(instance: Instance, owner: str, account_id: int, list_id: int, file: Path) -> float:
    async with unit(instance, account_id, "bench") as work:
        keys, promise = await work.keys(), (await work.settings()).settings.withdrawal
    constants = {
        "account": str(account_id),
        "list": str(list_id),
        "now": f"'{datetime.now(UTC).isoformat()}'::timestamptz",
        "promise": f"'{promise.value}'",
        "actor": _bytes(b"bench"),
        "tag": _bytes(b"assent permission ledger line, version 1\n"),
    }
    for name, key in (("identity", keys.identity), ("ledger", keys.ledger)):
        # RFC 2104: both hashes begin with the key, as one block, under a mask.
        constants[f"{name}_inner"] = _bytes(bytes(each ^ 0x36 for each in key.ljust(64, b"\0")))
        constants[f"{name}_outer"] = _bytes(bytes(each ^ 0x5C for each in key.ljust(64, b"\0")))
    script = re.sub(r"(?<!:):([a-z_]+)", lambda found: constants[found[1]], BY_HAND)
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute(STAGING)
        await connection.copy_to_table("staging", source=file, format="csv", header=True)
        await connection.execute("VACUUM ANALYZE staging")
        began = time.perf_counter()
        async with connection.transaction():
            await connection.execute(script)
        return time.perf_counter() - began
    finally:
        await connection.close()


def _bytes(value: bytes) -> str:
    return f"'\\x{value.hex()}'::bytea"


async def _ours(instance: Instance, _: str, account_id: int, list_id: int, file: Path) -> float:
    (folder_of(instance) / "people").hardlink_to(file)
    began = time.perf_counter()
    async with unit(instance, account_id, "bench") as work:
        job_id = await begin_import(work, NewImport("people", list_id, Defaults()))
    await perform(instance, run_import, job_id, asyncio.Event())
    return time.perf_counter() - began
