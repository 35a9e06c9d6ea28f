"""The lists of an account, read from both ends: the same things in the same order, each once."""

from typing import Any

from tests.graphql_schema.product import Product

MADE = {
    "lists": ("createList", {"name": "{n}"}),
    "mailings": ("createMailing", {"name": "{n}", "channel": "CAMPAIGN"}),
    "segments": ("createSegment", {"name": "{n}", "rule": {"all": []}}),
    "forms": ("createForm", {"name": "{n}"}),
    "wordings": ("createWording", {"locale": "en", "text": "May we {n}?"}),
    "tokens": ("createToken", {"name": "{n}"}),
    "users": ("createUser", {"name": "{n}"}),
}
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { id } }"


async def page(product: Product, field: str, **given: Any) -> dict[str, Any]:
    query = (
        "query ($first: Int, $after: String, $last: Int, $before: String) "
        f"{{ {field}(first: $first, after: $after, last: $last, before: $before) {{ {PAGE} }} }}"
    )
    found: dict[str, Any] = (await product.data(query, given))[field]
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in found["edges"]]


async def test_each_list_is_read_from_its_end_as_from_its_start(product: Product) -> None:
    for field, (name, given) in MADE.items():
        for n in range(5):
            await product.done(
                name, {k: v.format(n=n) if isinstance(v, str) else v for k, v in given.items()}
            )
        whole = ids(await page(product, field, first=50))
        assert len(whole) >= 5, field

        pages = [await page(product, field, last=2)]
        while pages[-1]["pageInfo"]["hasPreviousPage"]:
            pages.append(await page(product, field, last=2, before=pages[-1]["pageInfo"]["startCursor"]))

        assert [each for found in reversed(pages) for each in ids(found)] == whole, field
        assert [found["pageInfo"]["hasNextPage"] for found in pages] == [False] + [True] * (len(pages) - 1)
        onward = await page(product, field, first=2, after=pages[-1]["pageInfo"]["endCursor"])
        assert ids(onward)[0] == whole[len(ids(pages[-1]))], field


async def test_both_directions_at_once_are_refused(product: Product) -> None:
    for field in MADE:
        answer = await product.ask(f"{{ {field}(first: 1, last: 1) {{ edges {{ cursor }} }} }}")

        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
