"""What tests of presets may ask for."""

from tests.graphql_schema.product import product  # noqa: F401  A fixture.
from tests.presets.sender import sender  # noqa: F401  A fixture.
