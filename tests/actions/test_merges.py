"""What a merge keeps of both: the evidence of the answer, profile, audiences, deliveries."""

from uuid import UUID

from app.actions.answers import Asked
from app.actions.change_email import change_subscriber_email
from app.actions.subscribers import Profile, set_permission, upsert_subscriber
from app.actions.wordings import Shown, create_wording
from app.disclosure.subscribers import subscriber_by_address
from app.domain.forms import Purpose
from app.domain.permission import Evidence, Permission, PermissionChange, PermissionSource
from app.domain.presets import Preset
from app.storage import recent_clicks
from app.storage.copying import microseconds
from app.storage.recent_clicks import RecentClick
from tests.world import World

OLD, NEW = "ada@example.org", "ada@example.com"


async def change(world: World, subscriber_id: UUID, email: str) -> UUID:
    async with world.unit() as work:
        return await change_subscriber_email(work, subscriber_id, email)


async def test_a_merge_keeps_source_and_wording_of_the_answer(world: World) -> None:
    """What decides later still knows where a yes came from, and which purposes it covers."""
    old = await world.subscriber(OLD)
    new = await world.subscriber(NEW)
    given = Evidence(PermissionSource.FORM, world.now[0])
    async with world.unit() as work:
        wording = await create_wording(work, Shown("en", "May we measure?", [Purpose.MEASURE]))
        asked = Asked(PermissionChange.YES, evidence=given, wording_id=wording)
        await set_permission(work, asked, subscriber_id=old)
    world.later(days=1)

    await change(world, old, NEW)

    view = await subscriber_by_address(world.reader, NEW)
    assert (view.opens.value, view.opens.source, view.opens.person_time) == (
        Permission.YES,
        PermissionSource.FORM,
        given.at,
    )
    lines = await world.rows("SELECT source, wording_id FROM permission_line WHERE subscriber_id = $1", new)
    assert [tuple(line) for line in lines] == [("MERGE", wording)] * 2


async def test_the_existing_profile_stands_and_the_other_fills_in_what_it_lacks(world: World) -> None:
    async with world.unit() as work:
        attributes = {"name": "Ada L.", "city": "Bern"}
        old, _ = await upsert_subscriber(work, Profile(OLD, attributes=attributes, locale="de"))
        await upsert_subscriber(work, Profile(NEW, attributes={"name": "Ada"}))

    await change(world, old, NEW)

    (row,) = await world.rows("SELECT attributes, locale FROM subscriber")
    assert (row["attributes"], row["locale"]) == ({"name": "Ada", "city": "Bern"}, "de")


async def test_who_was_in_an_anonymous_audience_twice_is_counted_once(world: World) -> None:
    """An audience is of distinct people, so two addresses that turn out to be one person are one."""
    await world.preset(Preset.INXMAIL)
    old, _ = await world.subscriber(OLD), await world.subscriber(NEW)
    mailing = await world.mailing()
    await world.send(mailing, OLD, NEW, "bob@example.org")

    await change(world, old, NEW)

    audience = "SELECT sum(audience_opens) AS opens, sum(audience_clicks) AS clicks FROM delivery_rollup"
    (row,) = await world.rows(audience)
    links = await world.rows("SELECT DISTINCT audience FROM link_rollup")
    assert (row["opens"], row["clicks"], [each["audience"] for each in links]) == (2, 2, [2])


async def test_the_clicks_of_the_last_minutes_go_with_the_old_id(world: World) -> None:
    """They are remembered by an id that nobody has any more, so no later erasure would find them."""
    await world.preset(Preset.CAMPAIGN_MONITOR)
    old, new = await world.subscriber(OLD), await world.subscriber(NEW)
    async with world.unit() as work:
        at = microseconds(world.now[0])
        clicks = [RecentClick(each.bytes, 1, bytes(16), at, 1, 7) for each in (old, new)]
        await recent_clicks.remember(work.connection, clicks)

    await change(world, old, NEW)

    assert [row["subscriber_id"] for row in await world.rows("SELECT subscriber_id FROM recent_click")] == [
        new
    ]


async def test_of_a_mail_to_both_one_delivery_stays(world: World) -> None:
    """To and Cc of one message merge: it was one mail to one person, and its hits still belong to the message."""
    await world.preset(Preset.CAMPAIGN_MONITOR)
    old, new = await world.subscriber(OLD), await world.subscriber(NEW)
    (mail,) = await world.send(await world.mailing(), [OLD, NEW])

    await change(world, old, NEW)
    await world.open(mail)
    await world.drain()

    rows = await world.rows("SELECT subscriber_id FROM delivery")
    assert [row["subscriber_id"] for row in rows] == [new]
    rows = await world.rows("SELECT g.opens FROM event e JOIN gathered_message g USING (subscriber_id)")
    assert [row["opens"] for row in rows] == [1]
