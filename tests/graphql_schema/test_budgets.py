"""A token may spend so much a minute, whatever way its operations come, and what is refused has not run."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from litestar.testing import TestClient

from app.board import Board
from app.budgets import Budgets
from app.settings import LEAST_BUDGET
from graphql_schema.context import Context
from graphql_schema.guard import READING
from graphql_schema.limits import Limits
from graphql_schema.metering import metered
from tests.graphql_schema.test_plans import PLANNED
from tests.graphql_schema.toy import EVERYBODY, Services, make_app, schema

GRAPHQL_RESPONSE = "application/graphql-response+json"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The moment in which everything here happens, since a budget fills up all the time; a test may let time pass."""
    now = [1_000_000_000_000]
    monkeypatch.setattr("app.budgets.monotonic_ns", lambda: now[0])
    return now


def test_a_minute_may_be_spent_at_once_and_comes_back_with_time(now: list[int]):
    budgets = Budgets(600)

    assert [budgets.wait(7, 200) for _ in range(3)] == [0, 0, 0]
    assert budgets.wait(7, 100) == 10
    now[0] += 10_000_000_000
    assert budgets.wait(7, 100) == 0
    assert budgets.wait(7, 100) == 10


def test_one_token_spends_nothing_of_anothers():
    budgets = Budgets(600)

    assert budgets.wait(7, 600) == 0
    assert budgets.wait(7, 1) > 0
    assert budgets.wait(8, 600) == 0


def test_what_costs_more_than_a_minute_takes_all_of_it():
    """Otherwise it could never run."""
    budgets = Budgets(600)

    assert budgets.wait(7, 10_000) == 0
    assert budgets.wait(7, 1) == 0.1


def test_the_least_budget_pays_for_the_dearest_operation_in_a_new_document():
    """With less, an operation that the limits allow would be refused however long its caller waits."""
    budgets = Budgets(LEAST_BUDGET)

    assert READING + Limits().cost <= LEAST_BUDGET
    assert budgets.wait(7, READING) == budgets.wait(7, Limits().cost) == 0


def test_workers_spend_from_one_budget_and_leave_the_networks_alone():
    board = Board()
    one, other = Budgets(600, board.budgets), Budgets(600, board.budgets)

    assert one.wait(7, 400) == 0
    assert other.wait(7, 400) > 0
    assert not any(board.networks)


@pytest.fixture
def served() -> Iterator[TestClient]:
    """The toy with budgets for reading one document, and 6,020 more; `hello` costs 1, and `dear` 6,000."""
    with TestClient(make_app(Services(), wait=Budgets(READING + 6_020).wait)) as client:
        client.headers["Authorization"] = "Bearer all"
        yield client


def new(query: str) -> str:
    """The same operation in a document that nobody has sent."""
    return f"{query} # {uuid4()}"


def ask(client: TestClient, query: str, accept: str = GRAPHQL_RESPONSE) -> httpx.Response:
    response: httpx.Response = client.post("/graphql", json={"query": query}, headers={"Accept": accept})
    return response


@pytest.mark.parametrize("accept", [GRAPHQL_RESPONSE, "application/json"])
def test_a_spent_budget_is_429_and_says_when_to_come_again(served: TestClient, accept: str):
    assert ask(served, new("{ dear }")).status_code == 200

    refused = ask(served, new("{ hello }"), accept)

    (error,) = refused.json()["errors"]
    assert refused.status_code == 429
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert refused.headers["retry-after"] == str(error["extensions"]["retryAfter"])
    assert 1 <= error["extensions"]["retryAfter"] <= 60
    assert "data" not in refused.json()


def test_a_known_document_is_paid_for_each_time(served: TestClient):
    """Also where a plan answers it."""
    many = " ".join(f"h{number}: hello" for number in range(20))
    query = new(f"{{ dear {many} }}")
    answers = [ask(served, query).status_code for _ in range(2)]

    assert answers == [200, 429]


async def test_a_query_that_a_plan_gives_up_is_paid_for_once():
    """The library answers it from its start, and the errors of resolvers are paid for like answers."""
    spent: list[int] = []

    def wait(_token: int, cost: int) -> float:
        spent.append(cost)
        return 0

    query = new('{ get(key: "plain") { name bad } }')
    results = [
        await PLANNED.execute(
            query,
            context_value=Context(None, EVERYBODY, meter=metered(wait)),
        )
        for _ in range(3)
    ]

    assert spent == [READING, 3, 3, 3]
    assert [len(each.errors or []) for each in results] == [1, 1, 1]


def test_a_refused_mutation_has_changed_nothing():
    services = Services()
    change = new('mutation { addBook(input: {title: "New"}) { book { id } } }')
    with TestClient(make_app(services, wait=Budgets(20).wait)) as client:
        client.headers["Authorization"] = "Bearer all"
        ask(client, new("{ dear }"))

        assert ask(client, change).status_code == 429
    assert services.ran == 0


def test_operations_on_a_socket_are_paid_for(served: TestClient):
    with served.websocket_connect(
        "/graphql", subprotocols=["graphql-transport-ws"], headers={"Authorization": "Bearer all"}
    ) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json()["type"] == "connection_ack"
        socket.send_json({"type": "subscribe", "id": "1", "payload": {"query": new("{ dear }")}})
        assert [socket.receive_json()["type"] for _ in range(2)] == ["next", "complete"]

        socket.send_json({"type": "subscribe", "id": "2", "payload": {"query": new("{ hello }")}})

        refused = socket.receive_json()
    assert (refused["type"], refused["id"]) == ("error", "2")
    assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_what_is_too_dear_costs_no_more_than_its_reading(served: TestClient):
    query = new("{ a: __schema { types { name } } b: dear c: dear d: dear e: dear }")

    assert {ask(served, query).status_code for _ in range(25)} == {400}
    assert ask(served, new("{ hello }")).status_code == 200


@pytest.mark.parametrize("wrong", ["{ nonsense }", "{ hello", "{ hello(" + "a: 1 " * 400 + ") }"])
def test_a_wrong_document_is_paid_for_each_time_that_it_is_sent(served: TestClient, wrong: str):
    """Whether it cannot be parsed, or is not valid; the second one finds 6,020 left, the third one 1,020."""
    wrong = new(wrong)
    assert [ask(served, wrong).status_code for _ in range(2)] == [400, 400]

    refused = ask(served, wrong)

    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert refused.headers["retry-after"] == "22"


def test_nothing_is_read_for_a_budget_that_is_spent(served: TestClient):
    """Otherwise the refusals of a client that has spent everything would still cost us what they cost it."""
    documents = [new("{ nonsense }") for _ in range(5)]

    statuses = [ask(served, each).status_code for each in documents]

    assert statuses == [400, 400, 429, 429, 429]
    assert [each for each in documents if schema.documents.find(each)] == documents[:2]


def test_a_document_that_is_known_and_right_is_read_for_nothing(served: TestClient):
    """The first time costs 5,001, and what follows 1 each."""
    known = new("{ hello }")

    assert [ask(served, known).status_code for _ in range(30)] == [200] * 30
    assert [ask(served, new("{ hello }")).status_code for _ in range(2)] == [200, 429]


MANY = '{"extensions": {"x": [' + "[], " * 2_995 + '[]]}, "query": '
"""12 kilobytes with 5,995 marks of values; what follows it makes it a request, or none."""


@pytest.mark.parametrize(("rest", "status"), [('"%s"}', 200), ("nonsense", 400)])
def test_a_large_body_is_paid_for_before_it_is_read(served: TestClient, rest: str, status: int):
    """It costs 6,007 of 6,019. Whoever has spent everything is refused whatever it says: nobody has looked."""
    known = new("{ hello }")
    ask(served, known)
    rest = rest.replace("%s", known)
    headers = {"Content-Type": "application/json", "Accept": GRAPHQL_RESPONSE}

    answers = [served.post("/graphql", content=MANY + rest, headers=headers) for _ in range(2)]

    assert [each.status_code for each in answers] == [status, 429]
    assert answers[1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert answers[1].headers["retry-after"] == "33"


def test_a_small_body_is_read_for_nothing(served: TestClient):
    """5,001 for the first, 1 for each that follows."""
    small = {"query": new("{ hello }"), "extensions": {"x": [0] * 3_000}}

    answers = [served.post("/graphql", json=small).status_code for _ in range(20)]

    assert answers == [200] * 20


def test_a_large_message_on_a_socket_is_paid_for_before_it_is_read(served: TestClient):
    known = new("{ hello }")
    ask(served, known)
    payload = f'{MANY}"{known}"}}'
    with served.websocket_connect(
        "/graphql", subprotocols=["graphql-transport-ws"], headers={"Authorization": "Bearer all"}
    ) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json()["type"] == "connection_ack"
        messages = []
        for name in "12":
            socket.send_text(f'{{"type": "subscribe", "id": "{name}", "payload": {payload}}}')
            messages.append(socket.receive_json())
            if messages[-1]["type"] == "next":
                assert socket.receive_json() == {"type": "complete", "id": name}

    assert messages[0]["payload"] == {"data": {"hello": "Hello world"}}
    assert (messages[1]["type"], messages[1]["id"]) == ("error", "2")
    assert messages[1]["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
