"""`jobProgress` on a real server, followed by clients that nobody here wrote.

The jobs of these tests are rows that no worker takes, so that each test says itself when one moves on.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from app.domain.global_ids import encode_id, number_of
from tests.running import Running

QUERY = "subscription ($id: ID!) { jobProgress(id: $id) { status progress counts } }"
MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'
PATIENCE = 120.0
_numbers = count(1)


class Job:
    """A job that moves on when the test says so."""

    def __init__(self, running: Running, number: int) -> None:
        self.running, self.number = running, number
        self.id = encode_id("Job", number)

    async def moves(self, status: str, progress: float, *, hinted: bool = True) -> None:
        statement = "UPDATE job SET status = $2, progress = $3, counts = '{\"rows\": 5}' WHERE id = $1"
        await self.running.rows(statement, self.number, status, progress)
        if hinted:
            await self.running.rows("SELECT pg_notify('assent_hint', $1)", f"job:{self.number}")


async def new_job(running: Running, account_id: int | None = None) -> Job:
    """A job of the demo account, or of another, that has just begun."""
    if account_id is None:
        viewer = running.gql("{ viewer { account { id } } }")["viewer"]
        account_id = number_of(viewer["account"]["id"], "Account")
    job = Job(running, next(_numbers))
    await running.rows(
        "INSERT INTO job (id, account_id, kind, status, arguments, made_by, progress, created_at, updated_at) "
        "VALUES ($1, $2, 'test', 'RUNNING', '{}', 'test', 0, now(), now())",
        job.number,
        account_id,
    )
    return job


@asynccontextmanager
async def over_websocket(running: Running, job_id: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """What the client `gql` receives over graphql-transport-ws."""
    transport = WebsocketsTransport(
        url=f"{running.url.replace('http', 'ws')}/graphql",
        init_payload={"Authorization": f"Bearer {running.token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        connect_timeout=PATIENCE,
        ack_timeout=PATIENCE,
    )
    document = gql(QUERY)
    document.variable_values = {"id": job_id}
    async with Client(transport=transport) as session:
        yield (found["jobProgress"] async for found in session.subscribe(document))


@asynccontextmanager
async def over_events(running: Running, job_id: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """What a client of server-sent events receives."""
    async with streamed(running, job_id, "text/event-stream") as lines:
        yield (shown(line.removeprefix("data: ")) async for line in lines if line.startswith("data: {"))


@asynccontextmanager
async def over_multipart(running: Running, job_id: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """What a client of multipart subscriptions receives, as Apollo Client asks for them."""
    async with streamed(running, job_id, MULTIPART) as lines:
        yield (shown(line) async for line in lines if line.startswith('{"payload":{'))


@asynccontextmanager
async def streamed(running: Running, job_id: str, accept: str) -> AsyncIterator[AsyncIterator[str]]:
    headers = {"Authorization": f"Bearer {running.token}", "Accept": accept}
    body = {"query": QUERY, "variables": {"id": job_id}}
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream("POST", f"{running.url}/graphql", json=body, headers=headers) as response,
    ):
        assert response.status_code == 200
        yield response.aiter_lines()


def shown(text: str) -> dict[str, Any]:
    found = json.loads(text)
    payload = found.get("payload", found)
    return {"refused": payload["errors"]} if "errors" in payload else payload["data"]["jobProgress"]


async def next_of(events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    return await asyncio.wait_for(anext(events), PATIENCE)


async def rest_of(events: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE):
        return [each async for each in events]


CLIENTS: list[Callable[..., Any]] = [over_websocket, over_events, over_multipart]


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_sees_a_job_move_on_until_it_has_ended(running: Running, client: Callable[..., Any]):
    job = await new_job(running)

    async with client(running, job.id) as events:
        first = await next_of(events)
        await job.moves("RUNNING", 0.5)
        second = await next_of(events)
        await job.moves("DONE", 1.0)
        rest = await rest_of(events)

    assert first == {"status": "RUNNING", "progress": 0.0, "counts": {}}
    assert second == {"status": "RUNNING", "progress": 0.5, "counts": {"rows": 5}}
    assert rest == [{"status": "DONE", "progress": 1.0, "counts": {"rows": 5}}]


async def test_what_nobody_hints_is_found_by_asking_again(running: Running):
    job = await new_job(running)

    async with over_events(running, job.id) as events:
        await next_of(events)
        await job.moves("CANCELLED", 0.5, hinted=False)
        rest = await rest_of(events)

    assert [each["status"] for each in rest] == ["CANCELLED"]


async def test_a_job_that_has_ended_is_shown_once(running: Running):
    job = await new_job(running)
    await job.moves("FAILED", 0.5)

    async with over_websocket(running, job.id) as events:
        shown = await rest_of(events)

    assert [each["status"] for each in shown] == ["FAILED"]


@pytest.mark.parametrize("kind", ["another account's", "none", "no id", "another type's"])
async def test_what_is_no_job_of_the_account_is_not_found(running: Running, kind: str):
    foreign = (await new_job(running, account_id=1)).id
    job_id = {
        "another account's": foreign,
        "none": encode_id("Job", 2**62),
        "no id": "x",
        "another type's": encode_id("Mailing", 1),
    }[kind]

    async with over_events(running, job_id) as events:
        answers = await rest_of(events)
    async with over_websocket(running, job_id) as events:
        with pytest.raises(TransportQueryError) as raised:
            await next_of(events)

    assert [each["refused"][0]["extensions"]["reason"] for each in answers] == ["NOT_FOUND"]
    assert raised.value.errors[0]["extensions"]["reason"] == "NOT_FOUND"


async def test_one_connection_listens_for_all_and_is_given_back(running: Running):
    """Thirty who watch cost one connection; when they have gone, by whatever way, it is closed."""
    job = await new_job(running)

    async with AsyncExitStack() as watching:
        for _ in range(30):
            client = over_websocket if _ % 2 else over_events
            await next_of(await watching.enter_async_context(client(running, job.id)))
        await listening(running, 1)

    await listening(running, 0)


async def test_a_client_that_reads_nothing_holds_up_nobody(running: Running):
    """It leaves its answers lying; another one sees everything, and the server goes on answering."""
    job = await new_job(running)

    async with over_events(running, job.id), over_websocket(running, job.id) as events:
        await next_of(events)
        for step in range(1, 20):
            await job.moves("RUNNING", step / 20)
            assert (await next_of(events))["progress"] == step / 20
        alive = running.gql("{ viewer { account { name } } }")
        await job.moves("DONE", 1.0)
        rest = await rest_of(events)

    assert alive["viewer"]
    assert rest[-1]["status"] == "DONE"


async def test_a_revoked_token_sees_nothing_more(running: Running):
    job = await new_job(running)
    made = running.gql(
        'mutation { createToken(input: {name: "watcher", scopes: []}) { secret token { id } errors { code } } }'
    )["createToken"]
    assert made["errors"] == []
    watcher = Watcher(running, made["secret"])

    async with over_events(watcher, job.id) as events:
        await next_of(events)
        revoked = running.gql(
            "mutation ($id: ID!) { revokeToken(input: {id: $id}) { errors { code } } }",
            id=made["token"]["id"],
        )
        assert revoked["revokeToken"]["errors"] == []
        await job.moves("RUNNING", 0.7)
        rest = await rest_of(events)

    assert [each["refused"][0]["extensions"]["code"] for each in rest] == ["UNAUTHENTICATED"]


async def test_an_import_is_followed_to_its_end(running: Running):
    """What the worker in another process says is seen here: progress only rises, and the counts are the import's."""
    rows = "".join(f"follow{number}@example.org\n" for number in range(12_000))
    response = httpx.post(
        f"{running.url}/imports",
        files={"file": ("people.csv", f"email\n{rows}".encode(), "text/csv")},
        headers={"Authorization": f"Bearer {running.token}"},
        timeout=PATIENCE,
    )

    async with over_websocket(running, response.json()["id"]) as events:
        shown = await rest_of(events)

    progress = [each["progress"] or 0.0 for each in shown]
    assert progress == sorted(progress)
    assert (shown[-1]["status"], shown[-1]["counts"]["created"]) == ("DONE", 12_000)


class Watcher:
    """The same instance, seen with another token."""

    def __init__(self, running: Running, token: str) -> None:
        self.url, self.token = running.url, token


async def listeners(running: Running) -> int:
    """How many connections listen for hints."""
    (row,) = await running.rows(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'assent hints'"
    )
    return int(row["n"])


async def listening(running: Running, number: int) -> None:
    """Returns when so many connections listen; PostgreSQL forgets one a moment after it was closed."""
    async with asyncio.timeout(PATIENCE):
        while await listeners(running) != number:  # noqa: ASYNC110  Another process raises no event here.
            await asyncio.sleep(0.1)
