"""The counts of a segment over GraphQL: made where one is selected, and then right."""

import pytest

from tests.graphql_schema.product import Product


@pytest.mark.parametrize(
    ("selection", "counted"),
    [
        ("subscribers { edges { node { email } } }", False),
        ("subscribers { totalCount @skip(if: true) edges { cursor } }", False),
        ("subscribers { ...Total }", True),
        ("unmeasured subscribers { edges { cursor } }", True),
        ("notMatching", True),
    ],
)
async def test_people_are_counted_only_where_a_count_is_selected(
    product: Product, selection: str, counted: bool
) -> None:
    """A count looks at everybody, and a page of people shall not wait for it."""
    await product.upserted("person@example.org")
    fragment = "fragment Total on SubscriberConnection { totalCount }" if "...Total" in selection else ""
    query = f"{{ segmentPreview(rule: {{ permission: {{ is: [UNKNOWN] }} }}) {{ {selection} }} }} {fragment}"

    asked = await product.statements(query)

    assert any("AS not_matching" in each for each in asked) is counted


async def test_counts_are_right_however_they_are_selected(product: Product) -> None:
    """By another name, in two places that are one field, or by a condition that the same document leaves out."""
    await product.upserted("person@example.org")
    rule = "segmentPreview(rule: { permission: { is: [UNKNOWN] } })"
    merged = f"{{ a: {rule} {{ subscribers {{ edges {{ cursor }} }} }} a: {rule} {{ m: matching }} }}"
    chosen = f"query ($n: Boolean!) {{ {rule} {{ __typename matching @include(if: $n) }} }}"

    assert (await product.data(merged))["a"]["m"] == 1
    for wanted in (False, True, False, True):
        found = (await product.data(chosen, {"n": wanted}))["segmentPreview"]
        assert found.get("matching") == (1 if wanted else None)
