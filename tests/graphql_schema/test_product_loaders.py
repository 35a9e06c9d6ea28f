"""A page costs the same few statements however long it is."""

import pytest

from graphql_schema.ids import encode_id
from tests.graphql_schema.product import Product

SUBSCRIBERS = """{ subscribers(first: 20) { totalCount edges { node {
  id email permission { opens { value } clicks { value } } memberships { status list { name } }
  overview { sent { value } opens { value } } } } } }"""
NESTED = """{ subscribers(first: 20) { edges { node { id engagement formerSubscribers { id }
  deliveries(first: 10) { totalCount edges { node { id opens { value } mailing { name list { name } } subscriber { email } } } }
  permissionHistory(last: 2) { totalCount edges { node { number } } } } } } }"""
MAILINGS = """{ mailings(first: 20) { totalCount edges { node {
  name list { name } links { url } report { sent opens { value } links { url } } } } } }"""
OF_MAILING = """{ mailings(first: 1) { edges { node { deliveries(first: 20) { edges { node {
  id clicks { value } subscriber { email } mailing { name } } } } } } } }"""


async def fill(product: Product, people: int) -> None:
    """Subscribers on a list, and as many mailings, each sent to all of them."""
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    emails = [f"ada{number}@example.org" for number in range(people)]
    for email in emails:
        await product.upserted(email, lists=[news], permission="NO")
    for number in range(people):
        mailing = await product.mailing(f"Mailing {number}", listId=news)
        await product.prepared(mailing, *emails, html='<a href="https://shop.example.com">Shop</a>')
        product.world.later(seconds=1)


@pytest.mark.parametrize(
    ("query", "most"),
    [(SUBSCRIBERS, 7), (NESTED, 14), (MAILINGS, 17), (OF_MAILING, 12)],
    ids=["subscribers", "nested", "mailings", "of-mailing"],
)
async def test_a_longer_page_runs_no_more_statements(product: Product, query: str, most: int) -> None:
    await fill(product, 2)
    few = await product.statements(query)

    await fill(product, 5)
    many = await product.statements(query)

    assert sorted(many) == sorted(few)
    assert len(many) <= most, "\n".join(many)


async def test_each_subscriber_gets_a_page_of_their_own(product: Product) -> None:
    await fill(product, 4)
    query = """{ subscribers { edges { node { email deliveries(first: 3) { totalCount pageInfo { hasNextPage }
      edges { node { mailing { name } subscriber { email } } } } } } } }"""

    data = await product.data(query)

    for edge in data["subscribers"]["edges"]:
        page = edge["node"]["deliveries"]
        assert page["totalCount"] == 4
        assert page["pageInfo"] == {"hasNextPage": True}
        assert [each["node"] for each in page["edges"]] == [
            {"mailing": {"name": f"Mailing {number}"}, "subscriber": {"email": edge["node"]["email"]}}
            for number in (3, 2, 1)
        ]


async def test_a_count_that_nobody_asks_for_is_not_made(product: Product) -> None:
    await fill(product, 1)

    statements = await product.statements(
        "{ subscribers { edges { node { id } } } mailings { edges { cursor } } }"
    )

    assert not [each for each in statements if "count(*)" in each]


LEAN = """{ subscribers(first: 20) { edges { node { ...Who deliveries(first: 10) { edges { node { ...What } } } } } } }
  fragment Who on Subscriber { id email permission { opens { value } } }
  fragment What on Delivery { id sentAt opensMode mailing { name } }"""


async def test_what_was_measured_is_read_only_where_somebody_asks_for_it(product: Product) -> None:
    """Three statements for 20 people, what they were sent, and its mailings; asking for opens takes more."""
    await fill(product, 3)
    lean = await product.statements(LEAN)
    asking = LEAN.replace("sentAt", "m: opens { shown }")

    assert len(lean) == 3, "\n".join(lean)
    assert len(await product.statements(asking)) > 4
    await product.upserted("bob@example.org", **product.said_yes())
    await product.prepared(await product.mailing("For Bob"), "bob@example.org")
    data = await product.data(asking)
    shown = {
        (edge["node"]["email"][:3], each["node"]["m"]["shown"])
        for edge in data["subscribers"]["edges"]
        for each in edge["node"]["deliveries"]["edges"]
    }
    assert shown == {("ada", "NOT_MEASURED"), ("bob", "EXACT")}


@pytest.mark.parametrize(
    "asked",
    [
        "permission { opens { since } }",
        "permission { clicks { ...State } }",
        "p: permission { clicks { reason source } }",
        "attributes",
    ],
)
async def test_what_a_page_does_not_fetch_at_first_is_there_when_it_is_asked_for(
    product: Product, asked: str
) -> None:
    """Pages fetch the columns that somebody asks for, through fragments and aliases."""
    await product.upserted("ada@example.org", attributes={"plan": "gold"}, permission="NO")
    fragment = "fragment State on PermissionState { value reason since }" if "State" in asked else ""
    page = f"{{ subscribers {{ edges {{ node {{ {asked} }} }} }} }} {fragment}"

    (edge,) = (await product.data(page))["subscribers"]["edges"]
    ada = encode_id("Subscriber", (await product.world.rows("SELECT id FROM subscriber"))[0]["id"].hex)
    one = await product.data(f'{{ subscriber(id: "{ada}") {{ {asked} }} }} {fragment}')

    assert edge["node"] == one["subscriber"]
    assert "None" not in str(edge["node"])
