"""What schemathesis loads to make values of our own scalars; it knows GraphQL's."""

from datetime import UTC

import schemathesis
from hypothesis import strategies
from schemathesis.graphql import nodes

_MOMENTS = strategies.datetimes(timezones=strategies.just(UTC)).map(lambda moment: moment.isoformat())
_DOCUMENTS = strategies.recursive(
    strategies.text(max_size=20).map(nodes.String)
    | strategies.integers(-(2**60), 2**60).map(nodes.Int)
    | strategies.booleans().map(nodes.Boolean),
    lambda inner: strategies.lists(inner, max_size=3).map(nodes.List),
    max_leaves=4,
)

schemathesis.graphql.scalar("DateTime", _MOMENTS.map(nodes.String))
schemathesis.graphql.scalar("JSON", _DOCUMENTS)
