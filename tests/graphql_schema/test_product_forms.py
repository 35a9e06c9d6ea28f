"""Forms and wordings over GraphQL: made, shown as HTML, and used as evidence."""

import hashlib

from graphql_schema.ids import encode_id
from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import Product

FORM = "form { id name url snippet asks doubleOptIn list { name } }"


async def test_a_form_that_says_nothing_asks_the_standard_question(product: Product) -> None:
    payload = await product.done("createForm", {}, FORM)

    form = payload["form"]
    url = form["url"]
    snippet = form.pop("snippet")
    assert url.startswith("https://track.example.org/forms/")
    assert form == {
        "id": encode_id("Form", url.rpartition("/")[2]),
        "name": "Sign-up form",
        "url": url,
        "asks": "BOTH_TOGETHER",
        "doubleOptIn": True,
        "list": None,
    }
    assert snippet.startswith(f'<form method="post" action="{url}">')
    assert 'name="tracking" value="yes"' in snippet
    assert 'name="tracking" value="no"' in snippet
    assert "checked" not in snippet


async def test_a_form_asks_in_the_words_that_were_chosen(product: Product) -> None:
    text = "Dürfen wir <sehen>, ob Sie lesen?"
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    wording = await product.done(
        "createWording",
        {"locale": "de", "text": text, "purposes": ["MEASURE"]},
        "wording { id locale text hash }",
    )
    given = {
        "name": "Brief",
        "listId": news,
        "asks": "EACH_AXIS",
        "doubleOptIn": False,
        "wordingId": wording["wording"]["id"],
        "allowedOrigins": ["https://example.com"],
        "locales": ["de"],
    }

    payload = await product.done("createForm", given, FORM)

    form = payload["form"]
    assert wording["wording"]["text"] == text
    assert wording["wording"]["hash"] == hashlib.sha256(f"de\n{text}".encode()).hexdigest()
    assert (form["name"], form["list"], form["asks"], form["doubleOptIn"]) == (
        "Brief",
        {"name": "News"},
        "EACH_AXIS",
        False,
    )
    assert '<p lang="de">Dürfen wir &lt;sehen&gt;, ob Sie lesen?</p>' in form["snippet"]
    assert 'name="tracking_opens"' in form["snippet"]
    assert 'name="tracking_clicks"' in form["snippet"]


async def test_a_form_that_asks_nothing_has_no_question(product: Product) -> None:
    payload = await product.done("createForm", {"asks": "NOTHING"}, FORM)

    assert "tracking" not in payload["form"]["snippet"].replace(payload["form"]["url"], "")


async def test_what_create_form_refuses(product: Product) -> None:
    for given, expected in (
        ({"name": ""}, ("INVALID_VALUE", ["name"])),
        ({"listId": encode_id("MailingList", 7)}, ("NOT_FOUND", ["listId"])),
        ({"listId": "nonsense"}, ("NOT_FOUND", ["listId"])),
        ({"wordingId": encode_id("Wording", 7)}, ("NOT_FOUND", ["wordingId"])),
        ({"allowedOrigins": ["nonsense"]}, ("INVALID_VALUE", ["allowedOrigins", "0"])),
    ):
        assert await product.refused("createForm", given) == [expected]


async def test_what_create_wording_refuses(product: Product) -> None:
    for given, expected in (
        ({"locale": "de", "text": " "}, ("INVALID_VALUE", ["text"])),
        ({"locale": "de", "text": "?", "purposes": []}, ("INVALID_VALUE", ["purposes"])),
        ({"locale": "???", "text": "?"}, ("INVALID_VALUE", ["locale"])),
    ):
        assert await product.refused("createWording", given) == [expected]


async def test_the_same_words_are_the_same_wording_and_stand_in_the_ledger(product: Product) -> None:
    first = await product.done("createWording", {"locale": "en", "text": "May we?"}, "wording { id }")
    again = await product.done("createWording", {"locale": "en", "text": "May we?"}, "wording { id }")
    wording = first["wording"]["id"]
    at = write_datetime(product.world.now[0])
    await product.upserted("ada@example.org", permission="YES", source="FORM", at=at, wordingId=wording)

    history = await product.data(
        '{ subscriber(email: "ada@example.org") { permissionHistory { edges { node { wordingId } } } } }'
    )

    assert again == first
    assert [edge["node"] for edge in history["subscriber"]["permissionHistory"]["edges"]] == [
        {"wordingId": wording}
    ] * 2
