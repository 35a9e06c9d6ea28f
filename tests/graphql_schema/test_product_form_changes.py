"""Forms and wordings over GraphQL, changed, listed and looked at beforehand."""

import re
from typing import Any

from graphql_schema.ids import encode_id
from tests.graphql_schema.product import Product
from tests.house.tree import ROOT

FORM = """form { id name asks doubleOptIn locales allowedOrigins allowedRedirects list { name }
  wordings { locale text purposes } fields { name label type required } }"""
EVERYTHING = {
    "name": "Letter",
    "asks": "EACH_AXIS",
    "allowedOrigins": ["https://shop.example"],
    "allowedRedirects": ["https://shop.example/thanks"],
    "locales": ["de", "en"],
    "fields": [
        {"name": "city", "label": "City", "required": True},
        {"name": "age", "label": "Age", "type": "NUMBER"},
    ],
}


async def made(product: Product, **given: Any) -> dict[str, Any]:
    return (await product.done("createForm", given, FORM))["form"]


async def wording(product: Product, locale: str, text: str, **more: Any) -> str:
    given = {"locale": locale, "text": text, **more}
    return (await product.done("createWording", given, "wording { id }"))["wording"]["id"]


async def test_a_form_shows_everything_that_was_said_of_it(product: Product) -> None:
    form = await made(product, **EVERYTHING)

    assert form["fields"] == [
        {"name": "city", "label": "City", "type": "TEXT", "required": True},
        {"name": "age", "label": "Age", "type": "NUMBER", "required": False},
    ]
    assert [each["locale"] for each in form["wordings"]] == ["de", "en"]
    assert form["wordings"][0]["purposes"] == ["MEASURE", "SEGMENT", "NOTIFY"]
    assert (form["locales"], form["allowedOrigins"]) == (["de", "en"], ["https://shop.example"])


async def test_a_change_leaves_what_it_does_not_name(product: Product) -> None:
    before = await made(product, **EVERYTHING)

    payload = await product.done("updateForm", {"id": before["id"], "doubleOptIn": False}, FORM)

    assert payload["form"] == {**before, "doubleOptIn": False}


async def test_everything_of_a_form_can_be_changed(product: Product) -> None:
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    before = await made(product, **EVERYTHING, listId=news)
    german = await wording(product, "de", "Dürfen wir?", purposes=["MEASURE"])
    english = await wording(product, "en", "May we?", purposes=["MEASURE"])

    payload = await product.done(
        "updateForm",
        {
            "id": before["id"],
            "name": "Other",
            "listId": None,
            "asks": "BOTH_TOGETHER",
            "wordingId": german,
            "translations": [english],
            "allowedOrigins": [],
            "allowedRedirects": [],
            "fields": [],
        },
        FORM,
    )
    again = await product.done(
        "updateForm", {"id": before["id"], "wordingId": None, "translations": []}, FORM
    )

    assert payload["form"] == {
        "id": before["id"],
        "name": "Other",
        "asks": "BOTH_TOGETHER",
        "doubleOptIn": True,
        "locales": ["de", "en"],
        "allowedOrigins": [],
        "allowedRedirects": [],
        "list": None,
        "wordings": [
            {"locale": "de", "text": "Dürfen wir?", "purposes": ["MEASURE"]},
            {"locale": "en", "text": "May we?", "purposes": ["MEASURE"]},
        ],
        "fields": [],
    }
    assert again["form"]["wordings"] == before["wordings"]


async def test_what_update_form_refuses(product: Product) -> None:
    before = await made(product, **EVERYTHING)
    german, also = (
        await wording(product, "de", "Dürfen wir?"),
        await wording(product, "de-CH", "Dürfen wir das?"),
    )

    for given, expected in (
        ({"id": encode_id("Form", 7)}, ("NOT_FOUND", ["id"])),
        ({"name": None}, ("NULL_NOT_ALLOWED", ["name"])),
        ({"fields": None}, ("NULL_NOT_ALLOWED", ["fields"])),
        ({"fields": [{"name": "email", "label": "E"}]}, ("INVALID_VALUE", ["fields", "0", "name"])),
        ({"allowedRedirects": ["/x"]}, ("INVALID_VALUE", ["allowedRedirects", "0"])),
        ({"wordingId": encode_id("Wording", 7)}, ("NOT_FOUND", ["wordingId"])),
        ({"wordingId": german, "translations": [also]}, ("INVALID_VALUE", ["translations", "0"])),
        (
            {"wordingId": german, "translations": [encode_id("Wording", 7)]},
            ("NOT_FOUND", ["translations", "0"]),
        ),
    ):
        assert await product.refused("updateForm", {"id": before["id"], **given}) == [expected]

    found = await product.data("{ forms { edges { node { name wordings { text } } } } }")
    assert len(found["forms"]["edges"]) == 1
    assert found["forms"]["edges"][0]["node"]["name"] == "Letter"


async def test_forms_and_wordings_are_listed_page_by_page(product: Product) -> None:
    for number in range(3):
        await made(product, name=f"Form {number}", asks="NOTHING")
        await wording(product, "en", f"May we {number}?")
        product.world.later(seconds=1)
    query = """query ($f: String, $w: String) {
      forms(first: 2, after: $f) { totalCount pageInfo { hasNextPage endCursor } edges { node { name } } }
      wordings(first: 2, after: $w) { totalCount pageInfo { hasNextPage endCursor } edges { node { text } } } }"""

    first = await product.data(query)
    cursors = {"f": first["forms"], "w": first["wordings"]}
    second = await product.data(
        query, {name: each["pageInfo"]["endCursor"] for name, each in cursors.items()}
    )

    names = [edge["node"]["name"] for page in (first, second) for edge in page["forms"]["edges"]]
    texts = [edge["node"]["text"] for page in (first, second) for edge in page["wordings"]["edges"]]
    assert names == ["Form 0", "Form 1", "Form 2"]
    assert texts == ["May we 0?", "May we 1?", "May we 2?"]
    assert (first["forms"]["totalCount"], first["wordings"]["totalCount"]) == (3, 3)
    assert not second["forms"]["pageInfo"]["hasNextPage"]


async def test_another_text_is_another_wording_and_the_first_stays(product: Product) -> None:
    """There is nothing with which a wording could be changed."""
    first = await wording(product, "en", "May we?")
    product.world.later(seconds=1)
    second = await wording(product, "en", "May we, please?")

    found = await product.data("{ wordings { edges { node { id text } } } }")
    fields = await product.data("{ __schema { mutationType { fields { name } } } }")

    assert [edge["node"] for edge in found["wordings"]["edges"]] == [
        {"id": first, "text": "May we?"},
        {"id": second, "text": "May we, please?"},
    ]
    named = {each["name"] for each in fields["__schema"]["mutationType"]["fields"]}
    assert {name for name in named if "ording" in name} == {"createWording"}


async def test_a_wording_is_looked_at_before_and_after_it_is_made(product: Product) -> None:
    """As a form asks it, escaped, with nothing chosen; before it is made nothing is stored."""
    query = """query ($asks: FormQuestion!) {
      wordingPreview(locale: "de", text: "Dürfen <wir>?", asks: $asks) }"""

    before = [
        (await product.data(query, {"asks": asks}))["wordingPreview"]
        for asks in ("BOTH_TOGETHER", "EACH_AXIS")
    ]
    nothing = await product.world.rows("SELECT FROM wording")
    made_id = await wording(product, "de", "Dürfen <wir>?")
    after = await product.data(
        "query ($id: ID!) { node(id: $id) { ... on Wording { preview both: preview(asks: EACH_AXIS) } } }",
        {"id": made_id},
    )

    assert nothing == []
    assert list(after["node"].values()) == before
    for html, pairs in zip(before, (1, 2), strict=True):
        assert "Dürfen &lt;wir&gt;?" in html
        assert html.count('value="yes"') == html.count('value="no"') == pairs
        assert "checked" not in html
        assert '<link rel="stylesheet" href="https://track.example.org/look/' in html
        assert "<form" not in html


async def test_what_cannot_be_a_wording_cannot_be_previewed(product: Product) -> None:
    for given in ('locale: "???", text: "?"', 'locale: "de", text: " "'):
        answer = await product.ask(f"{{ wordingPreview({given}) }}")

        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_snippet_speaks_the_language_that_is_asked_for(product: Product) -> None:
    form = await made(product, **EVERYTHING)

    found = await product.data(
        'query ($id: ID!) { node(id: $id) { ... on Form { snippet english: snippet(locale: "en") } } }',
        {"id": form["id"]},
    )

    assert "E-Mail-Adresse" in found["node"]["snippet"]
    assert "E-mail address" in found["node"]["english"]
    for snippet in found["node"].values():
        assert 'name="city" required' in snippet
        assert 'type="number" step="any" name="age"' in snippet
        assert "<p hidden><label>" in snippet
        assert "<script" not in snippet


async def test_the_form_of_the_readme_is_made_as_it_stands_there(product: Product) -> None:
    readme = (ROOT / "README.md").read_text()
    (mutation,) = re.findall(r"```graphql\n(mutation \{\n  createForm.*?)```", readme, re.DOTALL)

    made_of_it = (await product.data(mutation))["createForm"]

    assert made_of_it["errors"] == []
    assert [each["locale"] for each in made_of_it["form"]["wordings"]] == ["en", "de"]
