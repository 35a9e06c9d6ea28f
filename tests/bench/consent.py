"""How quick deciding is, what a what-if costs over a million people, and `setPermission` beside its bare SQL.

    precedence_per_s      messages decided on one core, both axes, the modes alone
    traced_per_s          the same with every layer that spoke
    policy_impact_s       seconds that `policyImpact` takes over a million subscribers
    set_permission_per_s  answers a second over GraphQL, durable, two ledger lines each, 16 clients
    sql_per_s             the same transaction straight through asyncpg, 16 clients, on the same server
    vs_sql                the one beside the other
    vs_sql_large          the same in the account of a million: the cost must not grow with it
    vs_own_sql            ours beside a bare transaction of our own statements, which need fewer round trips

The server of the API runs as an operator's does. The bare transaction locks the subscriber, adds two lines that were sealed
beforehand, saves the row, and commits: six plain statements. Ours does the same in four.
"""

import asyncio
import hashlib
import itertools
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from app.domain.modes import Channel
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, PermissionState
from app.domain.precedence import MailingTracking, Permissions, Sending, decide
from app.domain.precedence_modes import decide_modes
from app.domain.presets import Preset, preset
from app.storage import ledger, subscribers
from app.supervisor.postgres import APPLICATION, OWNER, embedded_cluster
from graphql_schema.ids import encode_id
from tests.running import Running, assent

NAME = "consent"
CLIENTS = 16
_SECONDS = 3.0
_TURNS = 3
_PEOPLE = """
INSERT INTO subscriber (id, account_id, address_id, address, attributes, created_at, changed_at,
  opens_value, opens_reason, opens_person_time, opens_server_time, opens_source, opens_by_person, opens_hash,
  clicks_value, clicks_reason, clicks_person_time, clicks_server_time, clicks_source, clicks_by_person, clicks_hash,
  ledger_length, ledger_head)
SELECT p.id, $1, p.id, 'person' || p.n || '@mail' || p.n % 500 || '.example', '{}', $2, $2,
  p.value, p.reason, p.at, $2, 'IMPORT', false, '', p.value, p.reason, p.at, $2, 'IMPORT', false, '', 0, ''
FROM (
  SELECT n, md5(n::text)::uuid AS id, $2::timestamptz - (n % 700) * interval '1 day' AS at,
    (ARRAY['YES', 'YES', 'NO', 'UNKNOWN'])[n % 4 + 1] AS value,
    (ARRAY[NULL, NULL, 'DENIED', 'NEVER_ASKED'])[n % 4 + 1] AS reason
  FROM generate_series(1, $3::integer) AS n
) AS p
"""
_LINE = """
INSERT INTO permission_line (subscriber_id, number, account_id, axis, from_value, to_value, reason, person_time,
  server_time, source, actor, actor_salt, actor_digest, by_person, previous_hash, hash, version)
VALUES ($1, $2, $3, $4, 'UNKNOWN', 'NO', 'DENIED', $5, $5, 'API', 'peer', $6, $6, false, $6, $6, 1)
"""
_SAVE = """
UPDATE subscriber SET opens_value = 'NO', opens_reason = 'DENIED', opens_person_time = $2, opens_server_time = $2,
  opens_source = 'API', opens_hash = $3, clicks_value = 'NO', clicks_reason = 'DENIED', clicks_person_time = $2,
  clicks_server_time = $2, clicks_source = 'API', clicks_hash = $3, changed_at = $2, ledger_length = $4,
  ledger_head = $3
WHERE id = $1
"""
_SET = "mutation ($input: SetPermissionInput!) { setPermission(input: $input) { errors { code path } } }"
_IMPACT = """{ policyImpact(input: { unknownOpens: ANONYMOUS, permissionLifetimeDays: 365 }) {
  opens { from to subscribers } clicks { from to subscribers } subscribers } }"""


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, float]:
    """All figures; the large account has `rows` subscribers."""
    say("consent: decisions")
    decided = deciding()
    data = folder / "var"
    data.mkdir()
    say(f"consent: a server, a small account, and one of {rows:,} people")
    with assent(data) as running:
        return {**decided, **await _served(running, rows)}


def deciding() -> dict[str, float]:
    """Messages decided a second, each to one person, all answers in turn."""
    sendings = _sendings()
    return {
        "precedence_per_s": round(_rate(lambda: [decide_modes(each) for each in sendings], len(sendings))),
        "traced_per_s": round(_rate(lambda: [decide(each) for each in sendings], len(sendings))),
    }


def _sendings() -> list[Sending]:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    yes = PermissionState(Permission.YES, None, now, now, PermissionSource.FORM)
    no = PermissionState(Permission.NO, None, now, now, PermissionSource.FORM)
    people = [Permissions(*pair) for pair in ((yes, yes), (no, no), (NEVER_ASKED, NEVER_ASKED), (yes, no))]
    return [
        Sending(
            instance_tracking=True,
            settings=preset(chosen),
            channel=channel,
            mailing=MailingTracking(),
            addressed=(person,),
            now=now,
        )
        for chosen in Preset
        for channel in (Channel.CAMPAIGN, Channel.TRANSACTIONAL)
        for person in people
    ]


def _rate(work: Callable[[], object], each: int) -> float:
    best, ends = 0.0, time.perf_counter() + 2
    while time.perf_counter() < ends:
        began = time.perf_counter()
        for _ in range(200):
            work()
        best = max(best, 200 * each / (time.perf_counter() - began))
    return best


async def _served(running: Running, rows: int) -> dict[str, float]:
    cluster = embedded_cluster(running.data)
    owner = await asyncpg.connect(cluster.address(OWNER))
    account = await owner.fetchval("SELECT id FROM account")
    now = datetime.now(UTC)
    # A short run needs as many people as a fast machine answers for: each answers once.
    few = max(rows // 5, 400_000)
    places = (1, few // 20, few // 7)
    await owner.execute(_PEOPLE, account, now, few)
    await _settled(owner)
    small = await _all(running, cluster.address(APPLICATION), account, places)
    await owner.execute("DELETE FROM permission_line")
    await owner.execute("DELETE FROM subscriber WHERE address LIKE 'person%'")
    await owner.execute(_PEOPLE, account, now, max(rows, few))
    await _settled(owner)
    impact = min([await _impact(running, rows) for _ in range(3)])
    large = await _all(running, cluster.address(APPLICATION), account, places)
    await owner.close()
    return {
        "policy_impact_s": round(impact, 3),
        "set_permission_per_s": round(small[0]),
        "sql_per_s": round(small[1]),
        "vs_sql": round(small[0] / small[1], 3),
        "vs_own_sql": round(small[0] / small[2], 3),
        "set_permission_large_per_s": round(large[0]),
        "vs_sql_large": round(large[0] / large[1], 3),
    }


async def _settled(owner: asyncpg.Connection) -> None:
    """What loading many rows leaves for later is done now, so that it falls on neither of the two."""
    await owner.execute("VACUUM ANALYZE subscriber")


async def _impact(running: Running, rows: int) -> float:
    began = time.perf_counter()
    answer = await asyncio.to_thread(running.gql, _IMPACT)
    took = time.perf_counter() - began
    assert answer["policyImpact"]["subscribers"] >= rows
    assert answer["policyImpact"]["opens"]
    return took


async def _all(
    running: Running, dsn: str, account: int, places: tuple[int, int, int]
) -> tuple[float, float, float]:
    """Answers a second over GraphQL, by plain statements, and by our own; each begins at a place among the people."""
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(_line_to(running)) for _ in range(CLIENTS)]
        pool = await stack.enter_async_context(asyncpg.create_pool(dsn, min_size=CLIENTS, max_size=CLIENTS))
        ways = (
            lambda place, number: _set_permission(lines[place], number),
            lambda _, number: _bare(pool, account, number),
            lambda _, number: _own(pool, account, number),
        )
        done = [0, 0, 0]
        # In turns, since a machine is seldom as quick in one minute as in the next.
        for _ in range(_TURNS):
            for each, way in enumerate(ways):
                done[each] += await _clients(way, places[each] + done[each])
    ours, plain, own = (each / (_TURNS * _SECONDS) for each in done)
    return ours, plain, own


@dataclass
class _Line:
    """One client's connection. It is plainer than a library's, which would need more of the machine than the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes

    async def post(self, body: bytes) -> bytes:
        self.writer.write(self.head % len(body) + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        return await self.reader.readexactly(length)


@asynccontextmanager
async def _line_to(running: Running) -> AsyncIterator[_Line]:
    place = urlsplit(running.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {running.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    try:
        yield _Line(reader, writer, head.encode())
    finally:
        writer.close()


async def _set_permission(line: _Line, number: int) -> None:
    chosen = {"subscriberId": encode_id("Subscriber", _id(number).hex), "permission": "NO"}
    answer = await line.post(json.dumps({"query": _SET, "variables": {"input": chosen}}).encode())
    assert json.loads(answer) == {"data": {"setPermission": {"errors": []}}}, answer


async def _bare(pool: asyncpg.Pool, account: int, number: int) -> None:
    person, now, seal = _id(number), datetime.now(UTC), os.urandom(32)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow("SELECT * FROM subscriber WHERE id = $1 FOR UPDATE", person)
        length = row["ledger_length"]
        for place, axis in enumerate(("OPENS", "CLICKS"), 1):
            await connection.execute(_LINE, person, length + place, account, axis, now, seal)
        await connection.execute(_SAVE, person, now, seal, length + 2)


async def _own(pool: asyncpg.Pool, account: int, number: int) -> None:
    person, now, seal = _id(number), datetime.now(UTC), os.urandom(32)
    state = ("NO", "DENIED", now, now, "API", False, seal, "KEEP")
    async with pool.acquire() as connection, connection.transaction():
        (row,) = await connection.fetch(subscribers.SQL.lock, account, [person])
        length = row["ledger_length"]
        lines = [
            (
                length + place,
                axis,
                "UNKNOWN",
                "NO",
                "DENIED",
                now,
                "API",
                False,
                seal[:16],
                seal,
                None,
                None,
                seal,
                seal,
            )
            for place, axis in enumerate(("OPENS", "CLICKS"), 1)
        ]
        shared = (account, "peer", None, None, None, 1)
        values = (person, now, length + 2, seal, *state, *state, *shared, *lines[0], *lines[1])
        await connection.execute(ledger.SQL.answer_on_both, *values)


def _id(number: int) -> UUID:
    # Of every four people in a row the last was never asked, so that each answer is a new one.
    return UUID(hex=hashlib.md5(str(number * 4 + 3).encode(), usedforsecurity=False).hexdigest())


async def _clients(work: Callable[[int, int], Awaitable[None]], first: int) -> int:
    """How many pieces of work 16 clients do in their turn, each person once; each is told its place and a number."""
    ends, numbers = time.perf_counter() + _SECONDS, itertools.count(first)

    async def client(place: int) -> None:
        while time.perf_counter() < ends:
            await work(place, next(numbers))

    await asyncio.gather(*(client(place) for place in range(CLIENTS)))
    return next(numbers) - first
