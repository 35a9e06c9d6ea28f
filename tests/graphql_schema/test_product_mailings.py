"""Mailings over GraphQL: made, listed, filtered; and how a message in one would be decided."""

from graphql_schema.ids import encode_id
from tests.graphql_schema.product import Product

MAILING = "id name channel protected list { id name } tracking { opens clicks permissionBased } links { url }"


async def test_a_mailing_inherits_what_it_does_not_state(product: Product) -> None:
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    given = {"name": "Spring", "channel": "CAMPAIGN", "listId": news, "opens": "ANONYMOUS", "clicks": None}

    payload = await product.done("createMailing", given, f"mailing {{ {MAILING} }} mailingId")

    mailing = payload["mailing"]
    assert payload["mailingId"] == mailing.pop("id")
    assert mailing == {
        "name": "Spring",
        "channel": "CAMPAIGN",
        "protected": False,
        "list": {"id": news, "name": "News"},
        "tracking": {"opens": "ANONYMOUS", "clicks": None, "permissionBased": None},
        "links": [],
    }


async def test_what_create_mailing_refuses(product: Product) -> None:
    mailing = {"name": "Spring", "channel": "CAMPAIGN"}
    for given, expected in (
        ({**mailing, "name": ""}, ("INVALID_VALUE", ["name"])),
        ({**mailing, "listId": encode_id("MailingList", 7)}, ("NOT_FOUND", ["listId"])),
        ({**mailing, "listId": encode_id("Mailing", 7)}, ("NOT_FOUND", ["listId"])),
        ({**mailing, "permissionBased": False}, ("INVALID_SETTING", ["permissionBased"])),
        (
            {**mailing, "channel": "RELAY", "permissionBased": True},
            ("RELAY_NOT_PERMISSION_BASED", ["permissionBased"]),
        ),
    ):
        assert await product.refused("createMailing", given) == [expected]

    assert (await product.data("{ mailings { totalCount } }"))["mailings"]["totalCount"] == 0


async def test_mailings_page_newest_first_and_are_filtered(product: Product) -> None:
    await product.done("applyPreset", {"preset": "INXMAIL"})
    tracked = await product.mailing("Spring news")
    product.world.later(seconds=1)
    await product.mailing("Summer_news", "TRANSACTIONAL")
    product.world.later(seconds=1)
    untracked = await product.mailing("Autumn", opens="OFF", clicks="OFF")
    await product.prepared(tracked, "ada@example.org")
    await product.prepared(untracked, "ada@example.org")
    query = """query ($first: Int, $after: String, $filter: MailingFilter) {
      mailings(first: $first, after: $after, filter: $filter) {
        edges { node { name } } pageInfo { hasNextPage endCursor } totalCount } }"""

    async def names(**wanted: object) -> list[str]:
        page = (await product.data(query, {"filter": wanted}))["mailings"]
        assert page["totalCount"] == len(page["edges"])
        return [edge["node"]["name"] for edge in page["edges"]]

    first = (await product.data(query, {"first": 2}))["mailings"]
    rest = (await product.data(query, {"first": 2, "after": first["pageInfo"]["endCursor"]}))["mailings"]

    assert [edge["node"]["name"] for edge in first["edges"] + rest["edges"]] == [
        "Autumn",
        "Summer_news",
        "Spring news",
    ]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert await names(channel="TRANSACTIONAL") == ["Summer_news"]
    assert await names(text="_NEWS") == ["Summer_news"]
    assert await names(tracked=True) == ["Spring news"]
    assert await names(tracked=False) == ["Autumn", "Summer_news"]
    assert await names(channel=None, text=None, tracked=None) == ["Autumn", "Summer_news", "Spring news"]


async def test_a_decision_is_told_with_every_layer_that_spoke(product: Product) -> None:
    await product.upserted("ada@example.org", permission="NO", source="IMPORT")
    mailing = await product.mailing()
    query = """query ($input: TrackingDecisionInput!) { trackingDecision(input: $input) {
      opens { mode boundBy trace { layer ceiling reason } } clicks { mode boundBy } } }"""

    data = await product.data(query, {"input": {"mailingId": mailing, "emails": ["ada@example.org"]}})

    now = product.world.now[0]
    assert data["trackingDecision"] == {
        "opens": {
            "mode": "OFF",
            "boundBy": "PERMISSION",
            "trace": [
                {
                    "layer": "MODE_SETTING",
                    "ceiling": "PERSONAL",
                    "reason": "Opens may be tracked personally, because this is the default of the channel.",
                },
                {
                    "layer": "PERMISSION",
                    "ceiling": "OFF",
                    "reason": f"Opens are not tracked, because the person said no on {now.day} {now:%B %Y} "
                    "according to an import.",
                },
            ],
        },
        "clicks": {"mode": "OFF", "boundBy": "PERMISSION"},
    }


async def test_a_decision_needs_a_known_mailing_and_real_addresses_and_stores_nothing(
    product: Product,
) -> None:
    mailing = await product.mailing()
    query = "query ($input: TrackingDecisionInput!) { trackingDecision(input: $input) { opens { mode } } }"
    for given, expected in (
        ({"mailingId": encode_id("Mailing", 7), "emails": []}, ("NOT_FOUND", "mailingId")),
        ({"mailingId": mailing, "emails": ["ada@example.org", "nonsense"]}, ("INVALID_EMAIL", "emails.1")),
        ({"mailingId": mailing, "emails": ["ada@example.org"] * 101}, ("LIMIT_EXCEEDED", "emails")),
    ):
        answer = await product.ask(query, {"input": given})
        extensions = answer["errors"][0]["extensions"]
        assert (extensions["reason"], extensions["input"]) == expected

    await product.data(query, {"input": {"mailingId": mailing, "emails": ["ada@example.org"]}})
    assert (await product.data("{ subscribers { totalCount } }"))["subscribers"]["totalCount"] == 0
