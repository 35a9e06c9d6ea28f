"""Several connections at once: merges that cross, answers and bulk answers in between. One result, whole chains."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any
from uuid import UUID

import pytest

from app.actions import answers, people
from app.actions.answers import Asked
from app.actions.change_email import change_subscriber_email
from app.actions.people import address_of
from app.actions.preferences import answer, persons_unit, stop_tracking
from app.actions.subscribers import set_permission
from app.disclosure.subscribers import subscribers_by_id
from app.domain.errors import Conflict
from app.domain.ledger import verify_chain
from app.domain.modes import Axis
from app.domain.permission import Evidence, Permission, PermissionChange, PermissionSource
from app.domain.presets import Preset
from app.storage import ledger
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO
ROUNDS = range(8)


async def change(world: World, subscriber_id: UUID, email: str) -> UUID:
    async with world.unit() as work:
        return await change_subscriber_email(work, subscriber_id, email)


async def person_says(world: World, subscriber_id: UUID, value: Permission) -> None:
    async with persons_unit(world.instance, subscriber_id) as work:
        await answer(work, subscriber_id, dict.fromkeys(Axis, value))


async def bulk(world: World, *emails: str) -> None:
    """What an import does: many addresses in one transaction, a yes for each where the rules let it be one."""
    asked = Asked(YES, evidence=Evidence(PermissionSource.IMPORT, world.now[0]))
    async with world.unit() as work:
        rows = await people.found_or_made(work, [address_of(email) for email in emails])
        for row in rows.values():
            await answers.apply(work, row, asked, PermissionSource.IMPORT)


async def while_held(
    world: World,
    subscriber_id: UUID,
    held: Callable[..., Awaitable[object]],
    second: Coroutine[Any, Any, object],
) -> object:
    """Runs `second` against a transaction that holds the subscriber, does `held` there, and commits."""
    async with persons_unit(world.instance, subscriber_id) as work:
        await people.locked(work, subscriber_id)
        # In a context of its own, or it would be part of this transaction.
        started = asyncio.get_running_loop().create_task(second, context=Context())
        await world.somebody_waits()
        await held(work)
    return await started


async def every_chain_is_whole(world: World) -> None:
    """Those of subscribers against their heads, those that closed against what was kept of them."""
    heads = await world.rows(
        "SELECT id, ledger_length, ledger_head FROM subscriber "
        "UNION ALL SELECT id, ledger_length, ledger_head FROM former_subscriber"
    )
    chains = {row["subscriber_id"] for row in await world.rows("SELECT subscriber_id FROM permission_line")}
    assert chains <= {row["id"] for row in heads}
    key = world.instance.account_keys[world.account_id].ledger
    async with world.instance.database.connection() as connection:
        for row in heads:
            lines = await ledger.page(connection, world.account_id, row["id"], after=0, limit=1000)
            assert [each.line.number for each in lines] == list(range(1, row["ledger_length"] + 1))
            assert verify_chain(lines, key, row["ledger_head"] or None, row["ledger_length"]) == []


@pytest.mark.parametrize("_", ROUNDS)
async def test_c10_two_merges_that_cross_end_in_one_subscriber(world: World, _: int) -> None:
    """A goes to B's address while B goes to A's: there is one person, at one of the addresses, and the no stands."""
    a, b = await world.subscriber("a@example.org", YES), await world.subscriber("b@example.org", NO)

    one, other = await asyncio.gather(change(world, a, "b@example.org"), change(world, b, "a@example.org"))

    rows = await world.rows("SELECT id, address, opens_value FROM subscriber")
    assert [(row["id"], row["opens_value"]) for row in rows] == [(one, "NO")]
    assert one == other
    await every_chain_is_whole(world)


@pytest.mark.parametrize("_", ROUNDS)
async def test_a_ring_of_changes_loses_nobody(world: World, _: int) -> None:
    """Three go round at once: whoever comes first, each finds themselves again, with their no."""
    names = [f"{name}@example.org" for name in "abc"]
    ids = [await world.subscriber(email, NO) for email in names]

    became = await asyncio.gather(*(change(world, ids[n], names[(n + 1) % 3]) for n in range(3)))

    found = await subscribers_by_id(world.reader, [*ids, *became])
    assert set(found) == {*ids, *became}
    assert {view.opens.value for view in found.values()} == {Permission.NO}
    assert len(await world.rows("SELECT 1 FROM subscriber")) == len({view.id for view in found.values()})
    await every_chain_is_whole(world)


@pytest.mark.parametrize("_", ROUNDS)
async def test_two_who_take_the_same_free_address_merge_there(world: World, _: int) -> None:
    """One gets it, the other finds somebody there."""
    a, b = await world.subscriber("a@example.org", YES), await world.subscriber("b@example.org", NO)

    await asyncio.gather(change(world, a, "free@example.org"), change(world, b, "free@example.org"))

    rows = await world.rows("SELECT address, opens_value FROM subscriber")
    assert [(row["address"], row["opens_value"]) for row in rows] == [("free@example.org", "NO")]
    await every_chain_is_whole(world)


@pytest.mark.parametrize("_", ROUNDS)
async def test_a_free_address_goes_to_a_new_subscriber_or_to_who_changes(world: World, _: int) -> None:
    """Never to two: who is made there first is merged with, and who takes it first is found there."""
    a = await world.subscriber("a@example.org", NO)

    await asyncio.gather(change(world, a, "free@example.org"), bulk(world, "free@example.org"))

    rows = await world.rows("SELECT address, opens_value FROM subscriber")
    assert [(row["address"], row["opens_value"]) for row in rows] == [("free@example.org", "NO")]
    await every_chain_is_whole(world)


async def test_an_answer_that_waits_for_a_merge_counts_for_the_merged_subscriber(world: World) -> None:
    """The person says no by an old link while the merge is under way: the no stands."""
    a, b = await world.subscriber("a@example.org", YES), await world.subscriber("b@example.org", YES)

    async def merging(work) -> None:
        await change_subscriber_email(work, a, "b@example.org")

    await while_held(world, a, merging, person_says(world, a, Permission.NO))

    (row,) = await world.rows("SELECT id, opens_value, opens_by_person FROM subscriber")
    assert tuple(row) == (b, "NO", True)
    await every_chain_is_whole(world)


async def test_a_merge_that_waits_for_an_answer_merges_that_answer(world: World) -> None:
    """The no came first, so the merge brings it along."""
    a, b = await world.subscriber("a@example.org", YES), await world.subscriber("b@example.org", YES)

    async def answering(work) -> None:
        await stop_tracking(work, a)

    assert await while_held(world, a, answering, change(world, a, "b@example.org")) == b

    (row,) = await world.rows("SELECT id, opens_value, opens_by_person FROM subscriber")
    assert tuple(row) == (b, "NO", True)
    await every_chain_is_whole(world)


async def test_an_import_that_waits_for_the_persons_no_does_not_lift_it(world: World) -> None:
    """The import decides by what stands when it is its turn."""
    emails = [f"{name}@example.org" for name in "dcba"]
    a = await world.subscriber("a@example.org")

    async def answering(work) -> None:
        await stop_tracking(work, a)

    await while_held(world, a, answering, bulk(world, *emails))

    rows = await world.rows("SELECT address, opens_value FROM subscriber ORDER BY address")
    assert [row["opens_value"] for row in rows] == ["NO", "YES", "YES", "YES"]
    await every_chain_is_whole(world)


async def test_an_import_that_waits_for_a_merge_makes_who_is_new_at_the_address_left(world: World) -> None:
    """It meets the no that stayed there, and the person at the new address keeps theirs."""
    a = await world.subscriber("a@example.org", NO)

    async def leaving(work) -> None:
        await change_subscriber_email(work, a, "new@example.org")

    world.later(hours=-1)
    await while_held(world, a, leaving, bulk(world, "a@example.org", "b@example.org"))

    rows = await world.rows("SELECT id, address, opens_value FROM subscriber ORDER BY address")
    assert [(row["address"], row["opens_value"]) for row in rows] == [
        ("a@example.org", "NO"),
        ("b@example.org", "YES"),
        ("new@example.org", "NO"),
    ]
    assert rows[2]["id"] == a
    await every_chain_is_whole(world)


async def test_a_hit_that_is_drained_during_a_merge_finds_where_the_delivery_went(world: World) -> None:
    """The drain waits for the rows that are moving, and then looks where they are."""
    await world.preset(Preset.CAMPAIGN_MONITOR)
    a, b = await world.subscriber("a@example.org"), await world.subscriber("b@example.org")
    (mail,) = await world.send(await world.mailing(), "a@example.org")
    await world.open(mail)

    async with world.unit() as work:
        await change_subscriber_email(work, a, "b@example.org")
        started = asyncio.get_running_loop().create_task(world.drain(), context=Context())
        await world.somebody_waits()
    assert await started == 1

    rows = await world.rows(
        "SELECT e.subscriber_id, d.opens FROM event e JOIN delivery d USING (subscriber_id)"
    )
    assert [tuple(row) for row in rows] == [(b, 1)]


async def test_many_at_once_leave_nothing_halfway(world: World) -> None:
    """Merges, answers and imports over the same five people; whoever is told CONFLICT has changed nothing."""
    emails = [f"{name}@example.org" for name in "abcde"]
    ids = [await world.subscriber(email) for email in emails]

    async def says_by_api(email: str) -> None:
        async with world.unit() as work:
            await set_permission(work, Asked(NO), email=email)

    done = await asyncio.gather(
        *(change(world, ids[n], emails[(n + 2) % 5]) for n in range(3)),
        *(person_says(world, each, Permission.NO) for each in ids),
        *(bulk(world, *emails[::step]) for step in (1, -1)),
        says_by_api(emails[4]),
        return_exceptions=True,
    )

    assert {type(each) for each in done if isinstance(each, BaseException)} <= {Conflict}
    here = await world.rows("SELECT id, opens_value, opens_by_person FROM subscriber")
    became = {row["id"]: row["subscriber_id"] for row in await world.rows("SELECT * FROM former_subscriber")}
    refused = {row["id"] for row in here if row["opens_value"] == "NO" and row["opens_by_person"]}
    assert {became.get(each, each) for each in ids} <= refused
    await every_chain_is_whole(world)
