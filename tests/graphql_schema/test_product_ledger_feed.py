"""The feed of permission changes: a system that follows it misses nothing and gets nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import timedelta
from io import BytesIO
from itertools import cycle
from typing import Any

import pytest

from app.actions.answers import Asked
from app.actions.subscribers import Profile, upsert_subscriber
from app.actions.unit import Unit, unit
from app.disclosure import settled
from app.domain.permission import PermissionChange
from app.instance import utc_now
from app.storage import ledger
from app.storage.database import hold_up_no_feed
from graphql_schema.ids import encode_id
from tests.graphql_schema.product import IMPERSONAL, Product
from tests.world import create_account

REFUSED = Asked(PermissionChange.NO)
FEED = """query ($first: Int, $after: String) { permissionChanges(first: $first, after: $after) {
  edges { cursor node { id subscriberId number axis from to source actor } }
  pageInfo { hasNextPage endCursor } totalCount } }"""


async def page(product: Product, first: int = 100, after: str | None = None, **more: Any) -> dict:
    return (await product.data(FEED, {"first": first, "after": after}, **more))["permissionChanges"]


async def followed(product: Product, size: int, after: str | None = None) -> tuple[list[str], str | None]:
    """The ids of all lines behind a cursor, read in pages of a size, and the cursor to go on after."""
    found: list[str] = []
    while edges := (await page(product, size, after))["edges"]:
        found += [edge["node"]["id"] for edge in edges]
        after = edges[-1]["cursor"]
    return found, after


async def test_changes_come_in_order_and_a_reader_goes_on_where_it_stopped(product: Product) -> None:
    """Page by page, whatever the size, and again from the last cursor when something has changed since."""
    ada = await product.upserted("ada@example.org", **product.said_yes())
    product.world.later(seconds=10)
    await product.upserted("eve@example.org", opens="NO")
    product.world.later(seconds=10)

    at_once = await page(product)
    one_by_one, last = await followed(product, 1)
    await product.done("setPermission", {"subscriberId": ada, "clicks": "NO"})
    product.world.later(seconds=10)
    later, _ = await followed(product, 1, last)

    changes = [(edge["node"]["axis"], edge["node"]["from"], edge["node"]["to"]) for edge in at_once["edges"]]
    assert changes == [("OPENS", "UNKNOWN", "YES"), ("CLICKS", "UNKNOWN", "YES"), ("OPENS", "UNKNOWN", "NO")]
    assert at_once["edges"][0]["node"]["subscriberId"] == ada
    assert at_once["totalCount"] == 3
    assert one_by_one == [edge["node"]["id"] for edge in at_once["edges"]]
    assert len(later) == 1
    assert not set(later) & set(one_by_one)


async def test_the_feed_is_the_accounts_own(product: Product) -> None:
    """Nothing of others, and nothing for who may not see people: a line says whose it is, and when it was written."""
    other = await create_account(product.world.instance, "Other")
    async with unit(product.world.instance, other, "test") as work:
        await upsert_subscriber(work, Profile("eve@example.org", asked=REFUSED))
    await product.upserted("ada@example.org", permission="NO")
    product.world.later(seconds=10)

    seen = (await page(product))["edges"]
    refused = [
        await product.ask(FEED, scopes=frozenset(scopes))
        for scopes in (IMPERSONAL, {"personal:read", "mailings:read"})
    ]

    assert len(seen) == 2
    assert all(edge["node"]["actor"].startswith("token") for edge in seen)
    assert [each["errors"][0]["extensions"]["code"] for each in refused] == ["FORBIDDEN", "FORBIDDEN"]


async def test_a_cursor_that_is_none_is_refused(product: Product) -> None:
    for cursor in ("x", encode_id("Subscriber", 5)):
        answer = await product.ask(FEED, {"after": cursor})
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@asynccontextmanager
async def real_time(product: Product, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Writers and readers by one real clock, so that no margin between clocks is needed."""
    monkeypatch.setattr(settled, "MARGIN", timedelta(0))
    monkeypatch.setattr(product.world.instance, "clock", utc_now)
    yield


async def write(work: Unit, email: str) -> None:
    await upsert_subscriber(work, Profile(email, asked=REFUSED))


async def test_nobody_is_skipped_who_commits_late(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first to begin is the last to end: the feed waits for it, then shows both in the order of their times."""
    async with real_time(product, monkeypatch):
        before = await page(product)
        async with product.world.unit() as slow:
            # In a context of its own, or it would be part of this transaction.
            await asyncio.create_task(quick(product, "quick@example.org"), context=Context())
            meanwhile = await page(product)
            await write(slow, "slow@example.org")
        afterwards = await page(product)

    assert before["edges"] == meanwhile["edges"] == []
    rows = await product.world.rows("SELECT id, address FROM subscriber")
    names = {encode_id("Subscriber", row["id"].hex): row["address"] for row in rows}
    order = [names[edge["node"]["subscriberId"]] for edge in afterwards["edges"]]
    assert order == ["slow@example.org"] * 2 + ["quick@example.org"] * 2


async def quick(product: Product, email: str) -> None:
    async with product.world.unit() as work:
        await write(work, email)


async def test_a_follower_of_many_writers_sees_every_line_once(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transactions of any length cross each other while somebody reads page after page."""
    pauses, done = cycle((0, 0.04, 0.01, 0.07, 0.02)), asyncio.Event()

    async def writer(number: int) -> None:
        for turn in range(6):
            async with product.world.unit() as work:
                await asyncio.sleep(next(pauses))
                await write(work, f"p{number}-{turn}@example.org")
                await asyncio.sleep(next(pauses))

    async def follower() -> list[str]:
        seen, after, last_round = [], None, False
        while not last_round:
            last_round = done.is_set()
            found, after = await followed(product, 3, after)
            seen += found
            await asyncio.sleep(0.01)
        return seen

    async with real_time(product, monkeypatch):
        following = asyncio.create_task(follower(), context=Context())
        await asyncio.gather(*(asyncio.create_task(writer(n), context=Context()) for n in range(4)))
        done.set()
        seen = await following

    assert len(seen) == len(set(seen)) == 4 * 6 * 2


async def test_a_file_that_pours_from_the_database_holds_up_no_feed(product: Product) -> None:
    """It writes nothing, however long it takes; any other open transaction may still write, and is waited for."""
    copying = await product.world.instance.database.own_connection("export")
    writing = await product.world.instance.database.own_connection("other")
    aged = ledger.SQL.oldest_transaction
    pouring = asyncio.create_task(
        copying.copy_from_query("SELECT pg_sleep(0.5)", output=BytesIO(), format="csv")
    )
    await asyncio.sleep(0.1)

    (before,) = await product.world.rows(aged)
    async with writing.transaction():
        await writing.fetch("SELECT 1")
        (open_one,) = await product.world.rows(aged)
    await pouring
    for each in (copying, writing):
        await each.close()

    assert before["age"] is None
    assert open_one["age"] is not None


async def test_what_reads_for_long_holds_up_no_feed(product: Product) -> None:
    """Neither a snapshot nor an anchor under way is waited for; and nobody's transaction rests for ever."""
    database, aged = product.world.instance.database, ledger.SQL.oldest_transaction

    async with database.snapshot(), database.connection() as other:
        reading = await other.fetchval(aged)
    async with database.transaction() as anchoring, database.connection() as other:
        begun = await other.fetchval(aged)
        await hold_up_no_feed(anchoring)
        anchored = await other.fetchval(aged)
        rest = await other.fetchval("SHOW idle_in_transaction_session_timeout")

    assert (reading, begun is None, anchored, rest) == (None, False, None, "5min")
