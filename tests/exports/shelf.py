"""Exports as a caller meets them: asked for over GraphQL, made by a worker, taken over HTTP."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from app.actions.jobs import perform, work
from app.domain.global_ids import number_of
from app.domain.jobs import JobStatus
from app.domain.principal import SCOPES
from app.jobs.worker import HANDLERS
from app.web.exports import export_routes
from tests.graphql_schema.product import Product
from tests.world import PUBLIC_URL, World

ADA = "ada@example.org"
ASKED = "export { id kind status url job { id kind status } }"


@dataclass
class Shelf:
    """The API that exports are asked from, the address that they are taken from, and who makes them."""

    product: Product
    client: httpx.AsyncClient

    @property
    def world(self) -> World:
        return self.product.world

    async def asked(self, email: str = ADA) -> dict[str, Any]:
        """A new export about somebody, not made yet."""
        found = await self.product.data("query ($e: String!) { subscriber(email: $e) { id } }", {"e": email})
        return await self.asked_for(kind="ACCESS", subscriberId=found["subscriber"]["id"])

    async def asked_for(
        self, scopes: frozenset[str] = SCOPES, user_id: int | None = None, **given: Any
    ) -> dict[str, Any]:
        """A new export of any kind, not made yet."""
        more = {"scopes": scopes, "user_id": user_id}
        export: dict[str, Any] = (await self.product.done("createExport", given, ASKED, **more))["export"]
        return export

    async def made(self, export: dict[str, Any], *, by_queue: bool = False) -> dict[str, Any] | None:
        """The export once its job has ended; done at once, or by a worker of the queue."""
        job = number_of(export["job"]["id"], "Job")
        if by_queue:
            await self._worked(job)
        else:
            await perform(self.world.instance, HANDLERS["export"], job, asyncio.Event())
        return await self.node(export)

    async def _worked(self, job: int) -> None:
        stop = asyncio.Event()
        worker = asyncio.create_task(work(self.world.instance, HANDLERS, stop))
        try:
            async with asyncio.timeout(60):
                while True:
                    (row,) = await self.world.rows("SELECT status FROM job WHERE id = $1", job)
                    if JobStatus(row["status"]).has_ended:
                        break
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            with suppress(Exception):
                await worker

    async def text(self, scopes: frozenset[str] = SCOPES, user_id: int | None = None, **given: Any) -> str:
        """What a new export holds, taken by who asked for it."""
        made = await self.made(await self.asked_for(scopes, user_id, **given))
        assert made is not None
        assert made["status"] == "DONE", made["job"]
        answer = await self.get(made["url"], scopes, user_id)
        assert answer.status_code == 200, answer.text
        return answer.content.decode()

    async def rows(
        self, scopes: frozenset[str] = SCOPES, user_id: int | None = None, **given: Any
    ) -> list[dict[str, str]]:
        """The lines of a new export, by their columns."""
        return list(csv.DictReader(io.StringIO(await self.text(scopes, user_id, **given), newline="")))

    async def node(self, export: dict[str, Any]) -> dict[str, Any] | None:
        """The export, asked for again by its id."""
        query = "query ($id: ID!) { node(id: $id) { ... on Export { id kind status url job { message } } } }"
        found: dict[str, Any] | None = (await self.product.data(query, {"id": export["id"]}))["node"]
        return found

    async def get(
        self, url: str, scopes: frozenset[str] = SCOPES, user_id: int | None = None, **headers: str
    ) -> httpx.Response:
        """What lies at an address, for a token with these scopes."""
        token = await self.product.token(self.world.account_id, user_id, scopes)
        return await self.client.get(url, headers={"Authorization": f"Bearer {token}", **headers})

    def files(self) -> list[str]:
        folder = self.world.data / "exports"
        return [path.name for path in folder.iterdir()] if folder.exists() else []


@pytest.fixture
async def shelf(product: Product) -> AsyncIterator[Shelf]:
    app = Litestar(
        route_handlers=export_routes(),
        state=State({"instance": product.world.instance}),
        openapi_config=None,
        logging_config=None,
    )
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield Shelf(product, client)
