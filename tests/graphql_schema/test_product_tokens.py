"""API tokens have a life: made, listed, run out, revoked."""

from datetime import timedelta

import pytest

from app.actions.tokens import note_uses
from app.instance import DatabaseAway
from graphql_schema.ids import encode_id
from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import Product
from tests.world import create_account

LISTED = "{ tokens { edges { node { id name scopes createdAt expiresAt revokedAt } } totalCount } }"


async def answers(product: Product, secret: str) -> bool:
    """Whether the door lets this token in."""
    response = await product.client.post(
        "/graphql", json={"query": "{ viewer { scopes } }"}, headers={"Authorization": f"Bearer {secret}"}
    )
    assert response.status_code in {200, 401}
    return response.status_code == 200


async def test_a_revoked_token_lets_nobody_in(product: Product) -> None:
    """It is let in, revoked, and turned away from then on; revoking it again changes nothing."""
    made = await product.done("createToken", {"name": "CRM"}, "token { id revokedAt } secret")
    before = await answers(product, made["secret"])

    gone = await product.done("revokeToken", {"id": made["token"]["id"]}, "token { name revokedAt }")

    assert before
    assert not await answers(product, made["secret"])
    assert made["token"]["revokedAt"] is None
    assert gone["token"] == {"name": "CRM", "revokedAt": write_datetime(product.world.now[0])}
    product.world.later(days=1)
    again = await product.done("revokeToken", {"id": made["token"]["id"]}, "token { name revokedAt }")
    assert again["token"] == gone["token"]


async def test_a_token_runs_out_when_it_was_said_to(product: Product) -> None:
    until = product.world.now[0] + timedelta(days=2)
    given = {"name": "For two days", "expiresAt": write_datetime(until)}

    made = await product.done("createToken", given, "token { expiresAt } secret")

    assert made["token"] == {"expiresAt": write_datetime(until)}
    product.world.later(days=1)
    assert await answers(product, made["secret"])
    product.world.later(days=1)
    # What was looked up is believed for half a second of real time; this process forgets it here.
    product.world.instance.callers.clear()
    assert not await answers(product, made["secret"])


async def test_what_a_token_cannot_be_is_said_with_its_path(product: Product) -> None:
    past = write_datetime(product.world.now[0] - timedelta(seconds=1))
    other = await create_account(product.world.instance, "Other")
    foreign = await product.token(other, None, frozenset({"reports:read"}))
    (row,) = await product.world.rows("SELECT id FROM api_token WHERE account_id = $1", other)

    assert await product.refused("createToken", {"expiresAt": past}) == [("INVALID_VALUE", ["expiresAt"])]
    for nobodys in (encode_id("Token", row["id"]), encode_id("Token", 5), encode_id("User", 5)):
        assert await product.refused("revokeToken", {"id": nobodys}) == [("NOT_FOUND", ["id"])]
    assert await answers(product, foreign)


async def test_the_tokens_of_the_account_are_listed_with_those_that_ended(product: Product) -> None:
    await product.token(await create_account(product.world.instance, "Other"), None, frozenset())
    await product.data(LISTED)
    product.world.later(days=1)
    first = await product.done("createToken", {"name": "one", "scopes": ["reports:read"]}, "token { id }")
    product.world.later(days=1)
    await product.done("createToken", {"name": "two"}, "token { id }")
    await product.done("revokeToken", first["token"])

    listed = (await product.data(LISTED))["tokens"]

    names = [edge["node"]["name"] for edge in listed["edges"]]
    assert names == ["test", "one", "two"]
    assert listed["totalCount"] == 3
    one = listed["edges"][1]["node"]
    assert one["scopes"] == ["reports:read"]
    assert one["revokedAt"] == write_datetime(product.world.now[0])


async def test_the_minute_of_a_tokens_last_use_is_known_some_seconds_later(product: Product) -> None:
    made = await product.done("createToken", {"name": "CRM"}, "token { id lastUsedAt } secret")
    instance, now = product.world.instance, product.world.now
    product.world.later(minutes=5, seconds=42)
    assert await answers(product, made["secret"])
    before = await used(product, made["token"]["id"])

    await note_uses(instance)

    assert made["token"]["lastUsedAt"] is None
    assert before is None
    assert await used(product, made["token"]["id"]) == write_datetime(now[0].replace(second=0))


async def test_a_use_is_written_once_a_minute_and_never_by_a_request(product: Product) -> None:
    made = await product.done("createToken", {"name": "CRM"}, "secret")
    instance = product.world.instance
    await answers(product, made["secret"])
    await note_uses(instance)

    for _ in range(3):
        instance.callers.clear()
        assert await answers(product, made["secret"])

    assert instance.token_uses == {}
    product.world.later(minutes=1)
    instance.callers.clear()
    assert await answers(product, made["secret"])
    assert list(instance.token_uses.values()) == [product.world.now[0].replace(second=0)]


async def test_uses_wait_while_the_database_is_away(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = product.world.instance
    instance.token_uses = {7: product.world.now[0]}

    async def away(*_: object) -> None:
        raise DatabaseAway

    monkeypatch.setattr(type(instance.database), "fetch", away)
    with pytest.raises(DatabaseAway):
        await note_uses(instance)

    assert instance.token_uses == {7: product.world.now[0]}


async def used(product: Product, token_id: str) -> str | None:
    """When a token was used last."""
    query = "query ($id: ID!) { node(id: $id) { ... on Token { lastUsedAt } } }"
    found: str | None = (await product.data(query, {"id": token_id}))["node"]["lastUsedAt"]
    return found
