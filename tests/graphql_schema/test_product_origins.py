"""Pages of other websites: what their browsers are told, each account for itself, over HTTP and on sockets."""

import json
from functools import partial
from typing import Any

import httpx
import pytest
from litestar import Litestar

from app.disclosure.origins import Origins
from app.disclosure.reader import authenticate
from app.domain.principal import SCOPES
from graphql_schema.endpoint import make_controller
from tests.graphql_schema.product import SCHEMA, Product
from tests.world import create_account

APP, OTHERS, NOBODYS = "https://app.example.org", "https://other.example.net", "https://evil.example.com"
ALLOWED = "access-control-allow-origin"


@pytest.fixture
async def web(product: Product) -> tuple[Litestar, str, str]:
    """The door, and tokens of two accounts who each allow a website of their own."""
    instance = product.world.instance
    mine, other = product.world.account_id, await create_account(instance, "Other")
    await product.done("updateAccount", {"allowedOrigins": [APP]})
    await product.done("updateAccount", {"allowedOrigins": [OTHERS]}, account_id=other)
    controller = make_controller(SCHEMA, partial(authenticate, instance), instance, origins=Origins(instance))
    tokens = [await product.token(account_id, None, SCOPES) for account_id in (mine, other)]
    return Litestar([controller], openapi_config=None), tokens[0], tokens[1]


async def speak(app: Litestar, method: str, origin: str | None, token: str | None = None) -> httpx.Response:
    headers = {"Origin": origin} if origin else {}
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://assent.test") as client:
        if method == "OPTIONS":
            wanted = {"Access-Control-Request-Method": "POST"}
            return await client.options("/graphql", headers={**headers, **wanted})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await client.post("/graphql", json={"query": "{ viewer { scopes } }"}, headers=headers)


async def test_a_browser_that_asks_without_a_token_hears_of_any_accounts_website(web) -> None:
    """It cannot say whose page it is, so nobody learns which account allows it."""
    for origin in (APP, OTHERS):
        answer = await speak(web[0], "OPTIONS", origin)

        assert answer.status_code == 204
        assert answer.headers[ALLOWED] == origin
        assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST"
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers


async def test_origins_that_nobody_allowed_word_for_word_hear_nothing(web) -> None:
    app, mine, _ = web
    near = (f"{APP}.evil.com", f"{APP}:8443", f"{APP}/", APP.upper(), "http://app.example.org")

    for origin in (NOBODYS, "null", "*", *near, None):
        for answer in (await speak(app, "OPTIONS", origin), await speak(app, "POST", origin, mine)):
            assert not [name for name in answer.headers if name.startswith("access-control-")], origin
            assert "Origin" in answer.headers["vary"]


async def test_an_answer_is_readable_for_the_tokens_account_only(web) -> None:
    app, mine, others = web

    own, foreign = await speak(app, "POST", APP, mine), await speak(app, "POST", APP, others)

    assert own.headers[ALLOWED] == APP
    assert own.headers["access-control-expose-headers"] == "Retry-After, WWW-Authenticate"
    assert own.headers["vary"] == "Accept, Origin"
    assert ALLOWED not in foreign.headers
    assert "access-control-allow-credentials" not in own.headers


async def test_a_front_end_may_read_that_its_token_is_over(web) -> None:
    answer = await speak(web[0], "POST", APP, "expired")

    assert (answer.status_code, answer.headers[ALLOWED]) == (401, APP)


async def test_a_socket_is_for_pages_of_the_tokens_account(web) -> None:
    app, mine, others = web

    assert await greeted(app, APP, mine) == ["connection_ack"]
    assert await greeted(app, APP, others) == [4403]
    assert await greeted(app, OTHERS, others) == ["connection_ack"]
    assert await greeted(app, NOBODYS, mine) == [1008]
    assert await greeted(app, None, mine) == ["connection_ack"]


async def greeted(app: Litestar, origin: str | None, token: str) -> list[Any]:
    """What a client that greets is told: the type of the first message, or how the socket was closed."""
    hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
    said = iter([{"type": "websocket.connect"}, {"type": "websocket.receive", "text": json.dumps(hello)}])
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return next(said, {"type": "websocket.disconnect", "code": 1000})

    async def send(message: Any) -> None:
        match message:
            case {"type": "websocket.send", "bytes": content} if content:
                told.append(json.loads(content)["type"])
            case {"type": "websocket.send", "text": content}:
                told.append(json.loads(content)["type"])
            case {"type": "websocket.close", "code": code}:
                told.append(code)

    headers = [(b"host", b"assent.test"), *([(b"origin", origin.encode())] if origin else [])]
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": headers,
        "subprotocols": ["graphql-transport-ws"],
        "scheme": "ws",
        "client": None,
        "server": None,
    }
    await app(scope, receive, send)  # type: ignore[arg-type]
    return told


async def test_origins_are_kept_as_browsers_send_them_and_each_once(product: Product) -> None:
    given = [
        "HTTPS://App.Example.org:443/",
        "http://localhost:3000",
        "https://app.example.org",
        "http://[::1]:5173",
    ]

    payload = await product.done("updateAccount", {"allowedOrigins": given}, "account { allowedOrigins }")
    after_a_name = await product.done("updateAccount", {"name": "Acme"}, "account { allowedOrigins }")
    cleared = await product.done("updateAccount", {"allowedOrigins": []}, "account { allowedOrigins }")

    kept = ["https://app.example.org", "http://localhost:3000", "http://[::1]:5173"]
    assert payload["account"]["allowedOrigins"] == kept
    assert after_a_name["account"]["allowedOrigins"] == kept
    assert cleared["account"]["allowedOrigins"] == []


REFUSED = (
    (["http://app.example.org"], "INVALID_VALUE", ["allowedOrigins", "0"]),
    ([APP, "*"], "INVALID_VALUE", ["allowedOrigins", "1"]),
    (["null"], "INVALID_VALUE", ["allowedOrigins", "0"]),
    (["https://*.example.org"], "INVALID_VALUE", ["allowedOrigins", "0"]),
    ([f"{APP}/path"], "INVALID_VALUE", ["allowedOrigins", "0"]),
    (["http://localhost.example.org"], "INVALID_VALUE", ["allowedOrigins", "0"]),
    ([f"https://a{n}.example.org" for n in range(21)], "INVALID_VALUE", ["allowedOrigins"]),
    (None, "NULL_NOT_ALLOWED", ["allowedOrigins"]),
)


async def test_what_is_no_safe_origin_is_refused_and_nothing_changes(product: Product) -> None:
    await product.done("updateAccount", {"allowedOrigins": [APP]})

    for given, code, path in REFUSED:
        refused = await product.refused("updateAccount", {"name": "New", "allowedOrigins": given})
        assert refused == [(code, path)], given

    account = (await product.data("{ viewer { account { name allowedOrigins } } }"))["viewer"]["account"]
    assert account == {"name": "Test", "allowedOrigins": [APP]}
