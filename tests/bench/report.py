"""How much longer the report of a mailing takes when a hundred times as many events are behind it.

    small_ms   the report over GraphQL with `rows` / 10 events of its mailing, the best of many
    large_ms   the same with `rows` · 10
    growth     the one by the other

The events are those of a campaign with twenty links: most come in the first days, the last after two weeks. They are
written by SQL with the same counts as the drain writes; that both agree is checked, and that the report shows them.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx

from app.supervisor.postgres import OWNER, embedded_cluster
from graphql_schema.ids import encode_id
from tests.running import Running, assent

NAME = "report"
MAILING = 1
_TIMES = 300
_STEP = 500_000
_MAILING = """
INSERT INTO mailing (id, account_id, name, channel, created_at, settings_version)
SELECT $1::bigint, id, 'Spring', 'CAMPAIGN', $2::timestamptz, 1 FROM account
"""
_SENT = """
INSERT INTO delivery_rollup VALUES ($1, 0, 'PERSONAL', 'PERSONAL', false, $2::bigint, $2, 0, 0, 0, 0, $2 / 2, $2 / 4, $2 / 5)
"""
_LINKS = (
    "INSERT INTO link SELECT $1::bigint, n, 'https://shop.example.com/' || n FROM generate_series(1, 20) AS n"
)
_CLICKERS = "INSERT INTO link_rollup SELECT $1::bigint, 0, n, 0, 100 FROM generate_series(1, 20) AS n"
_EVENTS = """
INSERT INTO event (subscriber_id, occurred_at, id, account_id, mailing_id, delivery_id, kind, link, client_class, rule,
  rule_version, client_family, channel, user_id, written_at)
SELECT md5((n / 3)::text)::uuid, $3::timestamptz + power(n * 0.6180339887 % 1, 3) * interval '14 days',
  md5('event' || n)::uuid, (SELECT id FROM account), $4::bigint, n / 3,
  (ARRAY['OPENED', 'FIRST_OPENING', 'LOADED_BY_PROXY', 'CLICKED', 'CLICKED'])[n % 5 + 1],
  CASE WHEN n % 5 < 3 THEN 0 ELSE n / 5 % 20 + 1 END,
  (ARRAY['HUMAN_LIKELY', 'HUMAN_LIKELY', 'PROXY', 'SCANNER'])[n / 7 % 4 + 1], 'ORDINARY_CLIENT', 1, 'Firefox', 'CAMPAIGN', 0, $3::timestamptz
FROM generate_series($1::integer, $2::integer) AS n
"""
_HOURS = """
INSERT INTO event_rollup (account_id, channel, mailing_id, hour, kind, client_class, n)
SELECT account_id, channel, mailing_id, date_bin('1 hour', occurred_at, $2), kind, client_class, count(*)
FROM event WHERE mailing_id = $1 GROUP BY 1, 2, 3, 4, 5, 6
ON CONFLICT (mailing_id, hour, kind, client_class) DO UPDATE SET n = excluded.n
"""
_TOTALS = """
INSERT INTO event_total (mailing_id, kind, link, client_class, n)
SELECT mailing_id, kind, link, client_class, count(*) FROM event WHERE mailing_id = $1 GROUP BY 1, 2, 3, 4
ON CONFLICT (mailing_id, kind, link, client_class) DO UPDATE SET n = excluded.n
"""
_CELLS = "SELECT (SELECT count(*) FROM event_total) AS totals, (SELECT count(*) FROM event_rollup) AS hours"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REPORT = """query($id: ID!) { mailing(id: $id) { report { sent delivered bounced measured { opens clicks }
  opens { value } uniqueOpens { value } clicks { value } uniqueClicks { value }
  openRate { value lower upper } clickRate { value } clickToOpenRate { value } } } }"""
_SHOWN = """
SELECT (SELECT count(*) FROM event WHERE kind IN ('OPENED', 'FIRST_OPENING') AND client_class <> 'SCANNER') AS opens,
  (SELECT count(*) FROM event WHERE kind = 'CLICKED' AND client_class <> 'SCANNER') AS clicks
"""


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, float]:
    """Both times and their ratio."""
    data = folder / "var"
    data.mkdir()
    small, large = rows // 10, rows * 10
    with assent(data) as running:
        owner = await asyncpg.connect(embedded_cluster(data).address(OWNER))
        sent = datetime.now(UTC) - timedelta(days=20)
        await owner.execute(_MAILING, MAILING, sent)
        await owner.execute(_LINKS, MAILING)
        await owner.execute(_CLICKERS, MAILING)
        await owner.execute(_SENT, MAILING, large)
        say(f"report: {small:,} events")
        first = await _with_events(running, owner, sent, 1, small)
        say(f"report: {large:,} events")
        second = await _with_events(running, owner, sent, small + 1, large)
        cells = await owner.fetchrow(_CELLS)
        await owner.close()
    return {
        "events": large,
        **cells,
        "small_ms": round(first * 1000, 2),
        "large_ms": round(second * 1000, 2),
        "growth": round(second / first, 3),
    }


async def _with_events(
    running: Running, owner: asyncpg.Connection, sent: datetime, first: int, last: int
) -> float:
    for start in range(first, last + 1, _STEP):
        await owner.execute(_EVENTS, start, min(start + _STEP - 1, last), sent, MAILING)
    await owner.execute(_HOURS, MAILING, _EPOCH)
    await owner.execute(_TOTALS, MAILING)
    await owner.execute("VACUUM ANALYZE event, event_rollup, event_total")
    shown = await owner.fetchrow(_SHOWN)
    headers = {"Authorization": f"Bearer {running.token}"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=60) as client:
        times = [await _report(client, shown["opens"], shown["clicks"]) for _ in range(_TIMES)]
    return min(times)


async def _report(client: httpx.AsyncClient, opens: int, clicks: int) -> float:
    """On a connection that is kept: making one takes longer than the report."""
    asked = {"query": _REPORT, "variables": {"id": encode_id("Mailing", MAILING)}}
    began = time.perf_counter()
    response = await client.post("/graphql", json=asked)
    took = time.perf_counter() - began
    found = response.json()["data"]["mailing"]["report"]
    assert (found["opens"]["value"], found["clicks"]["value"]) == (opens, clicks), found
    return took
