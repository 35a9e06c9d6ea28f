"""Messages over GraphQL: decided, stored, instrumented; and what goes wrong beside the others."""

import re
from pathlib import Path
from typing import Any

from graphql_schema.ids import encode_id
from tests.graphql_schema.product import Product

MAILS = Path(__file__).parents[1] / "mails"
TRACK = "https://track.example.org"
MESSAGE = """messages { messageId html text headers { name value } untrackedLinks
  deliveries { id opensMode clicksMode subscriber { email } mailing { name } }
  decision { opens { mode boundBy trace { layer ceiling reason } } clicks { mode boundBy } } }
  warnings { code message }"""
REPORT = """query ($id: ID!) { mailing(id: $id) { report {
  sent delivered bounced measured { opens clicks } coverage { opens clicks }
  opens { value shown } uniqueOpens { value shown } clicks { value shown } uniqueClicks { value shown }
  openRate { value lower upper basis shown } clickRate { value shown } clickToOpenRate { value shown }
  links { url clicks { value shown } uniqueClicks { value shown } } } } }"""


async def test_three_people_get_three_different_mails(product: Product) -> None:
    """PERSONAL for a yes, ANONYMOUS for silence, OFF for a no."""
    await product.done("updateSettings", {"unknownOpens": "ANONYMOUS", "unknownClicks": "ANONYMOUS"})
    await product.upserted("yes@example.org", **product.said_yes())
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
    future = {"permission": "YES", "permissionSource": "FORM", "permissionAt": "2999-01-01T00:00:00Z"}
    foreign = {**future, "permissionSource": "EXPIRY"}
    recipients: list[dict[str, Any]] = [
        {"to": [{"email": "ada@example.org"}], "cc": [{"email": "nonsense"}]},
        {"to": [{"email": "bob@example.org", "permission": "YES"}]},
        {"to": []},
        {"to": [{"email": "cid@example.org", "permission": "NO"}]},
        {"cc": [{"email": "dot@example.org", **future}, {"email": "eve@example.org", **foreign}]},
        {"to": [{"email": "fay@example.org"}, {"email": "gus@example.org", "permission": None}]},
        {"to": [{"email": "fay@example.org"}], "merge": [1]},
        {"to": [{"email": "fay@example.org"}], "merge": {"name": {}}},
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
        {"text": "Hello", "html": None, "deliveries": [{"opensMode": "OFF"}] * 2},
        None,
        None,
        None,
    ]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("INVALID_EMAIL", ["recipients", "0", "cc", "0"]),
        ("INVALID_VALUE", ["recipients", "2"]),
        ("NULL_NOT_ALLOWED", ["recipients", "5", "to", "1", "permission"]),
        ("INVALID_VALUE", ["recipients", "6", "merge"]),
        ("INVALID_VALUE", ["recipients", "7", "merge", "name"]),
        ("EVIDENCE_MISSING", ["recipients", "1", "to", "0"]),
        ("EVIDENCE_MISSING", ["recipients", "4", "cc", "0"]),
        ("INVALID_SOURCE", ["recipients", "4", "cc", "1"]),
    ]
    asked = '{ subscriber(email: "cid@example.org") { permission { opens { value source } } } }'
    assert (await product.data(asked))["subscriber"]["permission"]["opens"] == {
        "value": "NO",
        "source": "SEND",
    }
    unread = '{ subscriber(email: "fay@example.org") { id } }'
    assert (await product.data(unread))["subscriber"] is None


async def test_what_prepare_messages_refuses_as_a_whole(product: Product) -> None:
    mailing = await product.mailing()
    ada = {"to": [{"email": "ada@example.org"}]}
    call = {"mailingId": mailing, "html": "<p>Hello</p>", "recipients": [ada]}
    for given, expected in (
        ({**call, "mailingId": encode_id("Mailing", 7)}, ("NOT_FOUND", ["mailingId"])),
        ({**call, "mailingId": "nonsense"}, ("NOT_FOUND", ["mailingId"])),
        ({**call, "recipients": []}, ("LIMIT_EXCEEDED", ["recipients"])),
        ({**call, "html": None}, ("INVALID_VALUE", ["html"])),
        ({**call, "idempotencyKey": ""}, ("INVALID_VALUE", ["idempotencyKey"])),
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
    await product.upserted("ada@example.org", **product.said_yes())
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
    await product.upserted("ada@example.org", **product.said_yes())
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
