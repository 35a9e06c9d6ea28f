"""Clients of front ends against the product: Apollo Client, urql, graphql-ws, graphql-sse, EventSource, and Python's gql.

They all run at once and follow one job, which moves on when all of them have heard of it.
"""

import asyncio
import json
import os
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport

from app.domain.global_ids import encode_id
from tests.graphql_schema.test_job_progress import new_job
from tests.judges.conftest import Stage
from tests.judges.folder import NODE, judged, judges_folder

PATIENCE = 240
READ = {"mailings": {"totalCount": 1, "edges": [{"node": {"name": "Spring"}}]}}
PROGRESS = [
    {"status": "RUNNING", "progress": 0},
    {"status": "RUNNING", "progress": 0.5},
    {"status": "DONE", "progress": 1},
]
REFUSED = [{"code": "INVALID_EMAIL", "path": ["email"]}]


@pytest.fixture(scope="module")
async def saw(stage: Stage) -> dict[str, Any]:
    """What each client saw, `__typename` left out."""
    job = await new_job(stage.running, stage.account)
    clients = await asyncio.create_subprocess_exec(
        NODE,
        "clients.mjs",
        stage.url,
        job.id,
        cwd=judges_folder(),
        env={**os.environ, "TOKEN": stage.token},
        stdout=asyncio.subprocess.PIPE,
    )
    assert clients.stdout
    async with asyncio.timeout(PATIENCE):
        assert await clients.stdout.readline() == b"READY\n"
        await job.moves("RUNNING", 0.5)
        # What follows at once would be one step with what went before.
        assert await clients.stdout.readline() == b"HALFWAY\n"
        await job.moves("DONE", 1.0)
        said = await clients.stdout.read()
        await clients.wait()
    found: dict[str, Any] = _plain(json.loads(said))
    return found


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items() if key != "__typename"}
        case list():
            return [_plain(each) for each in value]
        case _:
            return value


@pytest.mark.parametrize("client", ["apollo", "urql", "graphqlWs", "graphqlSse"])
async def test_every_client_reads_a_page(saw, client) -> None:
    assert saw[client].get("failed") is None
    assert saw[client]["read"] == READ


@pytest.mark.parametrize(
    ("client", "transport"),
    [("apollo", "multipart"), ("apollo", "ws"), ("urql", "stream"), ("urql", "ws")],
)
async def test_both_caching_clients_follow_a_job_over_each_transport(saw, client, transport) -> None:
    assert saw[client]["progress"][transport] == PROGRESS


@pytest.mark.parametrize("client", ["graphqlWs", "graphqlSse", "eventSource"])
async def test_clients_of_one_transport_follow_a_job_to_its_end(saw, client) -> None:
    assert saw[client].get("failed") is None
    assert saw[client]["progress"] == PROGRESS


@pytest.mark.parametrize("client", ["apollo", "urql"])
async def test_errors_reach_the_code_of_a_front_end(saw, client) -> None:
    """What cannot be asked, as a GraphQL error with its code; what was not done, as data."""
    assert saw[client]["wrong"] == ["BAD_USER_INPUT"]
    assert saw[client]["refused"] == REFUSED


@pytest.mark.parametrize(
    ("client", "first_sending"), [("apollo", "POST hash query"), ("urql", "GET hash query")]
)
async def test_a_query_is_sent_once_and_then_asked_for_by_its_hash(saw, client, first_sending) -> None:
    assert saw[client]["persisted"]["read"] == [READ, READ]
    assert saw[client]["persisted"]["seen"] == ["GET hash", first_sending, "GET hash"]


async def test_gql_reads_pages_and_errors_over_http(stage: Stage) -> None:
    """Its subscriptions over a WebSocket stand in tests/graphql_schema/test_job_progress.py."""
    transport = HTTPXAsyncTransport(
        stage.url, headers={"Authorization": f"Bearer {stage.token}"}, timeout=PATIENCE
    )
    page = gql("query ($first: Int!) { mailings(first: $first) { totalCount edges { node { name } } } }")
    gone = gql("query ($id: ID!) { mailing(id: $id) { name } }")
    page.variable_values, gone.variable_values = {"first": 1}, {"id": encode_id("Segment", 1)}

    async with Client(
        transport=transport, fetch_schema_from_transport=True, execute_timeout=PATIENCE
    ) as session:
        read = await session.execute(page)
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(gone)

    assert read == READ
    (error,) = raised.value.errors or ()
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_all_61_audits_of_graphql_http_are_content(stage: Stage) -> None:
    """GraphQL over HTTP, judged by the package of its authors."""
    findings = judged("graphql_http.mjs", stage.url, TOKEN=stage.token)

    assert [finding for finding in findings if finding["status"] != "ok"] == []
    assert len(findings) == 61
