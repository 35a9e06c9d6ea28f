"""Accounts, tokens and ids: everybody stays in their own account and within their own scopes."""

from typing import Any

import pytest

from app.domain.principal import SCOPES
from graphql_schema.ids import encode_id
from tests.graphql_schema.product import IMPERSONAL, Product
from tests.world import create_account

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


async def everything(product: Product) -> dict[str, str]:
    """One thing of each type that has an id, by the name of the type."""
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    subscriber = await product.upserted("ada@example.org", lists=[news], permission="NO")
    mailing = await product.mailing(listId=news)
    (message,) = await product.prepared(mailing, "ada@example.org")
    token = await product.done("createToken", {"name": "CRM"}, "token { id }")
    form = await product.done("createForm", {"listId": news}, "form { id }")
    wording = await product.done("createWording", {"locale": "en", "text": "May we?"}, "wording { id }")
    rule = {"name": "Everybody", "rule": {"all": []}}
    segment = await product.done("createSegment", rule, "segment { id }")
    query = "{ viewer { account { id } } subscribers { edges { node { permissionHistory { edges { node { id } } } } } } }"
    data = await product.data(query)
    history = data["subscribers"]["edges"][0]["node"]["permissionHistory"]
    await product.world.rows(
        "INSERT INTO app_user (id, account_id, name, email, created_at) VALUES (5, $1, 'Grace', 'g@example.org', now())",
        product.world.account_id,
    )
    return {
        "Account": data["viewer"]["account"]["id"],
        "Delivery": message["deliveries"][0]["id"],
        "Form": form["form"]["id"],
        "Mailing": mailing,
        "MailingList": news,
        "PermissionChangeLine": history["edges"][0]["node"]["id"],
        "Segment": segment["segment"]["id"],
        "Subscriber": subscriber,
        "Token": token["token"]["id"],
        "User": encode_id("User", 5),
        "Wording": wording["wording"]["id"],
    }


async def test_every_node_is_found_again_by_its_id(product: Product) -> None:
    ids = await everything(product)

    data = await product.data(NODES, {"ids": list(ids.values())})

    assert data["nodes"] == [{"__typename": kind, "id": each} for kind, each in ids.items()]
    for kind, each in ids.items():
        one = await product.data("query ($id: ID!) { node(id: $id) { __typename } }", {"id": each})
        assert one == {"node": {"__typename": kind}}


async def test_nothing_of_another_account_is_found_by_any_id(product: Product) -> None:
    ids = await everything(product)
    other = await create_account(product.world.instance, "Other")

    nodes = await product.data(NODES, {"ids": list(ids.values())}, account_id=other)
    one = await product.data(
        "query ($s: ID!, $m: ID!) { subscriber(id: $s) { id } mailing(id: $m) { id } "
        'byAddress: subscriber(email: "ada@example.org") { id } '
        "subscribers { totalCount } mailings { totalCount } lists { totalCount } }",
        {"s": ids["Subscriber"], "m": ids["Mailing"]},
        account_id=other,
    )

    assert nodes["nodes"] == [None] * len(ids)
    assert one == {
        "subscriber": None,
        "mailing": None,
        "byAddress": None,
        "subscribers": {"totalCount": 0},
        "mailings": {"totalCount": 0},
        "lists": {"totalCount": 0},
    }


async def test_nothing_of_another_account_is_changed_by_any_id(product: Product) -> None:
    ids = await everything(product)
    other = await create_account(product.world.instance, "Other")
    event = {"deliveryId": ids["Delivery"], "kind": "BOUNCED"}
    message = {
        "mailingId": ids["Mailing"],
        "text": "x",
        "recipients": [{"to": [{"email": "ada@example.org"}]}],
    }
    calls: dict[str, dict[str, Any]] = {
        "setPermission": {"subscriberId": ids["Subscriber"], "permission": "NO"},
        "upsertSubscriber": {"email": "ada@example.org", "lists": [ids["MailingList"]]},
        "createMailing": {"name": "Spring", "channel": "CAMPAIGN", "listId": ids["MailingList"]},
        "prepareMessages": message,
        "recordDeliveries": {"events": [event]},
        "updateSettings": {"mailings": [{"id": ids["Mailing"], "permissionBased": True}]},
        "createToken": {"name": "x", "user": ids["User"]},
        "createForm": {"wordingId": ids["Wording"]},
    }

    for name, given in calls.items():
        (error,) = await product.refused(name, given, account_id=other)
        assert error[0] == "NOT_FOUND", name

    bounced = "query ($id: ID!) { node(id: $id) { ... on Delivery { bouncedAt } } }"
    assert (await product.data(bounced, {"id": ids["Delivery"]}))["node"] == {"bouncedAt": None}


async def test_a_node_whose_type_the_token_may_not_read_is_null_as_if_there_were_none(
    product: Product,
) -> None:
    ids = await everything(product)
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"

    data = await product.data(query, {"ids": list(ids.values())}, scopes=frozenset())

    kinds = [None if node is None else node["__typename"] for node in data["nodes"]]
    assert dict(zip(ids, kinds, strict=True)) == {**dict.fromkeys(ids, None), "Account": "Account"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "nonsense",
        encode_id("Nonsense", 7),
        encode_id("Mailing", "x"),
        encode_id("Mailing", 2**63),
        encode_id("Subscriber", "x"),
        encode_id("Subscriber", "F" * 32),
        encode_id("Delivery", "0" * 32),
        encode_id("Delivery", f"{'0' * 32}.0"),
        encode_id("PermissionChangeLine", f"{'0' * 32}.{2**62}"),
        encode_id("PermissionChangeLine", f"{'0' * 32}.{2**63}"),
    ],
)
async def test_what_is_no_id_is_nothing(product: Product, value: str) -> None:
    data = await product.data("query ($id: ID!) { node(id: $id) { id } }", {"id": value})

    assert data == {"node": None}


async def test_the_viewer_says_who_asks(product: Product) -> None:
    query = "{ viewer { account { name } scopes user { id name email } } }"
    await everything(product)

    integration = await product.data(query, scopes=frozenset({"reports:read"}))
    person = await product.data(query, scopes=frozenset(), user_id=5)

    assert integration["viewer"] == {"account": {"name": "Test"}, "scopes": ["reports:read"], "user": None}
    assert person["viewer"]["user"] == {"id": encode_id("User", 5), "name": "Grace", "email": "g@example.org"}


async def test_another_user_is_seen_with_the_scopes_for_it_only(product: Product) -> None:
    await everything(product)
    query = "query ($id: ID!) { node(id: $id) { ... on User { name email } } }"
    grace = {"id": encode_id("User", 5)}

    assert (await product.data(query, grace))["node"] == {"name": "Grace", "email": "g@example.org"}
    assert (await product.data(query, grace, scopes=IMPERSONAL))["node"] == {
        "name": "Anonymized data",
        "email": None,
    }
    assert (await product.data(query, grace, scopes=SCOPES - {"tokens:write"}))["node"] is None


async def test_a_new_token_works_and_may_do_what_was_said(product: Product) -> None:
    given = {"name": "CRM", "scopes": ["mailings:read", "reports:read"]}

    payload = await product.done("createToken", given, "token { name scopes } secret")

    assert payload["token"] == {"name": "CRM", "scopes": ["mailings:read", "reports:read"]}
    assert payload["secret"].startswith("assent_")
    response = await product.client.post(
        "/graphql",
        json={"query": "{ viewer { scopes } }"},
        headers={"Authorization": f"Bearer {payload['secret']}"},
    )
    assert response.json() == {"data": {"viewer": {"scopes": ["mailings:read", "reports:read"]}}}


async def test_a_token_that_says_nothing_may_do_what_its_maker_may(product: Product) -> None:
    held = frozenset({"tokens:write", "reports:read"})

    payload = await product.done("createToken", {}, "token { name scopes }", scopes=held)

    assert payload["token"] == {"name": "API token", "scopes": ["reports:read", "tokens:write"]}


async def test_a_token_of_a_user_acts_for_the_user(product: Product) -> None:
    await everything(product)

    payload = await product.done("createToken", {"name": "Grace", "user": encode_id("User", 5)}, "secret")

    response = await product.client.post(
        "/graphql",
        json={"query": "{ viewer { user { name } } }"},
        headers={"Authorization": f"Bearer {payload['secret']}"},
    )
    assert response.json() == {"data": {"viewer": {"user": {"name": "Grace"}}}}


async def test_nobody_gives_a_scope_that_they_lack(product: Product) -> None:
    query = "mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret errors { code } } }"
    wanted = {"input": {"name": "CRM", "scopes": ["personal:read"]}}

    answer = await product.ask(query, wanted, scopes=IMPERSONAL)

    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    rows = await product.world.rows("SELECT count(*) FROM api_token WHERE name = 'CRM'")
    assert rows[0]["count"] == 0


async def test_what_create_token_refuses(product: Product) -> None:
    for given, expected in (
        ({"name": ""}, ("INVALID_VALUE", ["name"])),
        ({"name": "x", "scopes": ["everything"]}, ("INVALID_VALUE", ["scopes"])),
        ({"name": "x", "user": encode_id("User", 7)}, ("NOT_FOUND", ["user"])),
    ):
        assert await product.refused("createToken", given) == [expected]


async def test_an_unknown_token_gets_nothing(product: Product) -> None:
    response = await product.client.post(
        "/graphql", json={"query": "{ viewer { scopes } }"}, headers={"Authorization": "Bearer assent_none"}
    )

    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_p7_a_users_next_token_is_made_by_that_users_own_token_only(product: Product) -> None:
    """The first by the account; then neither the account nor a colleague, and nothing is made where it is refused."""
    await everything(product)
    given = {"name": "Grace", "user": encode_id("User", 5)}
    refused = "mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret errors { code } } }"

    colleague = await product.ask(refused, {"input": given}, user_id=6)
    await product.done("createToken", given, "secret")
    account = await product.ask(refused, {"input": given})
    await product.done("createToken", given, "secret", user_id=5)

    assert [
        (each["message"], each["extensions"]["code"]) for each in colleague["errors"] + account["errors"]
    ] == [
        ("A user's token makes tokens for that user only, or for the whole account.", "FORBIDDEN"),
        ("This user has a token already, so only the user's own token makes another.", "FORBIDDEN"),
    ]
    rows = await product.world.rows("SELECT count(*) FROM api_token WHERE name = 'Grace'")
    assert rows[0]["count"] == 2
