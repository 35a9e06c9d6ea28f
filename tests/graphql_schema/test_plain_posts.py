"""A plain POST is answered without Litestar exactly as Litestar answers it; everything else takes the long way."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar

from app.domain.principal import Principal
from graphql_schema.endpoint import Door, make_controller
from graphql_schema.plain_posts import LARGEST_BODY, PlainPosts
from tests.graphql_schema.toy import TOKENS, Services, schema


async def authenticate(token: str) -> Principal | None:
    """Whom a toy's token belongs to; one of them breaks the door."""
    if token == "broken":
        raise OSError("password=hunter2")
    return TOKENS.get(token)


Answer = tuple[int, list[tuple[str, str]], bytes]


class TwoWays:
    """The same door behind Litestar alone, and behind plain posts; `long` counts what took the long way."""

    def __init__(self, plain: Any, everything: Any, long: list[str]) -> None:
        self.plain, self.all, self.long = plain, everything, long
        self.short, self.litestar = (
            httpx.AsyncClient(transport=httpx.ASGITransport(app=each), base_url="http://assent.test")
            for each in (plain, everything)
        )

    async def both(self, method: str, content: Any, headers: list[tuple[str, str]]) -> list[Answer]:
        """The answer of plain posts, then that of Litestar."""
        return [await _answer(each, method, content, headers) for each in (self.short, self.litestar)]


async def _answer(client: httpx.AsyncClient, method: str, content: Any, headers: Any) -> Answer:
    response = await client.request(method, "/graphql", content=content, headers=headers)
    return response.status_code, sorted(response.headers.multi_items()), response.content


@pytest.fixture
async def ways() -> AsyncIterator[TwoWays]:
    services, long = Services(), []
    door = Door(schema, authenticate, services)
    litestar: Any = Litestar(
        [make_controller(schema, authenticate, services, door=door)], openapi_config=None
    )

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        long.append(scope["method"])
        await litestar(scope, receive, send)

    both = TwoWays(PlainPosts(door, counted), litestar, long)
    async with both.short, both.litestar:
        yield both


_JSON = ("content-type", "application/json")
_TOKEN = ("authorization", "Bearer all")
_bodies = st.sampled_from(
    [
        *(
            msgspec.json.encode({"query": query})
            for query in ("{ __typename }", "{ nothing }", "{", "mutation { x }")
        ),
        *(b"", b"{}", b"[]", b"null", b"\xff", b'{"query": "\xc3\xa4"}', b"[" * 5_000, b'{"query": 1}'),
        msgspec.json.encode({"query": "query A { __typename } query B { __typename }", "operationName": "B"}),
        msgspec.json.encode({"query": "query A { __typename } query B { __typename }"}),
        msgspec.json.encode({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}),
    ]
)
_accepts = ["application/json", "application/graphql-response+json", "*/*", "text/html", "image/png", ""]
_headers = st.tuples(
    st.sampled_from(
        [
            _JSON,
            _JSON,
            ("content-type", "application/jsonp"),
            ("Content-Type", "APPLICATION/JSON; charset=utf-8"),
        ]
    ),
    st.sampled_from(
        [
            _TOKEN,
            _TOKEN,
            ("authorization", "Bearer nobody"),
            ("authorization", "Basic all"),
            ("x-nothing", ""),
        ]
    ),
    st.sampled_from([("accept", each) for each in _accepts]),
).map(list)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=_bodies, headers=_headers)
async def test_both_ways_give_the_same_answer(ways: TwoWays, body: bytes, headers: list[tuple[str, str]]):
    short, litestar = await ways.both("POST", body, headers)

    assert short == litestar
    assert ways.long == []


async def _parts() -> AsyncIterator[bytes]:
    yield b'{"query": '
    yield b'"{ __typename }"}'


@pytest.mark.parametrize(
    ("method", "content", "more"),
    [
        ("GET", b"", []),
        ("HEAD", b"", []),
        ("PUT", b"{}", []),
        ("OPTIONS", b"", [("origin", "https://shop.example")]),
        ("POST", b'{"query": "{ __typename }"}', [("origin", "https://shop.example")]),
        ("POST", b'{"query": "{ __typename }"}', [("accept", "text/event-stream")]),
        ("POST", b'{"query": "{ __typename }"}', [("authorization", "Bearer nobody")]),
        ("POST", b" " * (LARGEST_BODY + 1), []),
        ("POST", b'{"query": "{ __typename }"}', [("content-length", "27".zfill(5_000))]),
    ],
)
async def test_what_is_not_plain_takes_the_long_way(
    ways: TwoWays, method: str, content: bytes, more: list[tuple[str, str]]
):
    short, litestar = await ways.both(method, content, [_JSON, _TOKEN, *more])

    assert short == litestar
    assert ways.long == [method]


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "nonsense"])
async def test_a_method_that_is_routed_nowhere_is_answered_as_any_other_that_is_not_allowed(
    ways: TwoWays, method: str
):
    expected = await _answer(ways.short, "PUT", b"{}", [])
    ways.long.clear()

    status, headers, content = await _answer(ways.short, method, b"{}", [])

    assert (status, headers, content) == expected
    assert (status, ("allow", "GET, HEAD, POST") in headers) == (405, True)
    assert ways.long == []


async def test_a_body_of_unknown_length_takes_the_long_way(ways: TwoWays):
    answer = await _answer(ways.short, "POST", _parts(), [_JSON, _TOKEN])

    assert (answer[0], answer[2]) == (200, b'{"data":{"__typename":"Query"}}')
    assert ways.long == ["POST"]


async def test_a_body_in_parts_is_read_whole(ways: TwoWays):
    content = b'{"query": "{ __typename }"}'
    answer = await _answer(
        ways.short, "POST", _parts(), [_JSON, _TOKEN, ("content-length", str(len(content)))]
    )

    assert (answer[0], answer[2]) == (200, b'{"data":{"__typename":"Query"}}')


async def test_a_body_that_breaks_off_is_told_so_by_either_way(ways: TwoWays):
    """Granian takes an application that says nothing for a crash: 500, and a line in the log."""
    short, litestar = [await _broken_off(each) for each in (ways.plain, ways.all)]

    assert short == litestar
    assert short[0]["status"] == 400
    assert b"The body did not come whole." in short[1]["body"]
    assert ways.long == []


async def _broken_off(application: Any) -> list[dict[str, Any]]:
    """What is sent to a client that leaves in the middle of its body."""
    coming, sent = iter([{"type": "http.request", "body": b'{"que', "more_body": True}]), []

    async def receive() -> dict[str, Any]:
        return next(coming, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        sent.append({**message, "headers": sorted(message.get("headers", ()))})

    headers = [(name.encode(), value.encode()) for name, value in (_JSON, _TOKEN, ("content-length", "27"))]
    where = {
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "method": "POST",
    }
    await application({"type": "http", **where, "headers": headers}, receive, send)
    return sent
