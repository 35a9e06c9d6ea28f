"""GraphQL beside PostGraphile 5 on the same PostgreSQL, beside a bare route, and beside its own SQL.

    vs_postgraphile_20      20 subscribers with what they said; ours a second ÷ PostGraphile's
    vs_postgraphile_1000    the same with 1,000
    vs_postgraphile_nested  20 subscribers, 10 deliveries of each, their mailings
    trivial_rps             `{ __typename }` a second; trivial_ratio: ÷ a bare JSON route of Litestar
    segment_vs_sql          a page of a segment with its counts ÷ its statements, straight through asyncpg; best of many
    report_vs_sql           a report ÷ its statements, likewise; report_ms and report_sql_ms are the two, segment_ms and so on too
    memory_mb               of our worker after all of it

One process each, 16 clients, the same fields of the same rows in the same order, each server asked in turns; ratios are medians over
the turns. Ours checks the token and its scopes, and asks the gate for every value; PostGraphile shows the tables to
everybody. What both answer is compared once before it is measured.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from app.actions.tokens import NewToken, create_token
from app.actions.unit import unit
from app.disclosure.reader import authenticate
from app.domain.principal import SCOPES
from app.instance import Instance
from app.outbox.mailer import Mailer
from app.sealing.keyring import Keyring
from app.storage.database import Database
from app.storage.migrate import migrate
from app.supervisor.database import serving
from app.supervisor.postgres import APPLICATION, OWNER, Cluster, embedded_cluster
from graphql_schema.context import Context
from graphql_schema.ids import encode_id
from graphql_schema.schema import product_schema
from tests.bench._postgraphile import PostGraphile
from tests.bench.capture import Server, _ours, _serving
from tests.bench.consent import _PEOPLE
from tests.running import free_port
from tests.world import create_account

NAME = "graphql"
CLIENTS = 16
TURNS = 5
PAGE = 1_000
_TIMES = 60
_ROOT = Path(__file__).parents[2]
_MAILINGS = """
INSERT INTO mailing (id, account_id, name, channel, created_at, settings_version)
SELECT n, $1, 'Mailing ' || n, 'CAMPAIGN', $2::timestamptz, 1 FROM generate_series(1, 12) AS n
"""
_DELIVERIES = """
INSERT INTO delivery (subscriber_id, id, account_id, mailing_id, message_id, sent_at, send_day, delivered_at, opens_mode,
  clicks_mode, settings_version, permission_based, gathered, content_id, in_audience_opens, in_audience_clicks, opens, clicks,
  first_opened_at, last_opened_at, clicked_links)
SELECT p.id, p.n * 100 + m, $1, m, md5(p.n || 'm' || m)::uuid, $2::timestamptz - m * interval '1 day', 0,
  $2::timestamptz - m * interval '1 day', 'PERSONAL', 'PERSONAL', 1, true, false, 1, false, false, 1, 0, $2, $2, '{}'
FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS n FROM subscriber ORDER BY created_at, id LIMIT 20000) AS p,
  generate_series(1, 12) AS m
"""
_ROLLUP = """
INSERT INTO delivery_rollup SELECT n, 0, 'PERSONAL', 'PERSONAL', false, 20000, 20000, 20000, 0, 0, 0, 20000, 0, 0
FROM generate_series(1, 12) AS n
"""
_LINKS = (
    "INSERT INTO link SELECT 1, n, 'https://shop.example.com/' || n FROM generate_series(1, 20) AS n",
    "INSERT INTO link_rollup SELECT 1, 0, n, 0, 100 FROM generate_series(1, 20) AS n",
    "INSERT INTO event_total SELECT 1, 'CLICKED', n, c, 1344 FROM generate_series(1, 20) AS n, unnest(ARRAY['HUMAN_LIKELY', 'PROXY']) AS c",
    "INSERT INTO event_total SELECT 1, 'OPENED', 0, c, 1344 FROM unnest(ARRAY['HUMAN_LIKELY', 'PROXY']) AS c",
)
# Two weeks of hours, twenty links, two classes of clients: what the drain keeps of a campaign of that size.
_EVENTS = """
INSERT INTO event_rollup (account_id, channel, mailing_id, hour, kind, client_class, n)
SELECT (SELECT id FROM account), 'CAMPAIGN', 1, date_bin('1 hour', $1::timestamptz, '1970-01-01+00') - h * interval '1 hour', kind, c,
  CASE kind WHEN 'CLICKED' THEN 80 ELSE 4 END
FROM generate_series(1, 336) AS h, unnest(ARRAY['CLICKED', 'OPENED']) AS kind, unnest(ARRAY['HUMAN_LIKELY', 'PROXY']) AS c
"""
_PAGE = """{ subscribers(first: %d) { edges { cursor node { id email createdAt permission { opens { value } clicks { value } } } }
  pageInfo { hasNextPage endCursor } } }"""
_NESTED = """{ subscribers(first: 20) { edges { node { id email deliveries(first: 10) { edges { node {
  id sentAt deliveredAt opensMode clicksMode mailing { id name channel } } } } } } } }"""
_THEIR_PAGE = """{ allSubscribers(first: %d, condition: {accountId: "%d"}, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC]) {
  edges { cursor node { id address createdAt opensValue clicksValue } } pageInfo { hasNextPage endCursor } } }"""
_THEIR_NESTED = """{ allSubscribers(first: 20, condition: {accountId: "%d"}, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC]) {
  edges { node { id address deliveriesBySubscriberId(first: 10, orderBy: [PRIMARY_KEY_DESC]) { edges { node {
  id sentAt deliveredAt opensMode clicksMode mailingByMailingId { id name channel } } } } } } } }"""
_SEGMENT = """{ segmentPreview(rule: { all: [{ permission: { is: [YES] } }, { opened: { atLeast: 1 } }] }) {
  matching notMatching unmeasured subscribers(first: 20) { edges { node { id email } } } } }"""
_REPORT = """{ mailing(id: "%s") { report { sent delivered bounced measured { opens clicks } opens { value }
  uniqueOpens { value } clicks { value } uniqueClicks { value } openRate { value lower upper } clickRate { value } } } }"""


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures; the account has `rows` / 10 subscribers, the first 20,000 of them with 12 deliveries."""
    seconds = max(1.5, min(6.0, rows / 150_000))
    cluster = embedded_cluster(folder / "cluster")
    peer = PostGraphile(folder / "peer")
    say("graphql: PostGraphile from npm")
    peer.install()
    with ExitStack() as stack:
        stack.enter_context(serving(cluster))
        say(f"graphql: an account of {rows // 10:,} people")
        account, token = await _filled(cluster, folder, max(20_000, rows // 10))
        ours = stack.enter_context(_ours(folder, "ours", cluster, "app.main:create_application"))
        bare = stack.enter_context(_ours(folder, "bare", cluster, "tests.bench._bare:create_bare"))
        theirs = stack.enter_context(_theirs(peer, cluster))
        figures: dict[str, Any] = {}
        for name, asked, their_asked in (
            ("20", _PAGE % 20, _THEIR_PAGE % (20, account)),
            ("1000", _PAGE % PAGE, _THEIR_PAGE % (PAGE, account)),
            ("nested", _NESTED, _THEIR_NESTED % account),
        ):
            say(f"graphql: {name}, {TURNS} turns")
            _compare(ours, theirs, token, asked, their_asked)
            first, second = _post(folder, "ours", asked, token), _post(folder, "theirs", their_asked, None)
            figures |= _beside(
                name,
                "postgraphile",
                [(_load(ours, first, seconds), _load(theirs, second, seconds)) for _ in range(TURNS)],
            )
        say("graphql: a trivial query beside a bare route")
        trivial, constant = _post(folder, "trivial", "{ __typename }", token), _get(folder)
        turns = [(_load(ours, trivial, seconds), _load(bare, constant, seconds)) for _ in range(TURNS)]
        figures |= {
            "trivial_rps": round(statistics.median(turn[0] for turn in turns)),
            "bare_rps": round(statistics.median(turn[1] for turn in turns)),
            "trivial_ratio": round(statistics.median(one / other for one, other in turns), 3),
        }
        say("graphql: a segment and a report beside their SQL")
        for name, asked in (("segment", _SEGMENT), ("report", _REPORT % encode_id("Mailing", 1))):
            figures |= await _vs_sql(name, ours, folder, cluster, token, asked)
        return figures | {"memory_mb": round(ours.memory_mb())}


async def _filled(cluster: Cluster, folder: Path, people: int) -> tuple[int, str]:
    """The account and a token of it that may do everything."""
    await migrate(cluster.address(OWNER), APPLICATION)
    instance = _instance(cluster, folder)
    account = await create_account(instance, "Bench")
    async with unit(instance, account, "bench") as work:
        _, token = await create_token(work, NewToken("bench", SCOPES, None))
    await instance.database.close()
    owner = await asyncpg.connect(cluster.address(OWNER))
    now = datetime.now(UTC)
    await owner.execute(_PEOPLE, account, now, people)
    await owner.execute(_MAILINGS, account, now)
    await owner.execute(_DELIVERIES, account, now)
    await owner.execute(_ROLLUP)
    for statement in _LINKS:
        await owner.execute(statement)
    await owner.execute(_EVENTS, now)
    await owner.execute(
        "VACUUM ANALYZE subscriber, delivery, mailing, delivery_rollup, event_rollup, event_total"
    )
    await owner.close()
    return account, token


def _instance(cluster: Cluster, folder: Path) -> Instance:
    return Instance(
        database=Database(cluster.address(APPLICATION)),
        keyring=Keyring([bytes(range(32))]),
        public_url="http://127.0.0.1",
        mailer=Mailer(None, folder / "outbox"),
        data=folder,
    )


@contextmanager
def _theirs(peer: PostGraphile, cluster: Cluster) -> Iterator[Server]:
    port = free_port()
    environment = peer.environment(cluster.address(APPLICATION), port)
    with _serving(peer.words(), port, environment, peer.folder) as server:
        yield server


def _post(folder: Path, name: str, query: str, token: str | None) -> Path:
    body = json.dumps({"query": query}).encode()
    head = [
        "POST /graphql HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Content-Length: {len(body)}",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    path = folder / name.join(("ask-", ".txt"))
    path.write_bytes("\r\n".join(head).encode() + b"\r\n\r\n" + body)
    return path


def _get(folder: Path) -> Path:
    path = folder / "ask-bare.txt"
    path.write_bytes(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n")
    return path


def _load(server: Server, request: Path, seconds: float) -> float:
    words = {"port": server.port, "connections": CLIENTS, "seconds": seconds, "request": request}
    arguments = [str(each) for name, value in words.items() for each in (f"--{name}", value)]
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench._asking", *arguments],
        cwd=_ROOT, check=True, capture_output=True,
    )  # fmt: skip
    found: float = json.loads(told.stdout)["per_s"]
    return found


def _beside(name: str, peer: str, turns: list[tuple[float, float]]) -> dict[str, float]:
    ours, theirs = zip(*turns, strict=True)
    return {
        f"ours_{name}_per_s": round(statistics.median(ours), 1),
        f"{peer}_{name}_per_s": round(statistics.median(theirs), 1),
        f"vs_{peer}_{name}": round(statistics.median(one / other for one, other in turns), 3),
    }


def _compare(ours: Server, theirs: Server, token: str, asked: str, their_asked: str) -> None:
    """Both give the same people, in the same order, with as many things below each."""
    first = _answer(ours, asked, token)["subscribers"]["edges"]
    second = _answer(theirs, their_asked, None)["allSubscribers"]["edges"]
    assert [each["node"]["email"] for each in first] == [each["node"]["address"] for each in second]
    mine = [len(each["node"].get("deliveries", {"edges": []})["edges"]) for each in first]
    peers = [len(each["node"].get("deliveriesBySubscriberId", {"edges": []})["edges"]) for each in second]
    assert mine == peers


def _answer(server: Server, query: str, token: str | None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = httpx.post(
        f"http://127.0.0.1:{server.port}/graphql", json={"query": query}, headers=headers, timeout=60
    )
    answer: dict[str, Any] = response.json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


async def _vs_sql(
    name: str, ours: Server, folder: Path, cluster: Cluster, token: str, query: str
) -> dict[str, float]:
    """The best time of an answer over HTTP, that of its statements on a connection of their own, and the one ÷ the other."""
    statements = await _statements(cluster, folder, query, token)
    connection = await asyncpg.connect(cluster.address(APPLICATION))
    reader, writer = await asyncio.open_connection("127.0.0.1", ours.port, limit=2**24)
    request = _post(folder, "vs-sql", query, token).read_bytes()

    async def answer() -> None:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r")[0]))

    async def bare() -> None:
        for statement, values in statements:
            await (connection.fetch(statement, *values) if values else connection.execute(statement))

    times = [(await _took(answer), await _took(bare)) for _ in range(_TIMES)]
    writer.close()
    await connection.close()
    answered, told = (min(column) for column in zip(*times, strict=True))
    absolute = {f"{name}_ms": round(answered * 1000, 2), f"{name}_sql_ms": round(told * 1000, 2)}
    return absolute | {f"{name}_vs_sql": round(answered / told, 3)}


async def _took(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _statements(
    cluster: Cluster, folder: Path, query: str, token: str
) -> list[tuple[str, tuple[Any, ...]]]:
    """What the query runs, with its values, noted while it is answered in this process."""
    instance = _instance(cluster, folder)
    context = Context(instance, await authenticate(instance, token))
    seen: list[tuple[str, tuple[Any, ...]]] = []
    pool = await instance.database.pool()
    holders = [await pool.acquire() for _ in range(10)]
    for holder in holders:
        holder._con.add_query_logger(lambda record: seen.append((record.query, record.args)))
        await pool.release(holder)
    schema = product_schema()
    for _ in range(2):
        seen.clear()
        result = await schema.execute(query, context_value=context.fresh())
        assert not result.errors, result.errors
    await instance.database.close()
    return [each for each in seen if "pg_catalog" not in each[0]]
