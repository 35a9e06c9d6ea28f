"""How quickly hits get from the journal into the report, and how late they are there while they keep coming.

    events_per_s   personal hits written a second by the drain of an instance, with `rows` deliveries present
    lag_p99_ms     from the moment a hit was durable until the report counts it, at 5,000 hits a second
    lag_p50_ms     the same, for half of the hits

The journal of the first is written beforehand: pixels and links of deliveries at random, three opens to one click,
from segments whose writer is gone. What then is in the events, on the deliveries and in the counts is compared with
what was written. The second uses the writer of the web workers. Both are drained by `assent run` as it stands.
"""

import asyncio
import hashlib
import random
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg

from app.domain.modes import ClientClass, EventKind
from app.journal.records import PERSONAL, Manner, PersonalRecord
from app.journal.segments import folder_of, framed, header, make_folder
from app.journal.writer import JournalWriter
from app.supervisor.postgres import OWNER, embedded_cluster
from tests.running import assent

NAME = "drain"
RATE = 5_000
MAILING = 1
_SECONDS = 12
_SEGMENT = 150_000
_MAILING = """
INSERT INTO mailing (id, account_id, name, channel, created_at, settings_version)
SELECT $1::bigint, id, 'Spring', 'CAMPAIGN', $2::timestamptz, 1 FROM account
"""
_PEOPLE = """
INSERT INTO subscriber (id, account_id, address_id, address, attributes, created_at, changed_at,
  opens_value, opens_person_time, opens_server_time, opens_source, opens_by_person, opens_hash,
  clicks_value, clicks_person_time, clicks_server_time, clicks_source, clicks_by_person, clicks_hash,
  ledger_length, ledger_head)
SELECT p.id, account.id, p.id, 'person' || p.n || '@mail.example', '{}', $1, $1, 'YES', $1, $1, 'IMPORT', false, '',
  'YES', $1, $1, 'IMPORT', false, '', 0, ''
FROM account, (SELECT n, md5(n::text)::uuid AS id FROM generate_series(1, $2::integer) AS n) AS p ORDER BY p.id
"""
_DELIVERIES = """
INSERT INTO delivery (subscriber_id, id, account_id, mailing_id, message_id, sent_at, send_day, opens_mode,
  clicks_mode, settings_version, permission_based, gathered, content_id, in_audience_opens, in_audience_clicks)
SELECT p.id, p.n, account.id, $1, p.id, $2, 0, 'PERSONAL', 'PERSONAL', 1, true, false, 1, false, false
FROM account, (SELECT n, md5(n::text)::uuid AS id FROM generate_series(1, $3::integer) AS n) AS p ORDER BY p.id
"""
_REPORT = "SELECT coalesce(sum(n), 0)::bigint FROM event_total WHERE mailing_id = $1"
_COUNTS = """
SELECT (SELECT count(*) FROM event) AS events, (SELECT sum(n)::bigint FROM event_total) AS counted,
  (SELECT sum(opens + clicks)::bigint FROM delivery) AS seen,
  (SELECT count(*) FROM delivery WHERE first_opened_at IS NOT NULL) AS opened,
  (SELECT sum(openers)::bigint FROM delivery_rollup) AS openers
"""


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, float]:
    """Both figures; `rows` deliveries are present, and half as many hits are drained."""
    data = folder / "var"
    data.mkdir()
    with assent(data):
        owner = await asyncpg.connect(embedded_cluster(data).address(OWNER))
        say(f"drain: {rows:,} people with a delivery each")
        await _sent(owner, rows)
        hits = max(rows // 2, 100_000)
        segments = _journal(folder, records(rows, hits))
        say(f"drain: {hits:,} hits from the journal")
        speed = hits / await _drained(owner, data, segments, hits)
        await _compared(owner, hits)
        say(f"drain: {RATE:,} hits a second for {_SECONDS} seconds")
        lags = await _lags(owner, data, rows, hits)
        await owner.close()
    return {
        "deliveries": rows,
        "hits": hits,
        "events_per_s": round(speed),
        "lag_p50_ms": round(lags[len(lags) // 2] * 1000),
        "lag_p99_ms": round(lags[len(lags) * 99 // 100] * 1000),
    }


async def _sent(owner: asyncpg.Connection, rows: int) -> None:
    sent = datetime.now(UTC) - timedelta(days=1)
    await owner.execute(_MAILING, MAILING, sent)
    await owner.execute(_PEOPLE, sent, rows)
    await owner.execute(_DELIVERIES, MAILING, sent, rows)
    await owner.execute("VACUUM ANALYZE")


def records(rows: int, count: int) -> Iterator[PersonalRecord]:
    """Hits of deliveries at random, the same in every run, as if they had come over the last minute."""
    chance = random.Random(20261122)  # noqa: S311  the same hits in every run
    began = int(time.time() * 1000) - 60_000
    for place in range(count):
        link = chance.choice((0, 0, 0, chance.randint(1, 20)))
        yield record(chance.randint(1, rows), link, began + 60_000 * place // count)


def record(number: int, link: int, at_ms: int) -> PersonalRecord:
    """One hit on the delivery of this number."""
    return PersonalRecord(
        at_ms=at_ms,
        mailing=MAILING,
        link=link,
        delivery=number,
        subscriber=hashlib.md5(str(number).encode(), usedforsecurity=False).digest(),
        manner=Manner(
            kind=EventKind.CLICKED if link else EventKind.OPENED,
            gpc_seen=False,
            client_class=ClientClass.HUMAN_LIKELY,
            rule="ORDINARY_CLIENT",
            rule_version=1,
            client_family="Firefox",
        ),
    )


def _journal(folder: Path, hits: Iterator[PersonalRecord]) -> list[Path]:
    """Segments with these hits, in a folder where nobody drains them yet."""
    segments, frames = [], [framed(hit.pack()) for hit in hits]
    for start in range(0, len(frames), _SEGMENT):
        segment = uuid4()
        path = folder / f"{segment.hex}.segment"
        path.write_bytes(header(PERSONAL, segment) + b"".join(frames[start : start + _SEGMENT]))
        segments.append(path)
    return segments


async def _drained(owner: asyncpg.Connection, data: Path, segments: list[Path], hits: int) -> float:
    """How many seconds it takes until the report counts them all."""
    make_folder(folder_of(data, PERSONAL))
    began = time.perf_counter()
    for path in segments:
        path.rename(folder_of(data, PERSONAL) / path.name)
    while await owner.fetchval(_REPORT, MAILING) < hits:  # noqa: ASYNC110  another process does it
        await asyncio.sleep(0.02)
    return time.perf_counter() - began


async def _compared(owner: asyncpg.Connection, hits: int) -> None:
    found = await owner.fetchrow(_COUNTS)
    assert (found["events"], found["counted"], found["seen"]) == (hits, hits, hits), found
    assert found["opened"] == found["openers"], found


async def _lags(owner: asyncpg.Connection, data: Path, rows: int, before: int) -> list[float]:
    """The seconds between a hit and its report, of every hit, sorted."""
    durable: list[float] = []
    seen: list[tuple[int, float]] = []

    async def watch() -> None:
        while not seen or seen[-1][0] < RATE * _SECONDS:
            counted = await owner.fetchval(_REPORT, MAILING) - before
            seen.append((counted, time.perf_counter()))
            await asyncio.sleep(0.01)

    async with JournalWriter(data, PERSONAL) as journal:
        watching = asyncio.create_task(watch())
        chance = random.Random(1)  # noqa: S311  the same hits in every run
        began, sent = time.perf_counter(), 0
        while sent < RATE * _SECONDS:
            due = min(RATE * _SECONDS, int((time.perf_counter() - began) * RATE))
            now = int(time.time() * 1000)
            turn = [journal.append(record(chance.randint(1, rows), 0, now)) for _ in range(due - sent)]
            sent = due
            await asyncio.gather(*turn)
            durable += [time.perf_counter()] * len(turn)
            await asyncio.sleep(0.005)
        await asyncio.wait_for(watching, 120)
    counts = [count for count, _ in seen]
    return sorted(
        seen[bisect_left(counts, place + 1)][1] - answered for place, answered in enumerate(durable)
    )
