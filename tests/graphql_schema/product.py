"""The product's schema over a real database, asked through a real Litestar app with real tokens."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from app.actions.tokens import NewToken, create_token
from app.actions.unit import unit
from app.disclosure.reader import authenticate
from app.domain.principal import SCOPES
from graphql_schema.endpoint import make_controller
from graphql_schema.scalars import write_datetime
from graphql_schema.schema import product_schema
from tests.world import World

SCHEMA = product_schema()
IMPERSONAL = SCOPES - {"personal:read"}


@dataclass
class Product:
    """An account of the product, and everything that a client asks of it."""

    world: World
    client: httpx.AsyncClient
    tokens: dict[tuple[int, int | None, frozenset[str]], str] = field(default_factory=dict)

    async def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        scopes: frozenset[str] = SCOPES,
        account_id: int | None = None,
        user_id: int | None = None,
    ) -> dict[str, Any]:
        """The whole answer to one operation."""
        token = await self.token(account_id or self.world.account_id, user_id, scopes)
        response = await self.client.post(
            "/graphql",
            json={"query": query, "variables": variables or {}},
            headers={"Authorization": f"Bearer {token}"},
        )
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, query: str, variables: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """The data of an answer without transport errors."""
        answer = await self.ask(query, variables, **more)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def change(self, name: str, given: dict[str, Any], below: str = "", **more: Any) -> dict[str, Any]:
        """The payload of a mutation: its errors and whatever `below` selects."""
        kind = name[0].upper() + name[1:]
        query = (
            f"mutation ($input: {kind}Input!) {{ {name}(input: $input) "
            f"{{ {below} errors {{ code message path }} }} }}"
        )
        payload: dict[str, Any] = (await self.data(query, {"input": given}, **more))[name]
        return payload

    async def done(self, name: str, given: dict[str, Any], below: str = "", **more: Any) -> dict[str, Any]:
        """The same, where nothing may go wrong."""
        payload = await self.change(name, given, below, **more)
        assert payload["errors"] == []
        return payload

    async def refused(self, name: str, given: dict[str, Any], **more: Any) -> list[tuple[str, list[str]]]:
        """Code and path of each error of a mutation."""
        payload = await self.change(name, given, **more)
        return [(error["code"], error["path"]) for error in payload["errors"]]

    async def token(self, account_id: int, user_id: int | None, scopes: frozenset[str]) -> str:
        """A token of an account, or of a user there, with these scopes."""
        key = account_id, user_id, scopes
        if key not in self.tokens:
            async with unit(self.world.instance, account_id, "test") as work:
                _, self.tokens[key] = await create_token(work, NewToken("test", scopes, user_id))
        return self.tokens[key]

    async def upserted(self, email: str, **more: Any) -> str:
        """A new subscriber's id."""
        payload = await self.done("upsertSubscriber", {"email": email, **more}, "subscriber { id }")
        found: str = payload["subscriber"]["id"]
        return found

    def said_yes(self) -> dict[str, str]:
        """A YES with its evidence, given now."""
        at = write_datetime(self.world.now[0])
        return {"permission": "YES", "source": "FORM", "at": at}

    async def mailing(self, name: str = "Spring", channel: str = "CAMPAIGN", **more: Any) -> str:
        """A new mailing's id."""
        given = {"name": name, "channel": channel, **more}
        found: str = (await self.done("createMailing", given, "mailing { id }"))["mailing"]["id"]
        return found

    async def prepared(self, mailing_id: str, *emails: str, **more: Any) -> list[dict[str, Any]]:
        """One message for each address."""
        recipients = [{"to": [{"email": email}]} for email in emails]
        given = {"mailingId": mailing_id, "html": "<p>Hello</p>", "recipients": recipients, **more}
        below = "messages { messageId html deliveries { id } }"
        messages: list[dict[str, Any]] = (await self.done("prepareMessages", given, below))["messages"]
        return messages

    async def statements(self, query: str, **more: Any) -> list[str]:
        """The statements that one operation runs, apart from asking who calls."""
        await self.ask(query, **more)
        seen: list[str] = []

        def note(record: Any) -> None:
            # What asyncpg asks about types, and how it tidies a connection up, is not the operation's.
            if not any(word in record.query for word in ("api_token", "pg_", "set_config", "RESET ALL")):
                seen.append(record.query)

        pool = await self.world.instance.database.pool()
        holders = [await pool.acquire() for _ in range(4)]
        connections: list[asyncpg.Connection] = [holder._con for holder in holders]
        for connection in connections:
            connection.add_query_logger(note)
        for holder in holders:
            await pool.release(holder)
        await self.ask(query, **more)
        for connection in connections:
            connection.remove_query_logger(note)
        return seen


@pytest.fixture
async def product(world: World) -> AsyncIterator[Product]:
    """A new account under the strict preset, with nothing in it."""
    controller = make_controller(SCHEMA, partial(authenticate, world.instance), world.instance)
    app = Litestar([controller], openapi_config=None)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://assent.test") as client:
        yield Product(world, client)
