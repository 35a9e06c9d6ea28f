"""Clients of subscriptions that nobody here wrote: a WebSocket, server-sent events, and multipart responses."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any

import httpx
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

from tests.running import Running

MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'
PATIENCE = 120.0
Events = AsyncIterator[dict[str, Any]]


@asynccontextmanager
async def over_websocket(running: Running, token: str, query: str, **variables: Any) -> AsyncIterator[Events]:
    """What the client `gql` receives over graphql-transport-ws."""
    transport = WebsocketsTransport(
        url=f"{running.url.replace('http', 'ws')}/graphql",
        init_payload={"Authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        connect_timeout=PATIENCE,
        ack_timeout=PATIENCE,
    )
    document = gql(query)
    document.variable_values = variables
    # The client waits ten seconds for subscriptions that nobody closed.
    async with Client(transport=transport) as session, aclosing(session.subscribe(document)) as events:
        yield events


@asynccontextmanager
async def over_events(running: Running, token: str, query: str, **variables: Any) -> AsyncIterator[Events]:
    """What a client of server-sent events receives."""
    async with _streamed(running, token, query, variables, "text/event-stream") as lines:
        yield (_shown(line.removeprefix("data: ")) async for line in lines if line.startswith("data: {"))


@asynccontextmanager
async def over_multipart(running: Running, token: str, query: str, **variables: Any) -> AsyncIterator[Events]:
    """What a client of multipart subscriptions receives, as Apollo Client asks for them."""
    async with _streamed(running, token, query, variables, MULTIPART) as lines:
        yield (_shown(line) async for line in lines if line.startswith('{"payload":{'))


@asynccontextmanager
async def _streamed(
    running: Running, token: str, query: str, variables: dict[str, Any], accept: str
) -> AsyncIterator[AsyncIterator[str]]:
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream(
            "POST",
            f"{running.url}/graphql",
            json={"query": query, "variables": variables},
            headers=headers,
        ) as response,
    ):
        assert response.status_code == 200
        yield response.aiter_lines()


def _shown(text: str) -> dict[str, Any]:
    found = json.loads(text)
    payload = found.get("payload", found)
    return {"refused": payload["errors"]} if "errors" in payload else payload["data"]


async def next_of(events: Events) -> dict[str, Any]:
    return await asyncio.wait_for(anext(events), PATIENCE)


Follow = Callable[..., AbstractAsyncContextManager[Events]]
EVERY_WAY: list[Follow] = [over_websocket, over_events, over_multipart]
