"""What reading costs in a large account (`_large`), beside the best SQL for it, and beside an account of a hundredth.

segment_s           a preview of three conditions on deeds over GraphQL, the best of some
segment_sql_s       the same three counts by the best SQL found for them, on the same server, in turns with it
segment_vs_sql      the one by the other
report_growth       a mailing's report with links, ÷ the same in the small account
subscriber_growth   a subscriber's page: overview, deliveries with their mailings, history; likewise
log_growth          a page of the event log, the first, one from the middle and one of the oldest, the worst; likewise

Pages are the best of 40 on a connection that is kept, since making one takes longer than most of them and would hide how
they grow. The SQL beside the segment has the same settings of the planner.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.storage.segments import SETTLED_FOR_ALL
from app.supervisor.postgres import APPLICATION, OWNER, embedded_cluster
from graphql_schema.ids import encode_id
from tests.bench._large import MAILINGS, fill
from tests.running import Running, assent

NAME = "reading"
_TURNS = 5
_PAGES = 40
_LOG_ROWS = 50
_SEGMENT = (
    """query ($rule: SegmentRule!) { segmentPreview(rule: $rule) { matching notMatching unmeasured } }"""
)
_CLICKED, _NOT_OPENED = 5, 17
_WITHIN = 60
# A no to the second or third condition is a no to all: only who is left by these two is looked at for the first.
_BY_HAND = """
WITH c AS (
  SELECT subscriber_id, bool_or(clicks_mode = 'PERSONAL' AND clicks > 0) AS clicked, bool_or(clicks_mode <> 'PERSONAL') AS blind
  FROM delivery WHERE account_id = $1 AND mailing_id = $3 AND bounced_at IS NULL GROUP BY subscriber_id
), o AS (
  SELECT subscriber_id, bool_or(opens_mode = 'PERSONAL' AND opens > 0) AS opened, bool_or(opens_mode <> 'PERSONAL') AS blind
  FROM delivery WHERE account_id = $1 AND mailing_id = $4 AND bounced_at IS NULL GROUP BY subscriber_id
), possible AS (
  SELECT s.id, s.opens_value, CASE WHEN s.clicks_value <> 'NO' AND c.clicked THEN true END AS clicked,
    CASE WHEN o.subscriber_id IS NULL OR NOT (s.opens_value = 'NO' OR o.blind) THEN true END AS not_opened
  FROM c JOIN subscriber s ON s.id = c.subscriber_id AND s.account_id = $1 LEFT JOIN o ON o.subscriber_id = s.id
  WHERE (s.clicks_value = 'NO' OR c.clicked OR c.blind) AND NOT coalesce(s.opens_value <> 'NO' AND o.opened, false)
), seen AS (
  SELECT p.id, p.opens_value, p.clicked, p.not_opened,
    bool_or(d.opens_mode <> 'PERSONAL' AND d.sent_at >= $2) AS blind,
    bool_or(d.opens_mode = 'PERSONAL' AND d.last_opened_at >= $2) AS opened
  FROM possible p JOIN delivery d ON d.subscriber_id = p.id
  WHERE d.account_id = $1 AND d.bounced_at IS NULL GROUP BY 1, 2, 3, 4
), answers AS (
  SELECT CASE WHEN opens_value <> 'NO' AND opened THEN true WHEN opens_value = 'NO' OR blind THEN NULL ELSE false END
    AND clicked AND not_opened AS found FROM seen
)
SELECT count(*) FILTER (WHERE found) AS matching,
  (SELECT count(*) FROM subscriber WHERE account_id = $1) - count(*) FILTER (WHERE found IS NOT FALSE) AS "notMatching",
  count(*) FILTER (WHERE found IS NULL) AS unmeasured
FROM answers
"""
_REPORT = """query ($id: ID!) { mailing(id: $id) { report { sent delivered measured { opens clicks } opens { value }
  uniqueOpens { value } clicks { value } uniqueClicks { value } openRate { value lower upper }
  links { url clicks { value } uniqueClicks { value } } } } }"""
_LOG = """query ($after: String, $filter: EventFilter) { eventLog(channel: CAMPAIGN, first: 50, after: $after, filter: $filter) {
  edges { node { kind occurredAt sentAt templateId email messageId link } } pageInfo { endCursor } } }"""
_PERSON = """query ($id: ID!) { subscriber(id: $id) { email overview { sent { value } opens { value } clicks { value } }
  engagement permissionHistory(first: 20) { edges { node { number } } }
  deliveries(first: 20) { edges { node { sentAt opens { value } clickedLinks mailing { name } } } } } }"""


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, float]:
    """All figures; the large account has `rows` people."""
    small = await _account(folder / "small", max(rows // 100, 1000), say)
    large = await _account(folder / "large", rows, say)
    return {
        "segment_s": round(large.segment, 3),
        "segment_sql_s": round(large.by_hand, 3),
        "segment_vs_sql": round(large.segment / large.by_hand, 3),
        "report_ms": round(large.report * 1000, 2),
        "report_growth": round(large.report / small.report, 3),
        "subscriber_ms": round(large.person * 1000, 2),
        "subscriber_growth": round(large.person / small.person, 3),
        "log_ms": round(large.log * 1000, 2),
        "log_growth": round(large.log / small.log, 3),
    }


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds."""

    segment: float
    by_hand: float
    report: float
    person: float
    log: float


async def _account(data: Path, rows: int, say: Callable[[str], None]) -> _Times:
    await asyncio.to_thread(data.mkdir)
    with assent(data) as running:
        say(f"reading: making {rows:,} people and their {10 * rows:,} deliveries")
        owner = await asyncpg.connect(embedded_cluster(data).address(OWNER))
        await fill(owner, rows)
        await owner.close()
        say(f"reading: asking of {rows:,} people")
        headers = {"Authorization": f"Bearer {running.token}"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=60) as client:
            segment, by_hand = await _segment(running, client)
            return _Times(
                segment,
                by_hand,
                await _best(client, _REPORT, id=encode_id("Mailing", MAILINGS // 2)),
                await _best(client, _PERSON, id=encode_id("Subscriber", _person(7).hex)),
                await _log(client),
            )


async def _asked(client: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    response = await client.post("/graphql", json={"query": query, "variables": variables})
    answer: dict[str, Any] = response.json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


async def _segment(running: Running, client: httpx.AsyncClient) -> tuple[float, float]:
    dsn = embedded_cluster(running.data).address(APPLICATION)
    connection = await asyncpg.connect(dsn)
    await connection.execute(SETTLED_FOR_ALL.replace("SET LOCAL", "SET"))
    account = await connection.fetchval("SELECT id FROM account")
    rule = {
        "all": [
            {"opened": {"withinDays": _WITHIN}},
            {"clicked": {"mailingId": encode_id("Mailing", _CLICKED)}},
            {"not": {"opened": {"mailingId": encode_id("Mailing", _NOT_OPENED)}}},
        ]
    }
    times, by_hand = [], []
    for _ in range(_TURNS):
        began = time.perf_counter()
        answer = await _asked(client, _SEGMENT, rule=rule)
        times.append(time.perf_counter() - began)
        since = datetime.now(UTC) - timedelta(days=_WITHIN)
        began = time.perf_counter()
        counts = await connection.fetchrow(_BY_HAND, account, since, _CLICKED, _NOT_OPENED)
        by_hand.append(time.perf_counter() - began)
        assert answer["segmentPreview"] == dict(counts), (answer, counts)
    await connection.close()
    return min(times), min(by_hand)


async def _log(client: httpx.AsyncClient) -> float:
    times = [await _best(client, _LOG)]
    for days in (70, 139):
        until = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        page = await _asked(client, _LOG, filter={"to": until})
        assert len(page["eventLog"]["edges"]) == _LOG_ROWS
        times.append(await _best(client, _LOG, after=page["eventLog"]["pageInfo"]["endCursor"]))
    return max(times)


async def _best(client: httpx.AsyncClient, query: str, **variables: Any) -> float:
    times = []
    for _ in range(_PAGES):
        began = time.perf_counter()
        await _asked(client, query, **variables)
        times.append(time.perf_counter() - began)
    return min(times)


def _person(number: int) -> UUID:
    return UUID(hex=hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest())
