"""The fixtures of the tests of exports."""

from tests.exports.shelf import shelf
from tests.graphql_schema.product import product

__all__ = ["product", "shelf"]
