"""`export.vs_copy`: a file of an export, from the job's beginning to its end, against `COPY … TO STDOUT` of the same rows.

Both read the same tables of the same server and write a file on the same disk. The peer copies the bare columns of the
same rows, joined the same way: no cell is escaped, nothing is hidden, nobody is told how far it is. They take turns, and
each ratio is of the best of each. `vs_copy` is the lowest of the kinds'; memory is that of the process that makes the files.

    campaign      a mailing with a delivery a person, half of them opened, a quarter clicked
    log           its events: one and a half a person
    subscribers   everybody, with two attributes
    ledger        two lines a person

`--rows` is the number of people; each kind has so many lines, or up to twice as many. `EXPORTS=SUBSCRIBERS`
looks at this kind alone (several are parted by commas), and fills only the tables that it reads: so are ten million rows made.
"""

import asyncio
import os
import resource
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from app.actions.export_files import folder_of
from app.actions.exports import begin_export
from app.actions.jobs import perform
from app.actions.unit import unit
from app.domain.exports import ExportKind, WantedExport
from app.domain.modes import Channel
from app.instance import Instance
from app.jobs.worker import HANDLERS
from app.outbox.mailer import Mailer
from app.sealing.keyring import Keyring
from app.storage.database import Database
from app.storage.migrate import migrate
from app.supervisor.database import serving
from app.supervisor.postgres import APPLICATION, OWNER, SUPERUSER, Cluster, embedded_cluster
from tests.bench._filling import without_indexes
from tests.world import create_account

NAME = "export"
MAILING = 7
_TURNS = 3
_NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
_STATEMENTS = (
    """
INSERT INTO mailing (id, account_id, name, channel, created_at, settings_version)
SELECT 7, id, 'Spring', 'CAMPAIGN', $1::timestamptz, 1 FROM account
""",
    """
INSERT INTO link SELECT 7, n, 'https://shop.example.com/things/' || n FROM generate_series(1, 20) AS n
WHERE $1::timestamptz IS NOT NULL
""",
    """
INSERT INTO subscriber
SELECT md5(n::text)::uuid, a.id, md5(n::text)::uuid, 'person' || n || '@mail' || n % 500 || '.example',
  jsonb_build_object('city', 'City ' || n % 900, 'age', n % 90), NULL, $1::timestamptz, 'YES', NULL, $1::timestamptz + n * interval '1.37 s', $1, 'FORM',
  false, '\\x00', 'YES', NULL, $1::timestamptz + n * interval '1.37 s', $1, 'FORM', false, '\\x00', $1, 2, '\\x00'
FROM generate_series(1, $2::integer) AS n, account a
""",
    """
INSERT INTO delivery (subscriber_id, id, account_id, mailing_id, message_id, sent_at, send_day, delivered_at, opens_mode,
  clicks_mode, settings_version, permission_based, gathered, content_id, in_audience_opens, in_audience_clicks, opens,
  clicks, first_opened_at, clicked_links)
SELECT md5(n::text)::uuid, n, a.id, 7, md5('m' || n)::uuid, $1::timestamptz + n * interval '1.7 ms', 0, $1::timestamptz + n * interval '2.3 ms',
  'PERSONAL', 'PERSONAL', 1, true, false, 1, false, false, n % 2, (n % 4 = 0)::integer,
  CASE n % 2 WHEN 1 THEN $1::timestamptz + n * interval '7 ms' END, CASE n % 4 WHEN 0 THEN ARRAY[n % 20 + 1] ELSE '{}' END
FROM generate_series(1, $2::integer) AS n, account a
""",
    """
INSERT INTO event (subscriber_id, occurred_at, id, account_id, mailing_id, delivery_id, kind, link, client_class, rule,
  rule_version, client_family, channel, user_id, written_at)
SELECT md5((n * 2 / 3)::text)::uuid, $1::timestamptz + n * interval '7 ms', md5('e' || n)::uuid, a.id, 7, n * 2 / 3,
  CASE n % 3 WHEN 0 THEN 'CLICKED' ELSE 'OPENED' END, CASE n % 3 WHEN 0 THEN n % 20 + 1 ELSE 0 END, 'HUMAN_LIKELY',
  'ORDINARY_CLIENT', 1, 'Firefox', 'CAMPAIGN', 0, $1::timestamptz
FROM generate_series(2, $2::integer * 3 / 2) AS n, account a
""",
    """
INSERT INTO event_rollup (mailing_id, hour, kind, client_class, n, account_id, channel)
SELECT mailing_id, date_bin('1 hour', occurred_at, $1::timestamptz), kind, client_class, count(*), account_id, channel
FROM event GROUP BY 1, 2, 3, 4, account_id, channel
""",
    """
INSERT INTO permission_line (subscriber_id, number, account_id, axis, from_value, to_value, person_time, server_time, source,
  actor, by_person, previous_hash, hash, version)
SELECT s.id, x.number, s.account_id, x.axis, 'UNKNOWN', 'YES', s.opens_person_time, s.opens_person_time, 'FORM', 'token:1',
  false, sha256(uuid_send(s.id)), sha256(uuid_send(s.id) || x.axis::bytea), 1
FROM subscriber s CROSS JOIN (VALUES (1, 'OPENS'), (2, 'CLICKS')) AS x (number, axis)
WHERE $1::timestamptz IS NOT NULL
""",
)
_FEW = {ExportKind.SUBSCRIBERS: {"subscriber"}, ExportKind.LEDGER: {"subscriber", "permission_line"}}
"""The tables of kinds that read only a few."""
_PEERS = {
    ExportKind.CAMPAIGN: """
SELECT s.address, NULL, d.sent_at, d.delivered_at, d.opens_mode, d.first_opened_at, d.opens, d.clicks_mode, d.clicks,
  CASE WHEN d.clicked_links <> '{}' THEN (SELECT string_agg(l.url, ' ') FROM unnest(d.clicked_links) AS c (number)
    JOIN link l ON l.mailing_id = d.mailing_id AND l.number = c.number) END
FROM delivery d JOIN subscriber s ON s.id = d.subscriber_id WHERE d.mailing_id = 7
""",
    ExportKind.EVENT_LOG: """
SELECT e.kind, e.occurred_at, d.sent_at, e.mailing_id, s.address, d.message_id, l.url
FROM event e JOIN delivery d ON d.subscriber_id = e.subscriber_id AND d.id = e.delivery_id
JOIN subscriber s ON s.id = e.subscriber_id LEFT JOIN link l ON l.mailing_id = e.mailing_id AND l.number = e.link
WHERE e.channel = 'CAMPAIGN'
""",
    ExportKind.SUBSCRIBERS: """
SELECT address, opens_value, clicks_value, opens_reason, opens_person_time, attributes ->> 'age', attributes ->> 'city'
FROM subscriber
""",
    ExportKind.LEDGER: """
SELECT server_time, subscriber_id, number, axis, from_value, to_value, reason, person_time, source, actor, wording_id,
  encode(merged_head, 'hex'), encode(previous_hash, 'hex'), encode(hash, 'hex') FROM permission_line
ORDER BY server_time, subscriber_id, number
""",
}
_WANTED = {
    ExportKind.CAMPAIGN: WantedExport(ExportKind.CAMPAIGN, mailing_id=MAILING),
    ExportKind.EVENT_LOG: WantedExport(ExportKind.EVENT_LOG, channel=Channel.CAMPAIGN),
    ExportKind.SUBSCRIBERS: WantedExport(ExportKind.SUBSCRIBERS),
    ExportKind.LEDGER: WantedExport(ExportKind.LEDGER),
}


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Both, in turns; ratios above 1 mean that the export is the quicker one."""
    cluster = embedded_cluster(folder / "cluster")
    with serving(cluster):
        say(f"export: {rows:,} people, their mail, events and answers")
        instance, account_id, owner = await _filled(cluster, folder, rows)
        found: dict[str, Any] = {"people": rows}
        for kind, wanted in _asked().items():
            say(f"export: {kind.value}")
            found |= await _compared(_Export(instance, account_id, wanted), owner, folder / "peer.csv")
        found["vs_copy"] = min(found[name] for name in found if name.endswith("_vs_copy"))
        await instance.database.close()
        await owner.close()
    return found


def _asked() -> dict[ExportKind, WantedExport]:
    named = os.environ.get("EXPORTS", ",".join(_WANTED))
    return {kind: _WANTED[kind] for kind in map(ExportKind, named.split(","))}


class _Export:
    """One export, made as a worker of jobs makes it."""

    def __init__(self, instance: Instance, account_id: int, wanted: WantedExport) -> None:
        self.wanted = wanted
        self.lines = 0
        self.path = Path()
        self._instance = instance
        self._account_id = account_id

    async def make(self) -> None:
        async with unit(self._instance, self._account_id, "bench") as work:
            job_id = await begin_export(work, self.wanted, sees_people=True)
        await perform(self._instance, HANDLERS["export"], job_id, asyncio.Event())
        rows = await self._instance.database.fetch(
            "SELECT j.status, j.counts, e.file FROM job j JOIN export e ON e.id = j.id WHERE j.id = $1",
            job_id,
        )
        assert rows[0]["status"] == "DONE", rows[0]
        self.lines, self.path = rows[0]["counts"]["rows"], folder_of(self._instance) / rows[0]["file"]


async def _compared(export: _Export, owner: asyncpg.Connection, peer_file: Path) -> dict[str, Any]:
    async def peer() -> None:
        query = _PEERS[export.wanted.kind]
        await owner.copy_from_query(query, output=peer_file, format="csv")

    ours, theirs = [], []
    memory, busy = _peak(), time.process_time()
    for _ in range(_TURNS):
        ours.append(await _timed(export.make))
        export_size = export.path.stat().st_size
        export.path.unlink()
        theirs.append(await _timed(peer))
    name = export.wanted.kind.value.lower()
    assert export.lines == await asyncio.to_thread(_lines, peer_file), (export.lines, name)
    return {
        f"{name}_rows_per_s": round(export.lines / min(ours)),
        f"{name}_mb": round(export_size / 2**20),
        f"{name}_vs_copy": round(min(theirs) / min(ours), 3),
        f"{name}_memory_growth_mb": round((_peak() - memory) / 1024),
        f"{name}_python_us_per_row": round((time.process_time() - busy) / _TURNS / export.lines * 1e6, 2),
    }


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def _filled(cluster: Cluster, folder: Path, rows: int) -> tuple[Instance, int, asyncpg.Connection]:
    connection = await asyncpg.connect(cluster.address(SUPERUSER, "postgres"))
    await connection.execute(f"CREATE DATABASE exports OWNER {OWNER}")
    await connection.close()
    dsn = cluster.address(OWNER, "exports")
    await migrate(dsn, APPLICATION)
    instance = Instance(
        database=Database(cluster.address(APPLICATION, "exports")),
        keyring=Keyring([bytes(32)]),
        public_url="https://track.example.org",
        mailer=Mailer(None, folder / "outbox"),
        data=folder,
    )
    account_id = await create_account(instance, "Bench")
    owner = await asyncpg.connect(dsn, server_settings={"timezone": "UTC"})
    few = [_FEW.get(kind) for kind in _asked()]
    async with without_indexes(owner, "subscriber", "delivery", "event", "permission_line"):
        for statement in _STATEMENTS:
            if None in few or any(statement.split()[2] in tables for tables in few if tables):
                await owner.execute(statement, _NOW, *([rows] if "$2" in statement else []))
    await owner.execute("VACUUM ANALYZE")
    return instance, account_id, owner
