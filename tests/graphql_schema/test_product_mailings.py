"""Mailings over GraphQL: made, prepared, recorded, reported; with the decision and its reasons."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from graphql_schema.ids import encode_id, number_of
from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import Product

MAILS = Path(__file__).parents[1] / "mails"
TRACK = "https://track.example.org"
MAILING = "id name channel protected list { id name } tracking { opens clicks permissionBased } links { url }"
MESSAGE = """messages { messageId html text headers { name value } untrackedLinks
  deliveries { id opensMode clicksMode subscriber { email } mailing { name } }
  decision { opens { mode boundBy trace { layer ceiling reason } } clicks { mode boundBy } } }
  warnings { code message }"""
REPORT = """query ($id: ID!) { mailing(id: $id) { report {
  sent delivered bounced measured { opens clicks } coverage { opens clicks }
  opens { value shown } uniqueOpens { value shown } clicks { value shown } uniqueClicks { value shown }
  openRate { value lower upper basis shown } clickRate { value shown } clickToOpenRate { value shown }
  links { url clicks { value shown } uniqueClicks { value shown } } } } }"""
DELIVERIES = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { mailing(id: $id) {
  deliveries(first: $first, after: $after, last: $last, before: $before) {
    edges { node { id subscriber { email } } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


def said_yes(product: Product) -> dict[str, str]:
    return {"permission": "YES", "source": "FORM", "at": write_datetime(product.world.now[0])}


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


async def test_three_people_get_three_different_mails(product: Product) -> None:
    """PERSONAL for a yes, ANONYMOUS for silence, OFF for a no."""
    await product.done("updateSettings", {"unknownOpens": "ANONYMOUS", "unknownClicks": "ANONYMOUS"})
    await product.upserted("yes@example.org", **said_yes(product))
    await product.upserted("no@example.org", permission="NO")
    mailing = await product.mailing()
    html = (MAILS / "newsletter.html").read_text()
    recipients = [{"to": [{"email": f"{name}@example.org"}]} for name in ("yes", "unknown", "no")]

    payload = await product.done(
        "prepareMessages", {"mailingId": mailing, "html": html, "recipients": recipients}, MESSAGE
    )

    yes, unknown, no = payload["messages"]
    modes = [
        (each["decision"]["opens"]["mode"], each["decision"]["clicks"]["mode"])
        for each in payload["messages"]
    ]
    assert modes == [("PERSONAL", "PERSONAL"), ("ANONYMOUS", "ANONYMOUS"), ("OFF", "OFF")]
    assert [each["decision"]["opens"]["boundBy"] for each in payload["messages"]] == [
        "MODE_SETTING",
        "PERMISSION",
        "PERMISSION",
    ]
    assert no["decision"]["opens"]["trace"][-1] == {
        "layer": "PERMISSION",
        "ceiling": "OFF",
        "reason": f"Opens are not tracked, because the person said no on "
        f"{product.world.now[0].day} {product.world.now[0]:%B %Y} according to the sender's system.",
    }
    assert len(re.findall(rf"{TRACK}/o/", yes["html"])) == 1
    assert len(re.findall(rf"{TRACK}/o/", unknown["html"])) == 1
    assert f"{TRACK}/o/" not in no["html"]
    assert f"{TRACK}/c/" not in no["html"]
    assert yes["deliveries"][0]["subscriber"] == {"email": "yes@example.org"}
    assert unknown["deliveries"][0]["mailing"] == {"name": "Spring"}
    assert {header["name"] for header in yes["headers"]} == {"List-Unsubscribe", "List-Unsubscribe-Post"}
    links = (
        await product.data(
            "query ($id: ID!) { mailing(id: $id) { protected links { url } } }", {"id": mailing}
        )
    )["mailing"]
    assert links["protected"]
    assert links["links"]
    assert not [link for link in links["links"] if link["url"].startswith("mailto:")]


async def test_the_same_key_gives_the_same_messages(product: Product) -> None:
    mailing = await product.mailing()

    first = await product.prepared(mailing, "ada@example.org", idempotencyKey="7")
    again = await product.prepared(mailing, "ada@example.org", idempotencyKey="7")
    other = await product.prepared(mailing, "ada@example.org", idempotencyKey="8")

    assert again == first
    assert other != first
    report = (await product.data(REPORT, {"id": mailing}))["mailing"]["report"]
    assert report["sent"] == 2


async def test_one_bad_address_is_an_error_beside_the_others(product: Product) -> None:
    mailing = await product.mailing()
    recipients: list[dict[str, Any]] = [
        {"to": [{"email": "ada@example.org"}], "cc": [{"email": "nonsense"}]},
        {"to": [{"email": "bob@example.org", "permission": "YES"}]},
        {"to": []},
        {"to": [{"email": "cid@example.org", "permission": "NO"}]},
    ]
    given = {"mailingId": mailing, "text": "Hello", "recipients": recipients}

    payload = await product.change(
        "prepareMessages", given, "messages { text html deliveries { opensMode } }"
    )

    assert payload["messages"] == [
        None,
        {"text": "Hello", "html": None, "deliveries": [{"opensMode": "OFF"}]},
        None,
        {"text": "Hello", "html": None, "deliveries": [{"opensMode": "OFF"}]},
    ]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("INVALID_EMAIL", ["recipients", "0", "cc", "0"]),
        ("INVALID_VALUE", ["recipients", "2"]),
        ("EVIDENCE_MISSING", ["recipients", "1", "to", "0"]),
    ]
    asked = '{ subscriber(email: "cid@example.org") { permission { opens { value source } } } }'
    assert (await product.data(asked))["subscriber"]["permission"]["opens"] == {
        "value": "NO",
        "source": "SEND",
    }


async def test_what_prepare_messages_refuses_as_a_whole(product: Product) -> None:
    mailing = await product.mailing()
    ada = {"to": [{"email": "ada@example.org"}]}
    call = {"mailingId": mailing, "html": "<p>Hello</p>", "recipients": [ada]}
    null = {"to": [{"email": "ada@example.org", "permission": None}]}
    for given, expected in (
        ({**call, "mailingId": encode_id("Mailing", 7)}, ("NOT_FOUND", ["mailingId"])),
        ({**call, "mailingId": "nonsense"}, ("NOT_FOUND", ["mailingId"])),
        ({**call, "recipients": []}, ("LIMIT_EXCEEDED", ["recipients"])),
        ({**call, "html": None}, ("INVALID_VALUE", ["html"])),
        ({**call, "idempotencyKey": ""}, ("INVALID_VALUE", ["idempotencyKey"])),
        (
            {**call, "recipients": [ada, null]},
            ("NULL_NOT_ALLOWED", ["recipients", "1", "to", "0", "permission"]),
        ),
        ({**call, "recipients": [{**ada, "merge": [1]}]}, ("INVALID_VALUE", ["recipients", "0", "merge"])),
        (
            {**call, "recipients": [{**ada, "merge": {"name": {}}}]},
            ("INVALID_VALUE", ["recipients", "0", "merge", "name"]),
        ),
    ):
        assert await product.refused("prepareMessages", given) == [expected]

    assert (await product.data("{ subscribers { totalCount } }"))["subscribers"]["totalCount"] == 0


async def test_a_toggle_in_one_to_one_mail_needs_the_users_switch(product: Product) -> None:
    new = {"name": "Hello", "channel": "ONE_TO_ONE"}
    mailing = (await product.done("createMailing", new, "mailing { id }", user_id=5))["mailing"]["id"]
    recipients = [{"to": [{"email": "ada@example.org"}], "trackOpens": True}]
    given = {"mailingId": mailing, "html": "<p>Hello</p>", "recipients": recipients}

    refused = await product.refused("prepareMessages", given, user_id=5)
    foreign = await product.refused("prepareMessages", given)

    assert refused == [("SWITCH_OFF", ["recipients", "0", "trackOpens"])]
    assert foreign == [("NOT_FOUND", ["mailingId"])]


async def test_a_required_way_out_that_is_missing_is_a_warning(product: Product) -> None:
    await product.done("updateSettings", {"wayOut": "REQUIRED"})
    await product.upserted("ada@example.org", **said_yes(product))
    mailing = await product.mailing()
    given = {
        "mailingId": mailing,
        "html": "<p>Hello</p>",
        "recipients": [{"to": [{"email": "ada@example.org"}]}],
    }

    payload = await product.done("prepareMessages", given, MESSAGE)

    assert [warning["code"] for warning in payload["warnings"]] == ["NO_WAY_OUT"]
    assert payload["messages"][0]["decision"]["opens"]["boundBy"] == "MESSAGE_CLASS"
    assert payload["messages"][0]["html"] == "<p>Hello</p>"


async def test_merge_tags_are_filled_and_one_toggle_lowers_one_axis(product: Product) -> None:
    await product.upserted("ada@example.org", **said_yes(product))
    mailing = await product.mailing()
    html = "<p>Hello {{name}}</p><a href='https://shop.example.com'>Shop</a> {{preferences_url}}"
    recipients = [{"to": [{"email": "ada@example.org"}], "merge": {"name": "Ada & Co"}, "trackOpens": False}]

    payload = await product.done(
        "prepareMessages", {"mailingId": mailing, "html": html, "recipients": recipients}, MESSAGE
    )

    (message,) = payload["messages"]
    assert "Hello Ada &amp; Co" in message["html"]
    assert f"{TRACK}/preferences/" in message["html"]
    assert message["decision"]["opens"] == {
        "mode": "OFF",
        "boundBy": "TOGGLE",
        "trace": message["decision"]["opens"]["trace"],
    }
    assert message["deliveries"][0]["opensMode"] == "OFF"
    assert message["deliveries"][0]["clicksMode"] == "PERSONAL"


async def test_what_became_of_deliveries_is_recorded_and_reported(product: Product) -> None:
    for name in ("ada", "bob", "cid"):
        await product.upserted(f"{name}@example.org", **said_yes(product))
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
        await product.upserted(f"{name}@example.org", **said_yes(product))
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
