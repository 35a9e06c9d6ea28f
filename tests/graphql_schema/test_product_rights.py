"""Erasure and receipts over GraphQL, with what a token needs for them."""

import pytest

from graphql_schema.ids import encode_id
from tests.graphql_schema.product import IMPERSONAL, Product
from tests.world import create_account

READ = "query ($id: ID!) { subscriber(id: $id) { id } }"


async def test_an_erased_subscriber_is_null_and_every_write_says_so(product: Product):
    ada = await product.upserted("ada@example.org", **product.said_yes())
    mailing = await product.mailing()
    await product.prepared(mailing, "ada@example.org")

    await product.done("eraseSubscriber", {"subscriberId": ada})

    assert await product.data(READ, {"id": ada}) == {"subscriber": None}
    deliveries = await product.data(
        "query ($id: ID!) { mailing(id: $id) { report { sent } deliveries { edges { node { subscriber { id } } } } } }",
        {"id": mailing},
    )
    assert deliveries["mailing"] == {
        "report": {"sent": 1},
        "deliveries": {"edges": [{"node": {"subscriber": None}}]},
    }
    for name, given, path in (
        ("upsertSubscriber", {"email": "ada@example.org"}, ["email"]),
        ("setPermission", {"subscriberId": ada, "permission": "NO"}, ["subscriberId"]),
        ("eraseSubscriber", {"subscriberId": ada}, ["subscriberId"]),
    ):
        assert await product.refused(name, given) == [("ERASED_EARLIER", path)]


@pytest.mark.parametrize("key", [("Subscriber", "0" * 32), ("Mailing", "7"), ("Subscriber", "x")])
async def test_erasing_nobody_is_not_found(product: Product, key):
    assert await product.refused("eraseSubscriber", {"subscriberId": encode_id(*key)}) == [
        ("NOT_FOUND", ["subscriberId"])
    ]


async def test_another_account_erases_nobody(product: Product):
    ada = await product.upserted("ada@example.org")
    stranger = await create_account(product.world.instance, "Stranger")

    refused = await product.refused("eraseSubscriber", {"subscriberId": ada}, account_id=stranger)

    assert refused == [("NOT_FOUND", ["subscriberId"])]
    assert await product.data(READ, {"id": ada}) == {"subscriber": {"id": ada}}


async def test_a_receipt_has_an_address_for_who_may_see_people(product: Product):
    ada = await product.upserted("ada@example.org", **product.said_yes())
    query = "query ($id: ID!) { subscriber(id: $id) { receiptUrl } }"

    shown = await product.data(query, {"id": ada})
    refused = await product.ask(query, {"id": ada}, scopes=IMPERSONAL)

    assert shown["subscriber"]["receiptUrl"].startswith("https://track.example.org/receipts/")
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_retention_is_set_by_kind_and_read_back(product: Product):
    below = "retention { kind days }"
    refused = await product.refused("setRetention", {"kind": "DELIVERIES", "days": 90})

    await product.done("setRetention", {"kind": "EVENTS", "days": 30})
    payload = await product.done("setRetention", {"kind": "DELIVERIES", "days": 90}, below)
    await product.done("setRetention", {"kind": "SIGN_UPS", "days": None})

    assert refused == [("INVALID_SETTING", ["days"])]
    assert payload["retention"] == [
        {"kind": "EVENTS", "days": 30},
        {"kind": "DELIVERIES", "days": 90},
        {"kind": "SIGN_UPS", "days": 30},
        {"kind": "BATCHES", "days": 30},
        {"kind": "JOBS", "days": 90},
    ]
    assert (await product.data("{ retention { days } settings { version } }")) == {
        "retention": [{"days": 30}, {"days": 90}, {"days": 30}, {"days": 30}, {"days": 90}],
        "settings": {"version": 3},
    }


@pytest.mark.parametrize(("given", "code"), [({}, "INVALID_VALUE"), ({"days": 0}, "INVALID_SETTING")])
async def test_a_retention_that_cannot_be_changes_nothing(product: Product, given, code):
    refused = await product.refused("setRetention", {"kind": "EVENTS", **given})

    assert [each[0] for each in refused] == [code]
    assert (await product.data("{ settings { version } }"))["settings"] == {"version": 1}
