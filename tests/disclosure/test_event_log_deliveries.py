"""The history of one mail to one person: in pages, and nothing of what its reader may not see."""

from app.disclosure.event_log_deliveries import events_of_deliveries
from app.disclosure.event_log_views import Start
from app.disclosure.reader import Reader
from app.domain.modes import Channel
from app.domain.permission import PermissionChange
from app.domain.principal import SCOPES, Principal
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO
ADA, BEN = "ada@example.org", "ben@example.org"


async def test_each_delivery_has_a_page_of_its_own(world: World) -> None:
    """What somebody hides on one axis takes no place among what is shown of the other."""
    for email in (ADA, BEN):
        await world.subscriber(email, YES)
    messages = await world.send(await world.mailing(), ADA, BEN)
    for message in messages:
        await world.click(message)
        for _ in range(3):
            world.later(seconds=1)
            await world.open(message)
    await world.drain()
    ada, ben = (message.deliveries[0] for message in messages)
    (person,) = await world.rows("SELECT id FROM subscriber WHERE address = $1", ADA)
    await world.rows("UPDATE subscriber SET opens_value = 'NO' WHERE id = $1", person["id"])

    first = await events_of_deliveries(world.reader, [ada, ben], Start(), 2)
    rest = await events_of_deliveries(world.reader, [ben], Start(first[ben][-1].key), 10)
    last = await events_of_deliveries(world.reader, [ada, ben], Start(backward=True), 3)

    assert [view.kind for view in first[ada]] == ["CLICKED"]
    assert [view.kind for view in first[ben]] == ["OPENED", "OPENED"]
    assert [view.kind for view in rest[ben]] == ["FIRST_OPENING", "CLICKED"]
    assert [view.kind for view in last[ada]] == ["CLICKED"]
    assert [view.kind for view in last[ben]] == ["CLICKED", "FIRST_OPENING", "OPENED"]


async def test_nothing_is_told_to_those_who_may_not_see_it(world: World) -> None:
    """Neither without the scope, nor of one-to-one mail that is another user's, nor of another account."""
    await world.subscriber(ADA, YES)
    mailing = await world.mailing(Channel.CAMPAIGN)
    (message,) = await world.send(mailing, ADA)
    await world.open(message)
    await world.drain()
    key = message.deliveries[0]

    async def seen(principal: Principal) -> int:
        reader = Reader(world.instance, principal)
        return len((await events_of_deliveries(reader, [key], Start(), 10))[key])

    account = world.account_id
    assert await seen(Principal(account, 1, None, SCOPES)) == 1
    assert await seen(Principal(account, 1, None, SCOPES - {"personal:read"})) == 0
    assert await seen(Principal(account + 1, 1, None, SCOPES)) == 0
    await world.rows("UPDATE mailing SET channel = 'ONE_TO_ONE', user_id = 7 WHERE id = $1", mailing)
    assert await seen(Principal(account, 1, None, SCOPES)) == 0
    assert await seen(Principal(account, 1, 8, SCOPES)) == 0
    assert await seen(Principal(account, 1, 7, SCOPES)) == 1
