"""Addresses change: who keeps what, where answers and memberships go, and that old mails still find the person."""

from uuid import UUID

from app.actions.change_email import change_subscriber_email
from app.actions.lists import create_list, leave
from app.actions.preferences import answer, persons_unit, stop_tracking
from app.actions.preferences_link import ask_for_links
from app.actions.subscribers import Profile, upsert_subscriber
from app.disclosure.deliveries import deliveries_of_subscribers
from app.disclosure.lists import memberships_of
from app.disclosure.preferences import preferences
from app.disclosure.subscribers import overviews, subscriber_by_address, subscribers_by_id
from app.domain.addresses import normalise
from app.domain.ledger import verify_chain
from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import Permission, PermissionChange, Reason
from app.domain.presets import Preset
from app.storage import identities, ledger
from tests.letters import mail_all
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO
OLD, NEW = "ada@example.org", "ada@example.com"


async def change(world: World, subscriber_id: UUID, email: str, *list_ids: int) -> UUID:
    async with world.unit() as work:
        return await change_subscriber_email(work, subscriber_id, email, list_ids or None)


async def lists(world: World, *names: str) -> list[int]:
    async with world.unit() as work:
        return [await create_list(work, name) for name in names]


async def on_lists(world: World, email: str, *list_ids: int) -> UUID:
    async with world.unit() as work:
        return (await upsert_subscriber(work, Profile(email, lists=list_ids)))[0]


async def places(world: World, subscriber_id: UUID) -> dict[str, MembershipStatus]:
    found = (await memberships_of(world.reader, [subscriber_id]))[subscriber_id]
    return {place.list.name: place.status for place in found}


async def stands(world: World, email: str) -> Permission | None:
    view = await subscriber_by_address(world.reader, email)
    return None if view is None else view.opens.value


async def chain_is_whole(world: World, subscriber_id: UUID, length: int, head: bytes) -> bool:
    async with world.instance.database.connection() as connection:
        lines = await ledger.page(connection, world.account_id, subscriber_id, after=0, limit=100)
    key = world.instance.account_keys[world.account_id].ledger
    return verify_chain(lines, key, head or None, length) == []


async def test_c2_the_answer_goes_along_with_the_person(world: World) -> None:
    """After a change of address the old answer stands at the new address, and nobody is at the old one."""
    ada = await world.subscriber(OLD, YES)

    changed = await change(world, ada, NEW)

    assert changed == ada
    assert await stands(world, NEW) is Permission.YES
    assert await stands(world, OLD) is None


async def test_c10_mails_sent_before_a_merge_still_find_the_person(world: World) -> None:
    """Pixel, link and preferences page of the old mail are the merged subscriber's; the page counts both mails."""
    await world.preset(Preset.CAMPAIGN_MONITOR)
    old, new = await world.subscriber(OLD), await world.subscriber(NEW)
    mailing = await world.mailing()
    (mail,) = await world.send(mailing, OLD)
    await world.open(mail)
    await world.drain()
    world.later(minutes=1)
    await world.send(mailing, NEW)

    await change(world, old, NEW)
    await world.open(mail)
    await world.click(mail)
    assert await world.drain() == 2

    async with world.instance.database.connection() as connection:
        assert await identities.current(connection, [old, new]) == {old: new, new: new}
    overview = (await overviews(world.reader, [new]))[new]
    assert [overview.sent.value, overview.opens.value, overview.clicks.value] == [2, 2, 1]
    pages = await deliveries_of_subscribers(world.reader, [new], key=None, backward=False, limit=9)
    assert [view.opens.value for view in pages[new]] == [0, 2]
    assert {row["subscriber_id"] for row in await world.rows("SELECT subscriber_id FROM event")} == {new}
    page = await preferences(world.instance, old)
    assert page.address == (await preferences(world.instance, new)).address
    assert (await world.report(mailing)).sent == 2


async def test_c4_a_no_of_either_drops_the_hits_of_both_ones_mails(world: World) -> None:
    """Who merges into somebody who said no has said no, for mails already sent too."""
    await world.preset(Preset.CAMPAIGN_MONITOR)
    old = await world.subscriber(OLD)
    await world.subscriber(NEW, NO)
    mailing = await world.mailing()
    (mail,) = await world.send(mailing, OLD)

    await change(world, old, NEW)
    await world.open(mail)
    await world.drain()

    assert await world.rows("SELECT 1 FROM event") == []


async def test_a_hit_before_the_merge_is_decided_by_what_stood_for_its_mail(world: World) -> None:
    """The old identity said no at the hit; that its refusal was of the API and lifted since changes nothing."""
    await world.preset(Preset.CAMPAIGN_MONITOR)
    old = await world.subscriber(OLD)
    await world.subscriber(NEW)
    (mail,) = await world.send(await world.mailing(), OLD)
    await world.answer(OLD, NO)
    world.later(minutes=1)
    await world.open(mail)
    world.later(minutes=1)
    await world.answer(OLD, YES)
    world.later(minutes=1)

    await change(world, old, NEW)
    await world.drain()

    assert await stands(world, NEW) is Permission.YES
    assert await world.rows("SELECT 1 FROM event") == []


async def test_x6_both_chains_are_whole_after_a_merge(world: World) -> None:
    """The closed chain's head and length are kept with the former id, so that its end can be proven."""
    old, new = await world.subscriber(OLD, NO), await world.subscriber(NEW, YES)
    world.later(minutes=1)

    await change(world, old, NEW)

    (former,) = await world.rows("SELECT * FROM former_subscriber")
    (row,) = await world.rows("SELECT ledger_length, ledger_head FROM subscriber")
    assert (former["id"], former["subscriber_id"], former["ledger_length"], row["ledger_length"]) == (
        *(old, new),
        *(4, 4),
    )
    assert await chain_is_whole(world, old, former["ledger_length"], former["ledger_head"])
    assert await chain_is_whole(world, new, row["ledger_length"], row["ledger_head"])


async def test_former_ids_follow_through_several_merges(world: World) -> None:
    """One into two, two into three: each former id finds the third."""
    one, two, three = [await world.subscriber(f"{name}@example.org") for name in ("one", "two", "three")]

    await change(world, one, "two@example.org")
    await change(world, two, "three@example.org")

    found = await subscribers_by_id(world.reader, [one, two, three])
    assert {view.id for view in found.values()} == {three}
    assert len(found) == 3


async def test_a_no_of_the_person_stays_theirs_on_the_address_left_behind(world: World) -> None:
    """The person lifts it at the new address; at the old one no caller of the API ever does."""
    ada = await world.subscriber(OLD)
    async with persons_unit(world.instance, ada) as work:
        await stop_tracking(work, ada)
    await change(world, ada, NEW)
    async with persons_unit(world.instance, ada) as work:
        await answer(work, ada, dict.fromkeys(Axis, Permission.YES))
    world.later(days=1)

    await world.subscriber(OLD)

    assert await stands(world, NEW) is Permission.YES
    view = await subscriber_by_address(world.reader, OLD)
    assert (view.opens.value, view.opens.by_person, view.opens.reason) == (Permission.NO, True, Reason.DENIED)
    (line, _) = await world.rows(
        "SELECT source, by_person FROM permission_line WHERE subscriber_id = $1", view.id
    )
    assert tuple(line) == ("MERGE", True)
    assert await world.rows("SELECT 1 FROM address_refusal") == []


async def test_who_comes_back_to_their_own_address_meets_no_no_of_their_own(world: World) -> None:
    """There and back: the answer given in between stands."""
    ada = await world.subscriber(OLD, NO)
    await change(world, ada, NEW)
    async with persons_unit(world.instance, ada) as work:
        await answer(work, ada, dict.fromkeys(Axis, Permission.YES))

    await change(world, ada, OLD)

    view = await subscriber_by_address(world.reader, OLD)
    assert (view.id, view.opens.value) == (ada, Permission.YES)
    assert await stands(world, NEW) is None
    assert await world.subscriber(NEW) != ada


async def test_somebody_else_who_takes_the_address_meets_the_no_that_stays_there(world: World) -> None:
    """By the table: nobody can say that it is not the same mailbox."""
    ada, bob = await world.subscriber(OLD, NO), await world.subscriber("bob@example.org", YES)
    await change(world, ada, NEW)

    assert await change(world, bob, OLD) == bob

    view = await subscriber_by_address(world.reader, OLD)
    assert (view.id, view.opens.value) == (bob, Permission.NO)


async def test_a_link_is_mailed_to_who_has_the_address_now(world: World) -> None:
    """The mailbox that was left may be another person's: a request from there reaches nobody."""
    ada = await world.subscriber(OLD)
    await change(world, ada, NEW)

    await ask_for_links(world.instance, normalise(OLD), None)
    assert await world.rows("SELECT FROM letter") == []
    await ask_for_links(world.instance, normalise(NEW), None)

    assert await mail_all(world.instance) == 1
    (mail,) = (world.data / "outbox").iterdir()
    assert f"To: {NEW}" in mail.read_text()


async def test_a_letter_that_waits_does_not_follow_the_person_to_another_mailbox(world: World) -> None:
    """It was asked for from the mailbox that was left, and whoever asked may not be who reads the new one."""
    ada = await world.subscriber(OLD)
    await ask_for_links(world.instance, normalise(OLD), None)
    await change(world, ada, NEW)

    assert await mail_all(world.instance) == 1

    assert not (world.data / "outbox").exists()
    assert [row["fate"] for row in await world.rows("SELECT fate FROM letter_count")] == ["GONE"]


async def test_memberships_merge_and_who_left_a_list_stays_off_it(world: World) -> None:
    """Nobody is brought back to a list by a merge; every other place moves."""
    news, offers, jobs = await lists(world, "News", "Offers", "Jobs")
    old = await on_lists(world, OLD, news, offers, jobs)
    new = await on_lists(world, NEW, news)
    async with world.unit() as work:
        await leave(work, new, news)
        await leave(work, old, jobs)

    await change(world, old, NEW)

    subscribed, left = MembershipStatus.SUBSCRIBED, MembershipStatus.UNSUBSCRIBED
    assert await places(world, new) == {"News": left, "Offers": subscribed, "Jobs": left}


async def test_for_some_lists_only_those_memberships_move(world: World) -> None:
    """Somebody is made at the new address and has the answer too; the old subscriber stays, with the other lists."""
    news, offers = await lists(world, "News", "Offers")
    old = await on_lists(world, OLD, news, offers)
    await world.answer(OLD, NO)

    new = await change(world, old, NEW, news)
    again = await change(world, old, NEW, news)

    assert again == new != old
    assert await places(world, new) == {"News": MembershipStatus.SUBSCRIBED}
    assert await places(world, old) == {"Offers": MembershipStatus.SUBSCRIBED}
    assert await stands(world, OLD) is await stands(world, NEW) is Permission.NO
    rows = await world.rows("SELECT source, merged_head FROM permission_line WHERE subscriber_id = $1", new)
    assert [(row["source"], len(row["merged_head"])) for row in rows] == [("MERGE", 32)] * 2


async def test_for_lists_that_the_person_is_not_on_nothing_changes(world: World) -> None:
    """And nobody is made."""
    (news,) = await lists(world, "News")
    ada = await world.subscriber(OLD, NO)

    assert await change(world, ada, NEW, news) == ada

    assert await stands(world, NEW) is None
