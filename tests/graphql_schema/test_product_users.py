"""Users over GraphQL: made, listed, and given tokens of their own."""

from app.domain.principal import SCOPES
from tests.graphql_schema.product import IMPERSONAL, Product

USERS = """query ($first: Int, $after: String) { users(first: $first, after: $after) {
  edges { node { id name email } } pageInfo { hasNextPage endCursor } totalCount } }"""


async def test_users_are_listed_page_by_page(product: Product) -> None:
    for name in ("Ada", "Bob", "Cy"):
        product.world.later(seconds=1)
        email = f" {name}@Example.org"
        await product.done("createUser", {"name": name, "email": email}, "user { id }")

    first = (await product.data(USERS, {"first": 2}))["users"]
    rest = (await product.data(USERS, {"first": 2, "after": first["pageInfo"]["endCursor"]}))["users"]

    assert [edge["node"]["name"] for edge in first["edges"] + rest["edges"]] == ["Ada", "Bob", "Cy"]
    assert [edge["node"]["email"] for edge in rest["edges"]] == ["cy@example.org"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert not rest["pageInfo"]["hasNextPage"]


async def test_a_user_without_name_or_with_half_an_address_is_not_made(product: Product) -> None:
    assert await product.refused("createUser", {"name": " "}) == [("INVALID_VALUE", ["name"])]
    assert await product.refused("createUser", {"name": "Ada", "email": "ada"}) == [
        ("INVALID_EMAIL", ["email"])
    ]
    assert (await product.data(USERS))["users"]["totalCount"] == 0


async def test_colleagues_have_no_names_without_personal_read(product: Product) -> None:
    await product.done("createUser", {"name": "Ada", "email": "ada@example.org"}, "user { id }")

    (edge,) = (await product.data(USERS, scopes=IMPERSONAL))["users"]["edges"]

    assert (edge["node"]["name"], edge["node"]["email"]) == ("Anonymized data", None)


async def test_who_gives_no_tokens_sees_no_users(product: Product) -> None:
    answer = await product.ask(USERS, scopes=SCOPES - {"tokens:write"})

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_new_user_speaks_with_a_token_of_their_own(product: Product) -> None:
    made = await product.done("createUser", {"name": "Ada"}, "user { id name tracking { opens } }")
    given = {"user": made["user"]["id"], "name": "Ada's"}
    secret = (await product.done("createToken", given, "secret"))["secret"]

    response = await product.client.post(
        "/graphql",
        json={"query": "{ viewer { user { name tracking { opens } } } }"},
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert made["user"]["name"] == "Ada"
    assert made["user"]["tracking"] is None
    assert response.json()["data"]["viewer"]["user"] == {"name": "Ada", "tracking": {"opens": False}}
