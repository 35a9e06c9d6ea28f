"""Automatic persisted queries: the hash of a query in its place, and the query once."""

import hashlib
import json

import pytest

from app.domain.principal import SCOPES
from graphql_schema.parameters import Parameters
from graphql_schema.persisted import ENTRY_CHARACTERS, PersistedQueries, PersistedQueryNotFound
from tests.graphql_schema.product import Product
from tests.world import create_account

HELLO = "{hello}"


def sha256(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()


def by_hash(digest: str, version: int = 1) -> dict[str, object]:
    return {"persistedQuery": {"version": version, "sha256Hash": digest}}


async def test_a_query_that_was_sent_once_is_asked_for_by_its_hash(client):
    extensions = by_hash(sha256(HELLO))

    unknown = await client.post("/graphql", json={"extensions": extensions})
    sent = await client.post("/graphql", json={"query": HELLO, "extensions": extensions})
    known = await client.post("/graphql", json={"extensions": extensions})
    got = await client.get("/graphql", params={"extensions": json.dumps(extensions)})

    (error,) = unknown.json()["errors"]
    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert "data" not in unknown.json()
    assert [each.json() for each in (sent, known, got)] == [{"data": {"hello": "Hello world"}}] * 3


@pytest.mark.parametrize(
    ("accept", "status"), [("application/json", 200), ("application/graphql-response+json", 400)]
)
async def test_an_unknown_hash_is_an_error_of_the_request(client, accept, status):
    response = await client.post(
        "/graphql", json={"extensions": by_hash(sha256("{dear}"))}, headers={"Accept": accept}
    )

    assert response.status_code == status


@pytest.mark.parametrize(
    "extensions",
    [
        by_hash(sha256("{other}")),
        by_hash(sha256(HELLO), version=2),
        by_hash("short"),
        by_hash("é" * 64),
        {"persistedQuery": {"version": 1}},
        {"persistedQuery": "text"},
    ],
)
async def test_a_hash_that_is_not_of_the_query_is_refused_and_nothing_is_remembered(client, extensions):
    response = await client.post("/graphql", json={"query": HELLO, "extensions": extensions})
    later = await client.post("/graphql", json={"extensions": by_hash(sha256("{other}"))})

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert later.json()["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_a_query_is_found_by_nobody_but_the_account_that_sent_it(product: Product):
    """Whether somebody sent a query that names a person is not told to others."""
    query = '{ subscriber(email: "ada@example.org") { id } }'
    other = await create_account(product.world.instance, "Other")
    extensions = by_hash(sha256(query))

    async def asks(account_id: int, **body: object) -> dict:
        token = await product.token(account_id, None, SCOPES)
        headers = {"Authorization": f"Bearer {token}"}
        return (await product.client.post("/graphql", json=body, headers=headers)).json()

    mine = product.world.account_id
    await asks(mine, query=query, extensions=extensions)

    assert await asks(mine, extensions=extensions) == {"data": {"subscriber": None}}
    assert (await asks(other, extensions=extensions))["errors"][0]["message"] == "PersistedQueryNotFound"


def test_what_was_not_used_for_the_longest_time_is_forgotten():
    queries = PersistedQueries(room=20 + 2 * ENTRY_CHARACTERS, longest=10)

    def sends(query: str | None, digest: str) -> Parameters:
        return queries.whole(1, Parameters(query=query, extensions=by_hash(digest)))

    for query in ("{first}", "{second}"):
        sends(query, sha256(query))
    sends(None, sha256("{first}"))
    sends("{third}", sha256("{third}"))
    sends("{far_too_long}", sha256("{far_too_long}"))

    assert sends(None, sha256("{first}")).query == "{first}"
    assert len(queries) == 2
    for gone in ("{second}", "{far_too_long}"):
        with pytest.raises(PersistedQueryNotFound):
            sends(None, sha256(gone))
