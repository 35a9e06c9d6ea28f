"""A GET names no person: URLs are written into the logs of proxies and servers."""

import json
from typing import Any

import pytest

from app.domain.principal import SCOPES
from tests.graphql_schema.product import Product

BY_ADDRESS = "query ($email: String) { subscriber(email: $email) { id } }"
FILTERED = "query ($filter: SubscriberFilter) { subscribers(filter: $filter) { totalCount } }"
RULE = "query ($rule: SegmentRule!) { segmentPreview(rule: $rule) { matching } }"

NESTED = """{ ...F } fragment F on Query {
  segmentPreview(rule: {not: {attribute: {name: "a", op: EQ, value: 1}}}) { matching } }"""


async def got(product: Product, query: str, variables: dict[str, Any] | None = None) -> tuple[int, Any]:
    token = await product.token(product.world.account_id, None, SCOPES)
    response = await product.client.get(
        "/graphql",
        params={"query": query, "variables": json.dumps(variables or {})},
        headers={"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json"},
    )
    return response.status_code, response.json()


@pytest.mark.parametrize(
    ("query", "variables", "named"),
    [
        ('{ subscriber(email: "ada@example.org") { id } }', None, "email"),
        (BY_ADDRESS, {"email": "ada@example.org"}, "email"),
        ('{ subscribers(filter: {text: "ada"}) { totalCount } }', None, "text"),
        (FILTERED, {"filter": {"text": "ada"}}, "text"),
        (RULE, {"rule": {"any": [{"attribute": {"name": "a", "op": "EQ", "value": "x"}}]}}, "value"),
        (
            NESTED,
            None,
            "value",
        ),
    ],
)
async def test_a_query_that_names_a_person_is_refused_in_a_url(product, query, variables, named) -> None:
    for _ in range(2):
        status, answer = await got(product, query, variables)

        (error,) = answer["errors"]
        assert (status, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
        assert (
            error["message"] == f"{named} names a person, and URLs end up in logs. Send this query by POST."
        )


async def test_other_queries_may_come_in_a_url_with_their_variables(product: Product) -> None:
    await product.upserted("ada@example.org")
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]

    for variables in ({"filter": {"listId": news}}, {"filter": None}, {}):
        status, answer = await got(product, FILTERED, variables)

        assert (status, list(answer)) == (200, ["data"])


async def test_the_same_query_is_answered_by_post(product: Product) -> None:
    ada = await product.upserted("ada@example.org")

    data = await product.data(BY_ADDRESS, {"email": "ada@example.org"})

    assert data == {"subscriber": {"id": ada}}
