"""The way of a request: methods, forms, tokens, bodies, statuses. GraphQL over HTTP, and contract.md."""

import httpx
import pytest

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HELLO = "{hello}"


def code(response: httpx.Response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
        (JSON, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*;q=0.5", JSON),
        (f"{GRAPHQL_RESPONSE}, {JSON};q=0.9", GRAPHQL_RESPONSE),
        (f"{JSON}, {GRAPHQL_RESPONSE};q=0.9", JSON),
        (f"{GRAPHQL_RESPONSE};q=nonsense, {JSON};q=0.1", JSON),
        (f"{GRAPHQL_RESPONSE}, {JSON}, text/event-stream, multipart/mixed", GRAPHQL_RESPONSE),
        (
            "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9",
            GRAPHQL_RESPONSE,
        ),
    ],
)
async def test_accept_decides_the_form_of_the_answer(ask, accept, media):
    response = await ask(HELLO, accept=accept)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media}; charset=utf-8"
    assert response.headers["vary"] == "Accept, Origin"
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {"data": {"hello": "Hello world"}}


async def test_a_client_that_accepts_no_json_is_told_so(ask):
    response = await ask(HELLO, accept="text/plain, application/json;q=0")

    assert (response.status_code, code(response)) == (406, "BAD_USER_INPUT")


async def test_other_methods_name_the_allowed_ones(client):
    response = await client.put("/graphql", json={"query": HELLO})

    assert (response.status_code, response.headers["allow"], code(response)) == (
        405,
        "GET, HEAD, POST",
        "BAD_USER_INPUT",
    )


@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/event-stream, */*"])
async def test_head_says_what_get_says_without_its_body(client, accept):
    """A stream has no end, so HEAD says what an answer in JSON would."""
    asked = {"params": {"query": HELLO}, "headers": {"Accept": accept}}
    as_json = {**asked, "headers": {"Accept": accept.rpartition(" ")[2]}}

    head, got = await client.head("/graphql", **asked), await client.get("/graphql", **as_json)

    assert (head.status_code, head.headers, head.content) == (200, got.headers, b"")


async def test_a_mutation_is_not_run_by_head(client, services):
    query = 'mutation { addBook(input: {title: "New"}) { book { id } } }'

    response = await client.head("/graphql", params={"query": query})

    assert (response.status_code, response.headers["allow"], services.ran) == (405, "POST", 0)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/jsonp",
        "text/plain, application/json",
        "application/json; charset=utf-16",
    ],
)
async def test_only_json_in_utf8_is_read(client, content_type):
    response = await client.post(
        "/graphql", content=b'{"query":"{hello}"}', headers={"Content-Type": content_type}
    )

    assert (response.status_code, code(response)) == (415, "BAD_USER_INPUT")


async def test_parameters_of_the_content_type_are_understood(client):
    headers = {"Content-Type": 'Application/JSON; charset="UTF-8"'}

    response = await client.post("/graphql", content=b'{"query":"{hello}"}', headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'[{"query":"{hello}"}]',
        b"null",
        b"{}",
        b'{"query":""}',
        b'{"query":7}',
        b'{"query":"{hello}","variables":[]}',
        b'{"query":"{hello}","operationName":1}',
        b'{"query":"{hello}","extensions":"x"}',
        b'{"query":"\xff"}',
        b'{"query":"{hello}","variables":{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
    ],
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
async def test_a_body_that_is_no_request_is_400_whatever_is_accepted(client, body, accept):
    headers = {"Content-Type": JSON, "Accept": accept}

    response = await client.post("/graphql", content=body, headers=headers)

    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")


async def test_the_reason_names_the_place_and_quotes_nothing(client):
    response = await client.post("/graphql", json={"query": "{hello}", "variables": "ada@example.org"})

    message = "The request is not a GraphQL request: Expected `object | null`, got `str` - at `$.variables`."
    assert response.json()["errors"] == [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]


async def test_get_runs_queries_with_their_variables(client):
    parameters = {
        "query": "query Q($n: String!) {hello(name: $n)}",
        "variables": '{"n":"you"}',
        "operationName": "Q",
    }

    response = await client.get("/graphql", params=parameters)

    assert response.json() == {"data": {"hello": "Hello you"}}


async def test_get_never_runs_a_mutation(client, services):
    parameters = {"query": 'mutation {addBook(input: {title: "x"}) {errors {code}}}'}

    response = await client.get("/graphql", params=parameters)

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert services.ran == 0


@pytest.mark.parametrize(
    "parameters", [{}, {"query": "{hello}", "variables": "{"}, {"query": "{hello}", "variables": "[]"}]
)
async def test_a_get_without_readable_parameters_is_400(client, parameters):
    response = await client.get("/graphql", params=parameters)

    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic all", "all", "Bearer " + "a" * 513]
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
async def test_without_a_valid_token_nothing_is_answered(client, authorization, accept):
    headers = {"Authorization": authorization, "Accept": accept}

    response = await client.post("/graphql", json={"query": "{__schema {queryType {name}}}"}, headers=headers)

    assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert "data" not in response.json()


async def test_the_scheme_of_the_token_is_case_insensitive(client):
    response = await client.post("/graphql", json={"query": HELLO}, headers={"Authorization": "bearer all"})

    assert response.status_code == 200


async def test_a_failing_authentication_is_500_and_says_nothing(client, caplog):
    headers = {"Authorization": "Bearer database is down"}

    response = await client.post("/graphql", json={"query": HELLO}, headers=headers)

    assert response.status_code == 500
    assert response.json() == {
        "errors": [{"message": "Unexpected error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]
    }
    assert "OSError" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("{hello} {hello}", "GRAPHQL_VALIDATION_FAILED"),
        ("query A {hello} query B {hello}", "BAD_USER_INPUT"),
        ("query Q($n: String!) {hello(name: $n)}", "BAD_USER_INPUT"),
    ],
)
async def test_a_request_error_has_no_data_and_its_status_follows_the_form(ask, query, expected):
    modern, plain = await ask(query), await ask(query, accept=JSON)

    assert (modern.status_code, plain.status_code) == (400, 200)
    assert modern.json() == plain.json()
    assert "data" not in modern.json()
    assert code(modern) == expected


async def test_an_operation_name_must_exist(ask):
    response = await ask("query A {hello}", operationName="B")

    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")


async def test_the_named_operation_runs(ask):
    response = await ask('query A {hello} query B {hello(name: "B")}', operationName="B")

    assert response.json() == {"data": {"hello": "Hello B"}}


async def test_a_subscription_needs_a_stream(ask):
    response = await ask("subscription {ticks}", accept=JSON)

    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")


async def test_server_sent_events_carry_a_subscription(ask):
    response = await ask("subscription {ticks(to: 2)}", accept="text/event-stream")

    assert response.headers["content-type"] == "text/event-stream"
    assert response.text == (
        'event: next\ndata: {"data":{"ticks":1}}\n\n'
        'event: next\ndata: {"data":{"ticks":2}}\n\n'
        "event: complete\ndata: \n\n"
    )


async def test_server_sent_events_carry_refusals_too(ask):
    response = await ask("subscription {ticks}", token="none", accept="text/event-stream, application/json")

    assert response.text.startswith('event: next\ndata: {"errors":[')
    assert '"FORBIDDEN"' in response.text
    assert response.text.endswith("event: complete\ndata: \n\n")


async def test_multipart_carries_a_subscription_as_apollo_client_asks(ask):
    accept = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'

    response = await ask("subscription {ticks(to: 1)}", accept=accept)

    assert response.headers["content-type"].startswith("multipart/mixed;boundary=graphql")
    assert '{"payload":{"data":{"ticks":1}}}' in response.text
    assert response.text.endswith("--graphql--\r\n")


async def test_each_event_loads_afresh(ask, services):
    await ask("subscription {ticks(to: 3)}", accept="text/event-stream")

    assert services.loaders_made == 3
