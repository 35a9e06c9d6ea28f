"""GraphQL over WebSocket, the protocol graphql-transport-ws."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.exceptions import WebSocketDisconnect
from litestar.testing import TestClient

from graphql_schema.sockets import LARGEST_GREETING, OPERATIONS_PER_SOCKET
from tests.graphql_schema.toy import Services, make_app

PROTOCOL = "graphql-transport-ws"


@pytest.fixture
def browser(services: Services) -> Iterator[TestClient[Any]]:
    with TestClient(make_app(services), base_url="http://assent.test") as client:
        yield client


def connect(browser, headers=None, protocol=PROTOCOL):
    return browser.websocket_connect("/graphql", subprotocols=[protocol], headers=headers)


def greet(socket, payload=None) -> None:
    payload = {"Authorization": "Bearer all"} if payload is None else payload
    socket.send_json({"type": "connection_init", "payload": payload})
    assert socket.receive_json() == {"type": "connection_ack"}


def run(socket, query: str, name: str = "1", **parameters: Any) -> list[dict]:
    """All messages about one operation, to its end."""
    socket.send_json({"id": name, "type": "subscribe", "payload": {"query": query, **parameters}})
    messages = [socket.receive_json()]
    while messages[-1]["type"] == "next":
        messages.append(socket.receive_json())
    return messages


def closing_code(socket) -> int:
    with pytest.raises(WebSocketDisconnect) as raised:
        socket.receive_json()
    return raised.value.code


def test_a_subscription_runs_to_its_end(browser):
    with connect(browser) as socket:
        greet(socket)

        messages = run(socket, "subscription S($to: Int!) {ticks(to: $to)}", variables={"to": 2})

    assert messages == [
        {"id": "1", "type": "next", "payload": {"data": {"ticks": 1}}},
        {"id": "1", "type": "next", "payload": {"data": {"ticks": 2}}},
        {"id": "1", "type": "complete"},
    ]


def test_queries_run_on_a_socket_too_and_load_afresh(browser, services):
    with connect(browser) as socket:
        greet(socket)

        for name in ("1", "2"):
            messages = run(socket, "{books(first: 1) {edges {node {title}}}}", name)
            assert messages[0]["payload"] == {"data": {"books": {"edges": [{"node": {"title": "Book 1"}}]}}}

    assert services.loaders_made == 2


@pytest.mark.parametrize("kind", ["connection_init", "ping"])
def test_strangers_say_no_more_than_a_greeting(browser, kind):
    """Nobody pays for what is read before it is known who asks."""
    with connect(browser) as socket:
        socket.send_json({"type": kind, "payload": {"x": "y" * (LARGEST_GREETING - 100)}})
        if kind == "ping":
            assert socket.receive_json() == {"type": "pong"}
            socket.send_json({"type": kind, "payload": {"x": "y" * LARGEST_GREETING}})

        assert closing_code(socket) == (4400 if kind == "ping" else 4403)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("query A {hello} query B {hello}", "BAD_USER_INPUT"),
        ("{dear a: dear b: dear c: dear}", "QUERY_TOO_EXPENSIVE"),
        ("{" + "hello " * 501 + "}", "QUERY_TOO_LARGE"),
    ],
)
def test_a_refused_operation_leaves_the_socket_open(browser, query, code):
    with connect(browser) as socket:
        greet(socket)

        refused = run(socket, query)

        assert [message["type"] for message in refused] == ["error"]
        assert refused[0]["payload"][0]["extensions"]["code"] == code
        assert run(socket, "{hello}")[0]["payload"] == {"data": {"hello": "Hello world"}}


def test_scopes_count_on_a_socket(browser):
    with connect(browser) as socket:
        greet(socket, {"authorization": "Bearer none"})

        refused = run(socket, "subscription {ticks}")

    assert refused[0]["payload"][0]["extensions"]["code"] == "FORBIDDEN"


def test_errors_are_masked_on_a_socket(browser):
    with connect(browser) as socket:
        greet(socket)

        messages = run(socket, "subscription {brokenTicks}")

    assert messages[1]["payload"]["errors"] == [
        {"message": "Unexpected error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    ]


def test_the_token_may_stand_in_the_handshake(browser):
    with connect(browser, {"Authorization": "Bearer all"}) as socket:
        greet(socket, {})

        assert run(socket, "{hello}")[0]["type"] == "next"


@pytest.mark.parametrize(
    "payload",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "all"}, {"Authorization": 1},
     {"Authorization": "Bearer database is down"}],
)  # fmt: skip
def test_without_a_valid_token_the_socket_is_closed(browser, payload):
    with connect(browser) as socket:
        socket.send_json({"type": "connection_init", "payload": payload})

        assert closing_code(socket) == 4403


def test_nothing_runs_before_the_greeting(browser):
    with connect(browser) as socket:
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": "{hello}"}})

        assert closing_code(socket) == 4401


def test_a_revoked_token_ends_what_runs(browser, services):
    with connect(browser) as socket:
        greet(socket)
        services.revoked.add("all")

        messages = run(socket, "{books(first: 1) {totalCount}}")

    assert messages[0]["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert services.counted == 0


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"text"', "{}", '{"type": 1}', '{"type": "unknown"}', '{"type": "subscribe"}',
     '{"type": "subscribe", "id": ["1"], "payload": {"query": "{hello}"}}',
     '{"type": "subscribe", "id": "1", "payload": "{hello}"}',
     '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
     '{"type": "subscribe", "id": "1", "payload": {}}',
     '{"type": "subscribe", "id": "1", "payload": {"query": "{hello}", "variables": []}}',
     '{"type": "complete", "id": {}}',
     '{"type": "ping", "payload": "' + "x" * 1_000_001 + '"}',
     '{"a":' + "[" * 5_000 + "]" * 5_000 + "}"],
)  # fmt: skip
def test_a_message_that_is_none_closes_the_socket(browser, text):
    with connect(browser) as socket:
        greet(socket)
        socket.send_text(text)

        assert closing_code(socket) == 4400


@pytest.mark.parametrize("protocol", ["graphql-ws", "other"])
def test_no_other_protocol_is_spoken(browser, protocol):
    with connect(browser, protocol=protocol) as socket:
        assert closing_code(socket) == 4406


@pytest.mark.parametrize(
    ("origin", "welcome"), [("http://assent.test", True), ("http://elsewhere.test", False), ("null", False)]
)
def test_pages_of_a_foreign_origin_may_not_open_a_socket(browser, origin, welcome):
    if welcome:
        with connect(browser, {"Origin": origin}) as socket:
            greet(socket)
    else:
        with pytest.raises(WebSocketDisconnect), connect(browser, {"Origin": origin}):
            pass


def test_one_operation_too_many_is_told_so_with_a_code(browser: TestClient[Any]):
    """The others go on."""
    with connect(browser) as socket:
        greet(socket)
        for number in range(OPERATIONS_PER_SOCKET):
            payload = {"query": "subscription { ticks(to: 1000000) }"}
            socket.send_json({"id": str(number), "type": "subscribe", "payload": payload})
        (refused,) = [message for message in run(socket, "{ hello }", "more") if message["id"] == "more"]

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
