"""Which queries change something: those that say so, and no plan runs them."""

import re

from graphql import GraphQLObjectType
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_schema.plans import EFFECT
from tests.graphql_schema.every_field import CORE, asks, few
from tests.graphql_schema.product import Product
from tests.graphql_schema.test_product_scopes import given_for, planted

WRITES = re.compile(r"\b(INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|MERGE\s+INTO)\b", re.IGNORECASE)
CHANGES = {"policyImpact"}


def test_the_fields_that_change_something_say_so() -> None:
    """Nobody else does, since no plan is made for a query that has one."""
    said = {
        name
        for kind in CORE.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if EFFECT in _metadata(field)
    }

    assert said == CHANGES


async def test_no_other_query_writes_anything(product: Product) -> None:
    """Every field of every object, asked for with no time to wait, which is when `policyImpact` makes a job."""
    ids = await planted(product)
    product.world.instance.patience = 0.0

    writing = set[str]()
    for ask in few(asks(given_for(ids), ids)):
        statements = await product.statements(ask.query)
        if any(WRITES.search(each) for each in statements):
            writing.add(ask.way[0].partition("(")[0] if ask.way else ask.leaves[0])

    assert writing == CHANGES


def _metadata(field: object) -> dict[object, object]:
    made = (getattr(field, "extensions", None) or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    found: dict[object, object] = getattr(made, "metadata", {})
    return found
