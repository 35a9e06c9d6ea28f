"""The attacks of the audit graphql-cop against the product, with a token that may do everything.

What it counts as a leak and is meant to be open (introspection, GraphiQL, queries by GET) is open to a token alone, and
GraphiQL's page, which holds no data, to browsers.
"""

import json
from typing import Any

import httpx

from app.domain.principal import SCOPES
from tests.graphql_schema.product import Product

CIRCLE = "{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }"
FRAGMENTS = "{ __schema { ...A } } fragment A on __Schema { __typename ...B } fragment B on __Schema { ...A }"


async def sent(product: Product, method: str = "POST", **more: Any) -> httpx.Response:
    token = await product.token(product.world.account_id, None, SCOPES)
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    return await product.client.request(method, "/graphql", headers=headers, **more)


COSTLY = (
    ("{" + " ".join(f"alias{n}: __typename" for n in range(101)) + "}", "QUERY_TOO_LARGE"),
    ("{" + "__typename \n" * 500 + "}", "QUERY_TOO_LARGE"),
    ("{ __typename " + "@aa" * 10 + " }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ __typename " + "@skip(if: false)" * 21 + " }", "QUERY_TOO_LARGE"),
    (CIRCLE, "GRAPHQL_VALIDATION_FAILED"),
    (FRAGMENTS, "GRAPHQL_VALIDATION_FAILED"),
)


async def test_queries_that_are_made_to_cost_are_refused_before_they_run(product) -> None:
    for query, code in COSTLY:
        answer = (await sent(product, json={"query": query})).json()

        assert "data" not in answer, query
        assert len(answer["errors"]) <= 5
        assert {error["extensions"]["code"] for error in answer["errors"]} == {code}, query


async def test_several_queries_in_one_request_are_refused(product) -> None:
    answer = await sent(product, json=[{"query": "{ __typename }"}] * 10)

    assert answer.status_code == 400
    assert "data" not in answer.text


async def test_no_name_is_suggested(product) -> None:
    for query in ("{ mailing { nam } }", "{ viewr { scopes } }", "query cop { __schema { directive } }"):
        answer = await sent(product, json={"query": query})

        assert "Did you mean" not in answer.text


async def test_no_other_website_can_make_a_browser_send_something(product) -> None:
    """A form's media types are not read, a mutation is not run by GET, and there is no cookie that would go along."""
    forged = 'mutation { createList(input: { name: "Forged" }) { errors { code } } }'
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    text = {"Content-Type": "text/plain"}

    answers = [
        await sent(product, "GET", params={"query": forged}),
        await sent(product, data={"query": forged}),
        await sent(product, content=f"query={forged}".encode(), headers=form),
        await sent(product, content=json.dumps({"query": forged}).encode(), headers=text),
    ]

    assert [each.status_code for each in answers] == [405, 415, 415, 415]
    assert all("set-cookie" not in each.headers for each in answers)
    assert await product.data("{ lists { edges { node { name } } } }") == {"lists": {"edges": []}}


async def test_no_answer_tells_how_it_was_made(product) -> None:
    """Neither trace nor exception nor stack, whatever is asked for."""
    for query in ("qwerty cop { abc }", "{", "{ __typename }"):
        answer = await sent(product, json={"query": query}, headers={"X-Apollo-Tracing": "1"})

        words = answer.text.lower()
        assert not [word for word in ("exception", "stacktrace", "tracing", "traceback") if word in words]
        assert answer.json().keys() <= {"data", "errors"}


async def test_programs_find_no_page_to_play_with(product) -> None:
    for path in ("/graphiql", "/playground", "/console", "/graphql"):
        answer = await product.client.get(path, headers={"Accept": "*/*"})

        assert answer.status_code in {401, 404}
        assert "graphiql" not in answer.text.lower()


async def test_without_a_token_there_is_nothing_to_learn(product) -> None:
    """Not even what the schema holds."""
    answers = [
        await product.client.post("/graphql", json={"query": "{ __schema { types { name } } }"}),
        await product.client.get("/graphql", params={"query": "{ __typename }"}),
    ]

    assert [each.status_code for each in answers] == [401, 401]
    assert all("data" not in each.json() for each in answers)
