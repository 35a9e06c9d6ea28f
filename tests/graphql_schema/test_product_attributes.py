"""Attributes as rules of segments compare them, with a type and without."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.graphql_schema.product import Product
from tests.graphql_schema.test_product_segments import (
    SEGMENT,
    _created,
    _extensions,
    _matching,
)


async def test_a_defined_attribute_is_read_as_its_type(product: Product) -> None:
    """What forms and files bring are texts; a number is compared as one, and what is none is nobody's number."""
    for place, score in enumerate(["9", "10", 11.5, "many"]):
        await product.upserted(
            f"person{place}@example.org", attributes={"score": score, "born": "2000-02-29T10:00"}
        )
    await product.done("defineAttribute", {"name": "score", "type": "number"})
    await product.done("defineAttribute", {"name": "born", "type": "DATE"})

    def rule(name: str, op: str, value: Any = None) -> dict[str, Any]:
        return {"attribute": {"name": name, "op": op, "value": value}}

    assert await _matching(product, rule("score", "GE", "10")) == 2
    assert await _matching(product, rule("score", "NE", 9)) == 2
    assert await _matching(product, rule("score", "EXISTS")) == 4
    assert await _matching(product, rule("born", "EQ", "2000-02-29")) == 4
    assert await _matching(product, {"not": rule("nothing", "NE", "x")}) == 4
    assert await _extensions(product, rule("born", "EQ", "2001-02-29")) == (
        "BAD_USER_INPUT",
        "INVALID_RULE",
        "rule.attribute.value",
    )
    assert await _extensions(product, rule("score", "CONTAINS", "1")) == (
        "BAD_USER_INPUT",
        "INVALID_RULE",
        "rule.attribute.op",
    )


async def test_the_example_of_the_readme_works_as_it_stands(product: Product) -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"## Segments\n.*?```graphql\n(.*?)```", text, re.DOTALL)
    await product.upserted("ada@example.org", attributes={"city": "Rome"})

    data = await product.data(example)

    assert data["defineAttribute"]["errors"] == data["createSegment"]["errors"] == []
    assert data["createSegment"]["segment"]["preview"] == {"matching": 0, "notMatching": 1, "unmeasured": 0}


@pytest.mark.parametrize(
    ("given", "path"),
    [({"name": " ", "type": "text"}, ["name"]), ({"name": "age", "type": "integer"}, ["type"])],
)
async def test_an_attribute_without_a_name_or_type_is_none(
    product: Product, given: dict[str, str], path: list[str]
) -> None:
    assert await product.refused("defineAttribute", given) == [("INVALID_VALUE", path)]


async def test_a_later_definition_changes_no_segment(product: Product) -> None:
    await product.upserted("ada@example.org", attributes={"score": "10"})
    segment = await _created(product, {"attribute": {"name": "score", "op": "LT", "value": "9"}})

    await product.done("defineAttribute", {"name": "score", "type": "number"})

    assert (await product.data(SEGMENT, {"id": segment}))["node"]["preview"]["matching"] == 1
