"""The product over GraphQL, as a sender uses it."""

from tests.graphql_schema.product import product  # noqa: F401  A fixture.
from tests.presets.sender import sender  # noqa: F401  A fixture.
