"""What is too long is refused before it is read, and no statement runs for ever."""

import asyncpg
import httpx
import pytest

from app.storage.database import Database
from tests.graphql_schema.conftest import Ask
from tests.postgres_server import TemporaryDatabase


async def test_a_body_that_is_too_long_is_refused(client: httpx.AsyncClient):
    """The application lets 8 MB in; the toy has Litestar's own limit of 10 MB."""
    response = await client.post(
        "/graphql", json={"query": "{ hello }", "variables": {"x": "y" * 11_000_000}}
    )

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (413, "QUERY_TOO_LARGE")


@pytest.mark.parametrize("first", [1_000, 1_001, -1])
async def test_a_page_holds_at_most_a_thousand(ask: Ask, first: int):
    response = await ask(f"{{ books(first: {first}) {{ edges {{ cursor }} }} }}")

    codes = [error["extensions"]["code"] for error in response.json().get("errors", [])]
    assert codes == ([] if first == 1_000 else ["BAD_USER_INPUT"])


async def test_a_statement_ends_after_its_time(database: TemporaryDatabase):
    """Of 30 seconds in an installation, and less here."""
    quick = Database(database.app_dsn, statement_timeout=2)

    try:
        with pytest.raises(asyncpg.QueryCanceledError):
            await quick.fetch("SELECT pg_sleep(600)")
    finally:
        await quick.close()
