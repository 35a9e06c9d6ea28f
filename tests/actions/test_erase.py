"""An erased person leaves counts, a chain without texts and a tombstone; only they themselves come back."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import pytest

from app.actions.anchor import anchor_account
from app.actions.answers import Asked
from app.actions.erase import erase
from app.actions.lists import create_list
from app.actions.subscribers import Profile, set_permission, upsert_subscriber
from app.disclosure.decisions import tracking_decision
from app.disclosure.ledger_proof import FlawView, prove_account
from app.domain.decisions import DecisionReason
from app.domain.errors import ErasedEarlier
from app.domain.modes import TrackingMode
from app.domain.permission import PermissionChange
from tests.world import World

NO, YES = PermissionChange.NO, PermissionChange.YES
ADA, BEN = "ada@example.org", "ben@example.org"


@dataclass
class Erased:
    """Ada opened and clicked, alone and together with Ben, and was erased."""

    world: World
    ada: UUID
    mailing: int
    messages: list


@pytest.fixture
async def erased(world: World) -> Erased:
    async with world.unit() as work:
        letters = await create_list(work, "Letters")
        await upsert_subscriber(work, Profile(ADA, {"name": "Ada"}, [letters], "de"))
    ada = await world.subscriber(ADA, YES)
    await world.subscriber(BEN, YES)
    mailing = await world.mailing()
    messages = await world.send(mailing, ADA, [ADA, BEN])
    for message in messages:
        await world.open(message)
        await world.click(message)
    await world.drain()
    await anchor_account(world.instance, world.data, world.account_id)
    world.later(hours=1)
    async with world.unit() as work:
        await erase(work, ada)
    return Erased(world, ada, mailing, messages)


async def everywhere(world: World, ada: UUID) -> dict[str, int]:
    """In how many rows of each table the person's id stands."""
    tables = {
        "subscriber": "id", "membership": "subscriber_id", "delivery": "subscriber_id", "event": "subscriber_id",
        "pending_sign_up": "subscriber_id", "permission_line": "subscriber_id", "tombstone": "subscriber_id",
    }  # fmt: skip
    counts = {
        table: (await world.rows(f"SELECT count(*) FROM {table} WHERE {key} = $1", ada))[0][0]  # noqa: S608
        for table, key in tables.items()
    }
    return {table: count for table, count in counts.items() if count}


async def test_erasure_leaves_the_id_in_the_ledger_and_the_tombstone_alone(world: World, erased: Erased):
    """Subscriber, memberships, deliveries' link and events are gone, among several recipients too."""
    gathered = await world.rows("SELECT recipients FROM gathered_message")

    assert await everywhere(world, erased.ada) == {"permission_line": 4, "tombstone": 1}
    assert erased.ada not in gathered[0]["recipients"]
    assert len(gathered[0]["recipients"]) == 2


async def test_erasure_keeps_counts(world: World, erased: Erased):
    """The report says what it said before, and each delivery is somebody's that nobody knows."""
    report = await world.report(erased.mailing)
    nobodies = await world.rows("SELECT DISTINCT subscriber_id FROM delivery")

    assert (report.sent, report.opens.value, report.clicks.value, report.unique_opens.value) == (3, 2, 2, 2)
    assert len(nobodies) == 3


async def test_erasure_drops_texts_and_the_chain_still_verifies(world: World, erased: Erased):
    """No actor, no note, no salt is left; the anchor of before still holds."""
    found: list[FlawView] = []
    texts = await world.rows(
        "SELECT actor, actor_salt, note, note_salt, source FROM permission_line WHERE subscriber_id = $1 ORDER BY number",
        erased.ada,
    )

    proof = await prove_account(world.instance, world.data, world.account_id, found.append)

    assert found == []
    assert proof.warnings == []
    assert {value for row in texts for value in tuple(row)[:4]} == {None}
    assert [row["source"] for row in texts][-2:] == ["ERASURE", "ERASURE"]


async def test_erasure_cannot_be_turned_against_the_living(world: World, erased: Erased):
    """The function that drops texts touches nobody who has no tombstone."""
    (ben,) = await world.rows("SELECT id FROM subscriber WHERE address = $1", BEN)

    await world.rows("SELECT erase_ledger_texts($1)", ben["id"])

    texts = await world.rows("SELECT actor FROM permission_line WHERE subscriber_id = $1", ben["id"])
    assert [row["actor"] for row in texts] == ["token:1", "token:1"]


async def test_hits_on_old_mails_of_an_erased_person_are_recorded_nowhere(world: World, erased: Erased):
    before = await world.rows("SELECT count(*) FROM event")

    for message in erased.messages:
        await world.open(message)
        await world.click(message)
    await world.drain()

    assert await world.rows("SELECT count(*) FROM event") == before
    assert (await world.report(erased.mailing)).opens.value == 2


@pytest.mark.parametrize("answer", [YES, NO, PermissionChange.UNCHANGED])
async def test_whoever_writes_to_the_address_is_told_and_changes_nothing(
    world: World, erased: Erased, answer
):
    """Upserts by address, answers by address and by id."""
    with pytest.raises(ErasedEarlier):
        await world.subscriber(ADA, answer)
    with pytest.raises(ErasedEarlier):
        await world.answer(ADA, answer)
    with pytest.raises(ErasedEarlier):
        async with world.unit() as work:
            await set_permission(work, Asked(NO), subscriber_id=erased.ada)

    assert await everywhere(world, erased.ada) == {"permission_line": 4, "tombstone": 1}
    assert await world.rows("SELECT FROM subscriber WHERE address = $1", ADA) == []


async def test_a_message_to_an_erased_person_is_not_prepared(world: World, erased: Erased):
    """The others of the call are; the error names the place of the address."""
    prepared = await world.prepare(erased.mailing, ADA, BEN, [BEN, ADA])

    assert [message is None for message in prepared.messages] == [True, False, True]
    assert [(error.code, error.path[:2]) for error in prepared.errors] == [
        ("ERASED_EARLIER", ("recipients", 0)),
        ("ERASED_EARLIER", ("recipients", 2)),
    ]


async def test_a_decision_for_an_erased_person_is_that_of_a_no(world: World, erased: Erased):
    decision = await tracking_decision(world.reader, erased.mailing, [ADA])

    assert decision.opens.mode is TrackingMode.OFF
    assert decision.opens.trace[-1].reason is DecisionReason.SAID_NO


async def test_erasing_twice_says_so(world: World, erased: Erased):
    with pytest.raises(ErasedEarlier):
        async with world.unit() as work:
            await erase(work, erased.ada)


async def test_an_upsert_that_crosses_an_erasure_brings_nobody_back(world: World):
    """Whichever comes first: in the end the person is gone, and the other one was told or overtaken."""
    ada = await world.subscriber(ADA, YES)

    async def erasing() -> None:
        async with world.unit() as work:
            await erase(work, ada)

    outcomes = await asyncio.gather(
        erasing(), *(world.subscriber(ADA, YES) for _ in range(5)), return_exceptions=True
    )

    assert {type(each) for each in outcomes[1:]} <= {UUID, ErasedEarlier, type(ada)}
    assert outcomes[0] is None
    assert await world.rows("SELECT FROM subscriber WHERE address = $1", ADA) == []
