"""A bounce ends memberships: on the mailing's list, or on all; and coming back after one is re-subscribing."""

from uuid import UUID

from app.actions.change_email import change_subscriber_email
from app.actions.lists import create_list, leave
from app.actions.mailings import NewMailing, create_mailing
from app.actions.messages import PreparedMessage
from app.actions.record_deliveries import DeliveryEvent, DeliveryEventKind, record_deliveries
from app.actions.subscribers import Profile, upsert_subscriber
from app.disclosure.lists import memberships_of
from app.disclosure.subscribers import subscriber_by_address
from app.domain.modes import Channel, MembershipStatus
from app.domain.permission import Permission, PermissionChange, Reason
from tests.world import World

BOUNCED, SUBSCRIBED = MembershipStatus.BOUNCED, MembershipStatus.SUBSCRIBED
UNSUBSCRIBED = MembershipStatus.UNSUBSCRIBED
ADA, NEW = "ada@example.org", "ada@example.com"


async def on_lists(world: World, email: str, *names: str) -> tuple[UUID, list[int]]:
    async with world.unit() as work:
        list_ids = [await create_list(work, name) for name in names]
        return (await upsert_subscriber(work, Profile(email, lists=list_ids)))[0], list_ids


async def sent(world: World, email: str, list_id: int | None = None) -> PreparedMessage:
    async with world.unit() as work:
        mailing_id = await create_mailing(work, NewMailing("Spring", Channel.CAMPAIGN, list_id=list_id))
    (mail,) = await world.send(mailing_id, email)
    world.later(minutes=1)
    return mail


async def bounce(world: World, mail: PreparedMessage) -> None:
    async with world.unit() as work:
        event = DeliveryEvent(mail.deliveries[0], DeliveryEventKind.BOUNCED)
        assert await record_deliveries(work, [event]) == []


async def places(world: World, subscriber_id: UUID) -> dict[str, MembershipStatus]:
    found = (await memberships_of(world.reader, [subscriber_id]))[subscriber_id]
    return {place.list.name: place.status for place in found}


async def test_a_bounce_ends_the_membership_of_the_mailings_list(world: World) -> None:
    """Other lists may still reach the person: their own mails will tell."""
    ada, (news, _) = await on_lists(world, ADA, "News", "Offers")

    await bounce(world, await sent(world, ADA, news))

    assert await places(world, ada) == {"News": BOUNCED, "Offers": SUBSCRIBED}


async def test_a_bounce_of_a_mailing_without_a_list_ends_all_memberships(world: World) -> None:
    """As unsubscribing from it would leave all lists. A place that was left already stays left."""
    ada, (_, offers) = await on_lists(world, ADA, "News", "Offers")
    async with world.unit() as work:
        await leave(work, ada, offers)

    await bounce(world, await sent(world, ADA))

    assert await places(world, ada) == {"News": BOUNCED, "Offers": UNSUBSCRIBED}


async def test_the_same_bounce_again_ends_nothing(world: World) -> None:
    """Who was put on the list again since is not taken off by an old report."""
    ada, (news,) = await on_lists(world, ADA, "News")
    mail = await sent(world, ADA, news)
    await bounce(world, mail)
    async with world.unit() as work:
        await upsert_subscriber(work, Profile(ADA, lists=[news]))

    await bounce(world, mail)

    assert await places(world, ada) == {"News": SUBSCRIBED}


async def test_coming_back_after_a_bounce_lets_a_yes_lapse(world: World) -> None:
    """A place that bounced is no place: whoever has no other comes back anew."""
    _, (news,) = await on_lists(world, ADA, "News")
    await world.answer(ADA, PermissionChange.YES)
    await bounce(world, await sent(world, ADA, news))

    async with world.unit() as work:
        await upsert_subscriber(work, Profile(ADA, lists=[news]))

    view = await subscriber_by_address(world.reader, ADA)
    assert (view.opens.value, view.opens.reason) == (Permission.UNKNOWN, Reason.LAPSED)


async def test_a_bounce_of_the_old_address_ends_nothing_at_the_new_one(world: World) -> None:
    """The mailbox that bounced is not theirs any more."""
    ada, (news,) = await on_lists(world, ADA, "News")
    mail = await sent(world, ADA, news)
    async with world.unit() as work:
        await change_subscriber_email(work, ada, NEW)

    await bounce(world, mail)

    assert await places(world, ada) == {"News": SUBSCRIBED}


async def test_a_bounce_reported_under_a_former_id_ends_nothing(world: World) -> None:
    """The delivery is recorded as bounced; the merged subscriber reads mail elsewhere."""
    old, (news,) = await on_lists(world, ADA, "News")
    mail = await sent(world, ADA, news)
    new = await world.subscriber(NEW)
    async with world.unit() as work:
        await change_subscriber_email(work, old, NEW)

    await bounce(world, mail)

    assert await places(world, new) == {"News": SUBSCRIBED}
    (row,) = await world.rows("SELECT bounced_at FROM delivery")
    assert row["bounced_at"] == world.now[0]
