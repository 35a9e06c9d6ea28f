"""The toy schema, served to an HTTP client without a network."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.graphql_schema.product import product  # noqa: F401  A fixture.
from tests.graphql_schema.toy import Services, make_app
from tests.presets.sender import sender  # noqa: F401  A fixture.

GRAPHQL_RESPONSE = "application/graphql-response+json"

Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to the door with a token that may do everything, accepting what a modern client accepts."""
    transport = httpx.ASGITransport(make_app(services))
    headers = {"Authorization": "Bearer all", "Accept": GRAPHQL_RESPONSE}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://assent.test", headers=headers
    ) as client:
        yield client


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Sends one operation and returns the response."""

    async def ask(
        query: str,
        token: str = "all",  # noqa: S107  The name of a toy's token.
        accept: str = GRAPHQL_RESPONSE,
        **parameters: Any,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        return await client.post("/graphql", json={"query": query, **parameters}, headers=headers)

    return ask
