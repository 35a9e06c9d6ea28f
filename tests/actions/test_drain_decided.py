"""Hits of one batch that look alike are decided once; what tells them apart keeps them apart."""

from app.domain.permission import PermissionChange
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO


async def opened(world: World) -> list[str]:
    """Whose opens were recorded."""
    rows = await world.rows(
        "SELECT s.address FROM event e JOIN subscriber s ON s.id = e.subscriber_id ORDER BY s.address"
    )
    return [row["address"].partition("@")[0] for row in rows]


async def test_a_yes_that_ran_out_is_told_from_a_fresh_one_in_the_same_batch(world: World) -> None:
    """Both said yes and both were sent the mail in time; one answer is older than the account's thirty days."""
    await world.settings(permission_lifetime_days=30)
    await world.subscriber("ada@example.org", YES)
    world.later(days=20)
    await world.subscriber("bea@example.org", YES)
    mailing = await world.mailing()
    messages = await world.send(mailing, "ada@example.org", "bea@example.org")

    world.later(days=15)
    for message in messages:
        await world.open(message)
    await world.drain()

    assert await opened(world) == ["bea"]


async def test_each_answer_counts_for_its_own_person_in_the_same_batch(world: World) -> None:
    """One said no meanwhile, one said no before the hit and yes after it, one nothing new, and one carries Sec-GPC."""
    people = [f"{name}@example.org" for name in ("ada", "bea", "cid", "dan")]
    for email in people:
        await world.subscriber(email, YES)
    mailing = await world.mailing()
    ada, bea, cid, dan = await world.send(mailing, *people)
    world.later(minutes=1)
    await world.answer("bea@example.org", NO)

    world.later(minutes=1)
    for message in (ada, bea, cid):
        await world.open(message)
    await world.open(dan, **{"Sec-GPC": "1"})
    world.later(minutes=1)
    await world.answer("bea@example.org", YES)
    await world.answer("cid@example.org", NO)
    await world.drain()

    assert await opened(world) == ["ada"]
    assert (await world.report(mailing)).opens.value == 1
