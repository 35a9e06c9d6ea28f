"""The door of imports for tests: an application with it, a token, and a worker that does what is asked for."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from app.actions.jobs import work
from app.actions.lists import create_list
from app.actions.tokens import NewToken, create_token
from app.disclosure.jobs import JobView, jobs_by_id
from app.disclosure.ledger import LineView, lines_of_subscribers
from app.disclosure.lists import memberships_of
from app.disclosure.subscribers import SubscriberView, subscriber_by_address
from app.domain.global_ids import encode_id, number_of
from app.domain.jobs import JobStatus
from app.domain.principal import SCOPES
from app.jobs.worker import HANDLERS
from app.web.imports import import_routes
from tests.world import PUBLIC_URL, World

SMALL = 200_000
"""The largest upload of this door, in bytes."""


@dataclass
class Door:
    """What a script sees of an instance that takes imports."""

    world: World
    client: httpx.AsyncClient
    list_id: int
    tokens: dict[str, str] = field(default_factory=dict)

    async def post(self, content: bytes | None, who: str = "all", **fields: str) -> httpx.Response:
        """Uploads a file, whatever comes of it."""
        files: Any = {name: (None, value) for name, value in fields.items()}
        if content is not None:
            files["file"] = ("people.csv", content, "text/csv")
        return await self.client.post("/imports", files=files, headers=self.bearer(who))

    def bearer(self, who: str = "all") -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    async def run(self, content: bytes | str, **fields: str) -> JobView:
        """Uploads a file onto the list, and waits until its import has ended."""
        data = content.encode() if isinstance(content, str) else content
        response = await self.post(data, **{"list": encode_id("MailingList", self.list_id), **fields})
        assert response.status_code == 202, response.text
        return await self.ended(number_of(response.json()["id"], "Job"))

    async def ended(self, job_id: int) -> JobView:
        stop = asyncio.Event()
        worker = asyncio.create_task(work(self.world.instance, HANDLERS, stop))
        try:
            async with asyncio.timeout(60):
                while True:
                    view = (await jobs_by_id(self.world.reader, [job_id]))[job_id]
                    if view.status not in {JobStatus.QUEUED, JobStatus.RUNNING}:
                        return view
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            with suppress(Exception):
                await worker

    async def errors(self, view: JobView, who: str = "all") -> list[str]:
        """The lines of the errors' CSV, without its header."""
        url = f"/imports/{encode_id('Job', view.id)}/errors.csv"
        response = await self.client.get(url, headers=self.bearer(who))
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        header, *lines = response.text.splitlines()
        assert header == "row,column,code,message"
        return lines

    async def codes(self, view: JobView, who: str = "all") -> list[tuple[str, ...]]:
        """Row, column and code of each error."""
        return [tuple(line.split(",")[:3]) for line in await self.errors(view, who)]

    async def person(self, email: str) -> SubscriberView:
        view = await subscriber_by_address(self.world.reader, email)
        assert view is not None
        return view

    async def values(self, email: str) -> tuple[str, str]:
        """What somebody's permissions are on opens and clicks."""
        view = await self.person(email)
        return view.opens.value.value, view.clicks.value.value

    async def lines(self, email: str) -> list[LineView]:
        view = await self.person(email)
        found = await lines_of_subscribers(self.world.reader, [view.id], key=None, backward=False, limit=50)
        return found.get(view.id, [])

    async def place(self, email: str) -> str | None:
        """Somebody's status on the list."""
        view = await self.person(email)
        places = (await memberships_of(self.world.reader, [view.id]))[view.id]
        return next((place.status.value for place in places), None)


@pytest.fixture
async def door(world: World) -> AsyncIterator[Door]:
    """An instance with one list, a token with all scopes, one that may only read, and one that may not see people."""
    app = Litestar(
        route_handlers=import_routes(SMALL),
        state=State({"instance": world.instance}),
        openapi_config=None,
        logging_config=None,
    )
    async with AsyncExitStack() as stack:
        async with world.unit() as unit:
            list_id = await create_list(unit, "News")
            _, everything = await create_token(unit, NewToken("all", SCOPES))
            _, reading = await create_token(unit, NewToken("read", frozenset({"subscribers:read"})))
            _, unseeing = await create_token(unit, NewToken("unseeing", SCOPES - {"personal:read"}))
        transport = httpx.ASGITransport(app)
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL))
        yield Door(world, client, list_id, {"all": everything, "read": reading, "unseeing": unseeing})
