"""A YES has a lifetime, counted from when the person gave it; whoever decides knows, and the ledger is told later."""

from app.actions.answers import Asked
from app.actions.expiry import write_expiries
from app.actions.subscribers import Profile, set_permission, upsert_subscriber
from app.disclosure.decisions import tracking_decision
from app.disclosure.subscribers import subscriber_by_address
from app.domain.modes import TrackingMode
from app.domain.permission import Evidence, Permission, PermissionChange, PermissionSource, Reason
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO
ADA = "ada@example.org"


async def lines(world: World) -> list[tuple[str, str, str]]:
    rows = await world.rows(
        "SELECT axis, source, to_value FROM permission_line ORDER BY subscriber_id, number"
    )
    return [tuple(row) for row in rows]


async def test_an_expired_yes_decides_nothing_before_its_line_is_written(world: World) -> None:
    """Deciding computes it; the line comes with the next purge, and changes nothing that is read."""
    await world.settings(permission_lifetime_days=30)
    await world.subscriber(ADA, YES)
    mailing = await world.mailing()
    world.later(days=30)

    before = await subscriber_by_address(world.reader, ADA)
    decided = await tracking_decision(world.reader, mailing, [ADA])
    written = await write_expiries(world.instance, world.account_id)
    after = await subscriber_by_address(world.reader, ADA)

    assert (before.opens.value, before.opens.reason) == (Permission.UNKNOWN, Reason.LAPSED)
    assert decided.opens.mode is TrackingMode.OFF
    assert written == 2
    assert (after.opens.value, after.opens.reason, after.opens.source) == (
        Permission.UNKNOWN,
        Reason.LAPSED,
        PermissionSource.EXPIRY,
    )
    assert (await lines(world))[2:] == [("OPENS", "EXPIRY", "UNKNOWN"), ("CLICKS", "EXPIRY", "UNKNOWN")]


async def test_expiry_counts_from_the_persons_time_of_the_last_yes(world: World) -> None:
    """Given 20 days before it was written: 10 days are left. A yes again starts anew, on its axis."""
    await world.settings(permission_lifetime_days=30)
    await world.subscriber(ADA)
    given = Evidence(PermissionSource.FORM, world.now[0])
    world.later(days=20)
    async with world.unit() as work:
        await set_permission(work, Asked(YES, evidence=given), email=ADA)
    again = Evidence(PermissionSource.FORM, world.now[0])
    async with world.unit() as work:
        await set_permission(work, Asked(opens=YES, evidence=again), email=ADA)

    world.later(days=10)
    assert await write_expiries(world.instance, world.account_id) == 1

    view = await subscriber_by_address(world.reader, ADA)
    assert (view.opens.value, view.clicks.value) == (Permission.YES, Permission.UNKNOWN)
    assert (await lines(world))[-1] == ("CLICKS", "EXPIRY", "UNKNOWN")


async def test_only_what_is_over_is_written_and_only_once(world: World) -> None:
    """A no, a fresh yes and silence stay; a second run finds nothing."""
    await world.settings(permission_lifetime_days=30)
    for number in range(3):
        await world.subscriber(f"old{number}@example.org", YES)
    await world.subscriber("no@example.org", NO)
    await world.subscriber("never@example.org")
    world.later(days=31)
    await world.subscriber("fresh@example.org", YES)

    assert await write_expiries(world.instance, world.account_id) == 6
    assert await write_expiries(world.instance, world.account_id) == 0

    rows = await world.rows(
        "SELECT address, opens_value FROM subscriber WHERE address !~ '^old' ORDER BY address"
    )
    assert [row["opens_value"] for row in rows] == ["YES", "UNKNOWN", "NO"]


async def test_without_a_lifetime_nothing_expires(world: World) -> None:
    await world.subscriber(ADA, YES)
    world.later(days=10_000)

    assert await write_expiries(world.instance, world.account_id) == 0
    assert len(await lines(world)) == 2


async def test_more_people_than_one_batch_are_written_in_several(world: World) -> None:
    """Each batch is a transaction; together they reach everybody once."""
    await world.settings(permission_lifetime_days=1)
    asked = Asked(YES, evidence=Evidence(PermissionSource.API, world.now[0]))
    async with world.unit() as work:
        for number in range(501):
            await upsert_subscriber(work, Profile(f"p{number}@example.org", asked=asked))
    world.later(days=2)

    assert await write_expiries(world.instance, world.account_id) == 1002
    assert await world.rows("SELECT 1 FROM subscriber WHERE opens_value <> 'UNKNOWN'") == []
