"""Ids of deliveries and lines over GraphQL: one and the same by every door, and they tell nobody whose they are."""

from typing import Any

import pytest

from graphql_schema.connections import decode_cursor, encode_cursor
from graphql_schema.ids import encode_id, parse_id
from tests.graphql_schema.product import IMPERSONAL, Product
from tests.world import create_account

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
PAGE = """query ($id: ID!, $first: Int, $after: String) { mailing(id: $id) { deliveries(first: $first, after: $after) {
  edges { cursor node { id } } } } }"""

NUMBERS = {
    "Delivery": "SELECT subscriber_id, id AS number FROM delivery",
    "PermissionChangeLine": "SELECT subscriber_id, number FROM permission_line ORDER BY number",
}


async def sent(product: Product, *emails: str) -> tuple[str, list[str]]:
    """A mailing and its deliveries, in this order."""
    mailing = await product.mailing()
    messages = await product.prepared(mailing, *emails)
    return mailing, [each["deliveries"][0]["id"] for each in messages]


async def plain(product: Product, kind: str = "Delivery") -> str:
    """The id that the one delivery, or its person's first line, had before ids were sealed."""
    rows = await product.world.rows(NUMBERS[kind])
    return encode_id(kind, f"{rows[0]['subscriber_id'].hex}.{rows[0]['number']}")


async def test_a_delivery_has_one_id_whoever_asks(product: Product) -> None:
    ada = await product.upserted("ada@example.org")
    mailing, (delivery,) = await sent(product, "ada@example.org")
    query = "query ($id: ID!) { subscriber(id: $id) { deliveries { edges { node { id } } } } }"

    of_person = (await product.data(query, {"id": ada}))["subscriber"]["deliveries"]["edges"]
    of_mailing = (await product.data(PAGE, {"id": mailing}, scopes=IMPERSONAL))["mailing"]["deliveries"]
    found = await product.data(NODES, {"ids": [delivery]}, scopes=IMPERSONAL)

    assert [each["node"]["id"] for each in of_person] == [delivery]
    assert [each["node"]["id"] for each in of_mailing["edges"]] == [delivery]
    assert found["nodes"] == [{"__typename": "Delivery", "id": delivery}]


async def test_an_id_outlives_the_process(product: Product) -> None:
    """It hangs on the account's identity key alone, which stays, and not on what a process has at hand."""
    _, (delivery,) = await sent(product, "ada@example.org")
    product.world.instance.account_keys.clear()
    product.world.instance.callers.clear()

    assert (await product.data(NODES, {"ids": [delivery]}))["nodes"][0]["id"] == delivery


async def test_what_prepared_it_can_say_what_became_of_it_without_seeing_people(product: Product) -> None:
    _, (delivery,) = await sent(product, "ada@example.org")
    damaged = delivery[:-6] + ("A" if delivery[-6] != "A" else "B") + delivery[-5:]
    events = [{"deliveryId": each, "kind": "BOUNCED"} for each in (delivery, damaged)]

    refused = await product.refused("recordDeliveries", {"events": events}, scopes=IMPERSONAL)

    assert refused == [("NOT_FOUND", ["events", "1", "deliveryId"])]
    (row,) = await product.world.rows("SELECT bounced_at FROM delivery")
    assert row["bounced_at"] == product.world.now[0]


async def test_an_id_from_before_serves_those_only_who_see_people(product: Product) -> None:
    """Who may not could otherwise guess a number to a subscriber, and try whose delivery it is."""
    await product.upserted("ada@example.org", permission="NO")
    _, (delivery,) = await sent(product, "ada@example.org")
    ids = [await plain(product), await plain(product, "PermissionChangeLine")]
    event = {"events": [{"deliveryId": ids[0], "kind": "BOUNCED"}]}

    seen = (await product.data(NODES, {"ids": ids}))["nodes"]
    unseen = (await product.data(NODES, {"ids": ids}, scopes=IMPERSONAL))["nodes"]
    refused = await product.refused("recordDeliveries", event, scopes=IMPERSONAL)
    before = await product.world.rows("SELECT bounced_at FROM delivery")
    await product.done("recordDeliveries", event)

    assert [each["__typename"] for each in seen] == ["Delivery", "PermissionChangeLine"]
    assert seen[0]["id"] == delivery
    assert unseen == [None, None]
    assert refused == [("NOT_FOUND", ["events", "0", "deliveryId"])]
    assert [each["bounced_at"] for each in before] == [None]
    assert (await product.world.rows("SELECT bounced_at FROM delivery"))[0]["bounced_at"] is not None


async def test_an_id_of_another_account_is_nothing(product: Product) -> None:
    """Sealed or plain: another account's keys open no id of ours, and its callers find nothing behind one."""
    _, (delivery,) = await sent(product, "ada@example.org")
    other = await create_account(product.world.instance, "Other")
    ids = [delivery, await plain(product)]
    events = {"events": [{"deliveryId": each, "kind": "BOUNCED"} for each in ids]}

    nodes = await product.data(NODES, {"ids": ids}, account_id=other)
    refused = await product.refused("recordDeliveries", events, account_id=other)

    assert nodes["nodes"] == [None, None]
    assert [code for code, _ in refused] == ["NOT_FOUND", "NOT_FOUND"]


async def test_ids_cost_no_statements(product: Product) -> None:
    """Neither one for each, nor one for all: the keys came with the caller."""
    _, ids = await sent(product, *(f"p{number}@example.org" for number in range(20)))

    def asked(some: list[str], below: str) -> str:
        return "{ nodes(ids: [" + ", ".join(f'"{each}"' for each in some) + f"]) {{ {below} }} }}"

    one = await product.statements(asked(ids[:1], "id"))
    many = await product.statements(asked(ids, "id"))
    without = await product.statements(asked(ids, "__typename"))

    assert len(many) == len(one)
    assert many == without


async def test_a_cursor_leads_on_and_tells_nobody(product: Product) -> None:
    """A page goes on where the one before ended, and a cursor holds the delivery's own id alone."""
    mailing, ids = await sent(product, *(f"p{number}@example.org" for number in range(5)))
    found, after = list[str](), None

    for _ in range(3):
        given: dict[str, Any] = {"id": mailing, "first": 2, "after": after}
        page = (await product.data(PAGE, given, scopes=IMPERSONAL))["mailing"]["deliveries"]["edges"]
        found += [each["node"]["id"] for each in page]
        after = page[-1]["cursor"]
        assert decode_cursor(after, tuple[str]) == (page[-1]["node"]["id"],)

    assert sorted(found) == sorted(ids)


@pytest.mark.parametrize("scopes", [None, IMPERSONAL])
async def test_a_cursor_that_is_none_is_bad_input(product: Product, scopes: frozenset[str] | None) -> None:
    """Also one that holds something else of ours, or the place as it stood in cursors before."""
    mailing, (delivery,) = await sent(product, "ada@example.org")
    kept = parse_id(delivery).key
    (row,) = await product.world.rows("SELECT subscriber_id, id FROM delivery")
    more = {} if scopes is None else {"scopes": scopes}

    for keys in (("x",), (kept,), (encode_id("Mailing", 1),), (mailing,), (row["id"], row["subscriber_id"])):
        answer = await product.ask(PAGE, {"id": mailing, "after": encode_cursor(keys)}, **more)

        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert answer["errors"][0]["message"].startswith("This cursor is not one of this list.")
