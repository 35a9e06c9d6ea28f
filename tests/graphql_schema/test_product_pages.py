"""Every connection of the account can be walked from both ends while rows come and go, in a fixed number of statements."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.graphql_schema.product import Product

Make = Callable[[Product, int], Awaitable[Any]]


async def _list(product: Product, number: int) -> None:
    await product.done("createList", {"name": f"List {number}"})


async def _user(product: Product, number: int) -> None:
    await product.done("createUser", {"name": f"User {number}"})


async def _token(product: Product, number: int) -> None:
    await product.done("createToken", {"name": f"Token {number}"})


async def _segment(product: Product, number: int) -> None:
    await product.done("createSegment", {"name": f"Segment {number}", "rule": {"all": []}})


async def _form(product: Product, number: int) -> None:
    await product.done("createForm", {"name": f"Form {number}"})


async def _wording(product: Product, number: int) -> None:
    await product.done("createWording", {"locale": "en", "text": f"May we, {number}?"})


async def _mailing(product: Product, number: int) -> None:
    await product.mailing(f"Mailing {number}")


async def _subscriber(product: Product, number: int) -> None:
    await product.upserted(f"person{number}@example.org")


CONNECTIONS: dict[str, Make] = {
    "lists": _list,
    "users": _user,
    "tokens": _token,
    "segments": _segment,
    "forms": _form,
    "wordings": _wording,
    "mailings": _mailing,
    "subscribers": _subscriber,
    "subscribers(orderBy: EMAIL)": _subscriber,
}


async def page(product: Product, field: str, arguments: str) -> dict[str, Any]:
    """One page of a connection, with `arguments` put among those that it has."""
    name, _, rest = field.partition("(")
    asked = f"{name}({arguments}, {rest}" if rest else f"{name}({arguments})"
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    found: dict[str, Any] = (await product.data(f"{{ {asked} {{ edges {{ node {{ id }} }} {info} }} }}"))[
        name
    ]
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in found["edges"]]


@pytest.mark.parametrize("field", CONNECTIONS)
async def test_a_connection_is_walked_from_both_ends(product: Product, field: str) -> None:
    make = CONNECTIONS[field]
    for number in range(5):
        await make(product, number)
        product.world.later(seconds=1)
    everything = ids(await page(product, field, "first: 50"))
    last = await page(product, field, "last: 2")
    middle = await page(product, field, f'last: 2, before: "{last["pageInfo"]["startCursor"]}"')
    onward = await page(product, field, f'first: 50, after: "{middle["pageInfo"]["endCursor"]}"')

    assert len(everything) >= 5
    assert ids(last) == everything[-2:]
    assert ids(middle) == everything[-4:-2]
    assert ids(onward) == ids(last)
    assert (last["pageInfo"]["hasPreviousPage"], last["pageInfo"]["hasNextPage"]) == (True, False)
    assert middle["pageInfo"]["hasNextPage"]
    await make(product, 9)
    again = await page(product, field, f'last: 2, before: "{last["pageInfo"]["startCursor"]}"')
    assert ids(again) == ids(middle)
    await _counts_its_statements(product, field)


async def _counts_its_statements(product: Product, field: str) -> None:
    """A longer page runs the same statements, and the count is made by those only who ask for it."""
    name, order = field.partition("(")[0], ", orderBy: EMAIL" if "EMAIL" in field else ""
    short, long, counted = [
        await product.statements(
            f"{{ {name}(first: {first}{order}) {{ {below} edges {{ node {{ id }} }} }} }}"
        )
        for first, below in ((1, ""), (4, ""), (4, "totalCount"))
    ]

    assert short == long
    # Asking about tokens looks like asking who calls, which the statements leave out.
    assert len(counted) == len(long) + (name != "tokens")
    assert len(long) <= (5 if name == "forms" else 2)
    assert not [each for each in long if "count(*)" in each]
