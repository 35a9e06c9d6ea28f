"""`import.vs_sql`: an import from its file to its last ledger line, against hand-written SQL that fills the same tables.

Both begin with an empty database on the same server, which is set up as an installation's is: durable. The file has
a yes or a no with source and date in each row, and a list. Ours reads the file, normalises addresses, names people by
HMAC, decides by the rule, seals two lines a person, and writes in steps that survive a crash. The peer has its rows
in a staging table already and writes all of it in four statements; without pgcrypto it has no HMAC, so it makes ids
and seals with the server's own sha256, and it decides nothing, since everybody is new.
"""

import asyncio
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from app.actions.accounts import create_account
from app.actions.imports import NewImport, begin_import, folder_of, run_import
from app.actions.jobs import perform
from app.actions.lists import create_list
from app.actions.unit import unit
from app.domain.imports import Defaults
from app.instance import Instance
from app.outbox.mailer import Mailer
from app.sealing.keyring import Keyring
from app.storage.database import Database
from app.storage.migrate import migrate
from app.supervisor.database import serving
from app.supervisor.postgres import APPLICATION, OWNER, SUPERUSER, Cluster, embedded_cluster

NAME = "import"
HEADER = "email,permission,permission_source,permission_date,name\n"
STAGING = "CREATE TABLE staging (email text, permission text, source text, at timestamptz, name text)"
PEOPLE = """
INSERT INTO subscriber
SELECT p.id, 1, p.id, p.address, jsonb_build_object('name', p.name), NULL, $1, p.value, p.reason, p.at, $1, 'IMPORT',
  false, p.seal, p.value, p.reason, p.at, $1, 'IMPORT', false, p.seal, $1, 2, p.seal
FROM (
  SELECT encode(substring(sha256(convert_to('identity' || lower(btrim(email)), 'UTF8')) FROM 1 FOR 16), 'hex')::uuid AS id,
    lower(btrim(email)) AS address, name, at, upper(permission) AS value,
    CASE permission WHEN 'no' THEN 'DENIED' END AS reason, sha256(convert_to('clicks' || email, 'UTF8')) AS seal
  FROM staging
) AS p ORDER BY p.id
"""
LINES = """
INSERT INTO permission_line (subscriber_id, number, account_id, axis, from_value, to_value, reason, person_time,
  server_time, source, actor, actor_salt, actor_digest, note, note_salt, note_digest, by_person, previous_hash, hash, version)
SELECT s.id, a.number, 1, a.axis, 'UNKNOWN', s.opens_value, s.opens_reason, s.opens_person_time, $1::timestamptz, 'IMPORT', 'peer',
  uuid_send(s.id), sha256(uuid_send(s.id) || 'peer'), 'shop checkout', uuid_send(s.id),
  sha256(uuid_send(s.id) || 'shop checkout'), false, CASE a.number WHEN 2 THEN sha256(uuid_send(s.id)) END,
  sha256(uuid_send(s.id) || sha256(convert_to(a.axis || s.opens_value || s.opens_person_time::text || $1::timestamptz::text, 'UTF8'))), 1
FROM subscriber s CROSS JOIN (VALUES (1, 'OPENS'), (2, 'CLICKS')) AS a (number, axis)
"""
PLACES = "INSERT INTO membership SELECT id, 1, 1, 'SUBSCRIBED', $1 FROM subscriber"


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
        peer = await _peer(cluster, file, rows)
        say(f"import: {rows:,} rows by Assent")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours = await _ours(cluster, folder, file, rows)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "rows": rows,
        "rows_per_s": round(rows / ours),
        "sql_rows_per_s": round(rows / peer),
        "vs_sql": round(peer / ours, 3),
        "memory_mb": round(after / 1024),
        "memory_growth_mb": round((after - before) / 1024),
    }


async def _database(cluster: Cluster, name: str) -> tuple[str, str]:
    connection = await asyncpg.connect(cluster.address(SUPERUSER, "postgres"))
    await connection.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    await connection.close()
    owner = cluster.address(OWNER, name)
    await migrate(owner, APPLICATION)
    return owner, cluster.address(APPLICATION, name)


async def _peer(cluster: Cluster, file: Path, rows: int) -> float:
    owner, _ = await _database(cluster, "peer")
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute(STAGING)
        await connection.execute("INSERT INTO account VALUES (1, 'Peer', '2026-01-01', '', '')")
        await connection.copy_to_table("staging", source=file, format="csv", header=True)
        await connection.execute("VACUUM ANALYZE staging")
        now = datetime.now(UTC)
        began = time.perf_counter()
        async with connection.transaction():
            for statement in (PEOPLE, LINES, PLACES):
                await connection.execute(statement, now)
        took = time.perf_counter() - began
        assert await connection.fetchval("SELECT count(*) FROM permission_line") == 2 * rows
    finally:
        await connection.close()
    return took


async def _ours(cluster: Cluster, folder: Path, file: Path, rows: int) -> float:
    _, application = await _database(cluster, "ours")
    instance = Instance(
        database=Database(application),
        keyring=Keyring([bytes(32)]),
        public_url="https://track.example.org",
        mailer=Mailer(None, folder / "outbox"),
        data=folder,
    )
    account_id = await create_account(instance, "Bench")
    (folder_of(instance) / "people").hardlink_to(file)
    began = time.perf_counter()
    async with unit(instance, account_id, "bench") as work:
        list_id = await create_list(work, "News")
        job_id = await begin_import(work, NewImport("people", list_id, Defaults()))
    await perform(instance, run_import, job_id, asyncio.Event())
    took = time.perf_counter() - began

    counts = await instance.database.fetch(
        "SELECT (SELECT count(*) FROM permission_line) AS lines, (SELECT count(*) FROM membership) AS places"
    )
    assert (counts[0]["lines"], counts[0]["places"]) == (2 * rows, rows)
    await instance.database.close()
    return took
