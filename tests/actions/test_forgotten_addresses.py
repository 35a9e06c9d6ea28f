"""Kept addresses go: after 30 days, with their events, and when their account keeps none any more (§6, §8)."""

import asyncio
from uuid import uuid4

import asyncpg

from app.actions.accounts import apply_preset
from app.actions.change_email import change_subscriber_email
from app.actions.erase import erase
from app.actions.kept_addresses import CHORE
from app.actions.purge import purge_all
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.settings import Withdrawal
from tests.postgres_server import TemporaryDatabase
from tests.whereabouts import ADA, BERLIN, OSLO, Watched, seen_from

YES, NO = PermissionChange.YES, PermissionChange.NO


async def test_addresses_go_after_thirty_days(edge: Watched, database: TemporaryDatabase) -> None:
    """`assent purge` and the daily chore delete them; the events stay."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    edge.world.later(days=1)
    await edge.world.open(message, **seen_from(OSLO))
    await edge.world.drain()

    edge.world.later(days=29)
    purged = await purge_all(edge.world.instance, database.owner_dsn)
    at_thirty = await edge.kept()
    edge.world.later(seconds=1)
    later = await purge_all(edge.world.instance, database.owner_dsn)

    assert (purged.addresses, at_thirty) == (0, [BERLIN, OSLO])
    assert (later.addresses, await edge.kept()) == (1, [OSLO])
    assert len(await edge.world.rows("SELECT 1 FROM event")) == 2


async def test_a_hit_that_is_written_after_thirty_days_keeps_none(edge: Watched) -> None:
    """The journal waited for so long; the address is not kept for one day more."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))

    edge.world.later(days=31)
    await edge.world.drain()

    assert len(await edge.world.rows("SELECT 1 FROM event")) == 1
    assert await edge.kept() == []


async def test_addresses_go_with_their_events(edge: Watched, database: TemporaryDatabase) -> None:
    """An account that keeps events for a week keeps no address for longer."""
    await edge.world.settings(retention_days={"events": 7})
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    edge.world.later(days=8)
    await purge_all(edge.world.instance, database.owner_dsn)

    assert await edge.kept() == []
    assert await edge.world.rows("SELECT 1 FROM event") == []


async def test_an_account_that_stops_keeping_forgets_what_it_has(
    edge: Watched, database: TemporaryDatabase
) -> None:
    """The change asks for a chore in its own transaction, which deletes all of this account and nothing of others."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()
    (account,) = await edge.world.rows(
        "INSERT INTO account (id, name, created_at, identity_key, ledger_key, keep_ip) "
        "SELECT id + 1, name, created_at, identity_key, ledger_key, true FROM account RETURNING id"
    )
    await edge.world.rows(
        "INSERT INTO kept_address SELECT subscriber_id, occurred_at, $2, $1, delivery_id, '192.0.2.1' FROM kept_address",
        account["id"],
        uuid4(),
    )

    await edge.stop_keeping()
    await edge.swept(database)

    assert await edge.kept() == ["192.0.2.1"]
    assert len(await edge.world.rows("SELECT 1 FROM event")) == 1


async def test_an_account_that_keeps_again_finds_nothing_of_before(edge: Watched) -> None:
    """Switched off and on again before the chore has come to it: what was to be deleted is never shown again."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()
    assert await edge.kept() == [BERLIN]

    await edge.stop_keeping()
    await edge.keep_addresses()

    assert await edge.kept() == []
    assert len(await edge.world.rows("SELECT 1 FROM event")) == 1


async def test_a_preset_stops_keeping_too(edge: Watched) -> None:
    """No preset keeps addresses, so applying one ends it, and the word that workers ask for says so."""
    await edge.keep_addresses()

    async with edge.world.unit() as unit:
        await apply_preset(unit, Preset.STRICT)

    rows = await edge.world.rows("SELECT keep_ip FROM account")
    assert [row["keep_ip"] for row in rows] == [False]
    assert len(await edge.world.rows("SELECT 1 FROM job WHERE kind = $1", CHORE)) == 1


async def test_the_drain_holds_the_word_until_its_events_are_written(
    edge: Watched, database: TemporaryDatabase
) -> None:
    """Who stops keeping waits for a batch under way, so that no address comes in behind the deletion."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    other = await asyncpg.connect(database.app_dsn)
    in_the_way = other.transaction()
    await in_the_way.start()
    # The drain has asked for the word, and waits here with it until this transaction ends.
    await other.execute("LOCK TABLE kept_address IN EXCLUSIVE MODE")

    draining = asyncio.create_task(edge.world.drain())
    await edge.world.somebody_waits()
    stopping = asyncio.create_task(edge.world.settings(keep_ip=False))
    await asyncio.sleep(0.3)
    stopped_before = stopping.done()
    await in_the_way.rollback()
    await draining
    await stopping
    await other.close()
    await edge.swept(database)

    assert not stopped_before
    assert await edge.kept() == []
    assert len(await edge.world.rows("SELECT 1 FROM event")) == 1


async def test_severing_removes_the_address(edge: Watched) -> None:
    """SEVER deletes events, and with them where they came from."""
    await edge.world.settings(withdrawal=Withdrawal.SEVER)
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()
    edge.world.later(minutes=1)

    await edge.world.answer(ADA, NO)

    assert await edge.kept() == []


async def test_erasure_removes_the_address(edge: Watched) -> None:
    """Nothing of an erased person stays, their addresses least of all."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()
    (person,) = await edge.world.rows("SELECT id FROM subscriber")

    async with edge.world.unit() as unit:
        await erase(unit, person["id"])

    assert await edge.kept() == []


async def test_a_merge_takes_addresses_and_countries_along(mapped: Watched) -> None:
    """What is one person's lies under one id, so that it is found, and goes, with the person."""
    await mapped.keep_addresses()
    message = await mapped.mail_to_ada()
    other = await mapped.world.subscriber("ada@example.com", YES)
    await mapped.world.open(message, **seen_from(BERLIN))
    await mapped.world.drain()
    (person,) = await mapped.world.rows("SELECT id FROM subscriber WHERE address = $1", ADA)

    async with mapped.world.unit() as unit:
        await change_subscriber_email(unit, person["id"], "ada@example.com")

    rows = await mapped.world.rows("SELECT subscriber_id, host(ip) AS ip FROM kept_address")
    assert [tuple(row) for row in rows] == [(other, BERLIN)]
    assert await mapped.countries() == ["DE"]
