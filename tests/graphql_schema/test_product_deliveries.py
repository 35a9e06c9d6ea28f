"""Deliveries over GraphQL: recorded, paged both ways, and summed up in reports."""

from datetime import timedelta
from typing import Any

import pytest

from graphql_schema.ids import encode_id, number_of
from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import Product

REPORT = """query ($id: ID!) { mailing(id: $id) { report {
  sent delivered bounced measured { opens clicks } coverage { opens clicks }
  opens { value shown } uniqueOpens { value shown } clicks { value shown } uniqueClicks { value shown }
  openRate { value lower upper basis shown } clickRate { value shown } clickToOpenRate { value shown }
  links { url clicks { value shown } uniqueClicks { value shown } } } } }"""
DELIVERIES = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { mailing(id: $id) {
  deliveries(first: $first, after: $after, last: $last, before: $before) {
    edges { node { id subscriber { email } } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def test_what_became_of_deliveries_is_recorded_and_reported(product: Product) -> None:
    for name in ("ada", "bob", "cid"):
        await product.upserted(f"{name}@example.org", **product.said_yes())
    mailing = await product.mailing()
    messages = await product.prepared(mailing, "ada@example.org", "bob@example.org", "cid@example.org")
    ada, bob, cid = (message["deliveries"][0]["id"] for message in messages)
    product.world.later(hours=1)
    tomorrow = write_datetime(product.world.now[0] + timedelta(days=1))
    unknown = encode_id("Delivery", f"{'0' * 32}.7")
    events = [
        {"deliveryId": "nonsense", "kind": "DELIVERED"},
        {"deliveryId": ada, "kind": "DELIVERED"},
        {"deliveryId": unknown, "kind": "DELIVERED"},
        {"deliveryId": bob, "kind": "BOUNCED"},
        {"deliveryId": cid, "kind": "DELIVERED", "at": tomorrow},
    ]

    refused = await product.refused("recordDeliveries", {"events": events})
    again = await product.refused("recordDeliveries", {"events": events[1:2]})

    assert refused == [
        ("NOT_FOUND", ["events", "0", "deliveryId"]),
        ("NOT_FOUND", ["events", "2", "deliveryId"]),
        ("INVALID_VALUE", ["events", "4", "at"]),
    ]
    assert again == []
    query = "query ($id: ID!) { node(id: $id) { ... on Delivery { sentAt deliveredAt bouncedAt } } }"
    now = product.world.now[0]
    assert (await product.data(query, {"id": ada}))["node"] == {
        "sentAt": write_datetime(now - timedelta(hours=1)),
        "deliveredAt": write_datetime(now),
        "bouncedAt": None,
    }
    report = (await product.data(REPORT, {"id": mailing}))["mailing"]["report"]
    assert (report["sent"], report["delivered"], report["bounced"]) == (3, 1, 1)


async def test_a_report_says_what_was_measured(product: Product) -> None:
    """Two of four are measured; one of them opens twice and clicks once."""
    for name in ("ada", "bob"):
        await product.upserted(f"{name}@example.org", **product.said_yes())
    world = product.world
    mailing = await product.mailing()
    mails = await world.send(
        number_of(mailing, "Mailing"),
        "ada@example.org",
        "bob@example.org",
        "cid@example.org",
        "dan@example.org",
    )
    await world.open(mails[0])
    await world.open(mails[0])
    await world.click(mails[0])
    await world.drain()

    report = (await product.data(REPORT, {"id": mailing}))["mailing"]["report"]

    assert report == {
        "sent": 4,
        "delivered": 4,
        "bounced": 0,
        "measured": {"opens": 2, "clicks": 2},
        "coverage": {"opens": 0.5, "clicks": 0.5},
        "opens": {"value": 2, "shown": "EXACT"},
        "uniqueOpens": {"value": 1, "shown": "EXACT"},
        "clicks": {"value": 1, "shown": "EXACT"},
        "uniqueClicks": {"value": 1, "shown": "EXACT"},
        "openRate": {"value": 0.5, "lower": 0.25, "upper": 0.75, "basis": "UNIQUE", "shown": "EXACT"},
        "clickRate": {"value": 0.5, "shown": "EXACT"},
        "clickToOpenRate": {"value": 1.0, "shown": "EXACT"},
        "links": [
            {
                "url": "https://shop.example.com/a?x=1",
                "clicks": {"value": 1, "shown": "EXACT"},
                "uniqueClicks": {"value": 1, "shown": "EXACT"},
            },
            {
                "url": "https://shop.example.com/b",
                "clicks": {"value": 0, "shown": "EXACT"},
                "uniqueClicks": {"value": 0, "shown": "EXACT"},
            },
        ],
    }
    page = """{ subscriber(email: "ada@example.org") { overview { sent { value } opens { value shown } }
      deliveries { edges { node { opens { value shown } clicks { value } firstOpenedAt clickedLinks } } } } }"""
    at = write_datetime(world.now[0])
    assert (await product.data(page))["subscriber"] == {
        "overview": {"sent": {"value": 1}, "opens": {"value": 2, "shown": "EXACT"}},
        "deliveries": {
            "edges": [
                {
                    "node": {
                        "opens": {"value": 2, "shown": "EXACT"},
                        "clicks": {"value": 1},
                        "firstOpenedAt": at,
                        "clickedLinks": ["https://shop.example.com/a?x=1"],
                    }
                }
            ]
        },
    }


@pytest.mark.parametrize("of", ["mailing", "subscriber"])
async def test_deliveries_page_both_ways_newest_first(product: Product, of: str) -> None:
    mailing = await product.mailing()
    made: list[str] = []
    for number in range(5):
        address = f"ada{number}@example.org" if of == "mailing" else "ada@example.org"
        made += [message["deliveries"][0]["id"] for message in await product.prepared(mailing, address)]
        product.world.later(seconds=1)
    newest = made[::-1]
    query, asked = DELIVERIES, mailing
    if of == "subscriber":
        query = DELIVERIES.replace("mailing(id", "subscriber(id")
        asked = (await product.data('{ subscriber(email: "ada@example.org") { id } }'))["subscriber"]["id"]

    async def page(**given: object) -> tuple[list[str], dict[str, Any]]:
        found = (await product.data(query, {"id": asked, **given}))[of]["deliveries"]
        assert found["totalCount"] == 5
        return [edge["node"]["id"] for edge in found["edges"]], found["pageInfo"]

    first, info = await page(first=2)
    after, _ = await page(first=2, after=info["endCursor"])
    last, ending = await page(last=2)
    before, middle = await page(last=2, before=ending["startCursor"])

    assert (first, after, last, before) == (newest[:2], newest[2:4], newest[3:], newest[1:3])
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (False, True)
    assert (ending["hasPreviousPage"], ending["hasNextPage"]) == (True, False)
    assert (middle["hasPreviousPage"], middle["hasNextPage"]) == (True, True)
