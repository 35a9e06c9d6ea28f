"""What the tests of this door share."""

import pytest

from tests.graphql_schema.product import product  # noqa: F401  A fixture.
from tests.web.report_pages import report_pages
from tests.world import World


@pytest.fixture
async def pages(world: World):
    """The report pages of a world of this test alone."""
    async with report_pages(world) as found:
        yield found
