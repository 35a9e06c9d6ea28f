"""Every connection of the schema, read from both ends: the same rows in the same order, each once, while others come."""

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from tests.graphql_schema.product import SCHEMA
from tests.presets.sender import Sender, people

ADA, OLD = "ada@example.org", "ada@example.com"
BOTH = {"trackOpens": True, "trackClicks": True}
PAGING = {"first", "after", "last", "before"}
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor }"

WAYS = {
    "Query.eventLog": "{ eventLog(channel: TRANSACTIONAL, #) }",
    "Query.forms": "{ forms(#) }",
    "Query.lists": "{ lists(#) }",
    "Query.mailings": "{ mailings(#) }",
    "Query.notifications": "{ notifications(#) }",
    "Query.permissionChanges": "{ permissionChanges(#) }",
    "Query.segments": "{ segments(#) }",
    "Query.subscribers": "{ subscribers(#) }",
    "Query.tokens": "{ tokens(#) }",
    "Query.users": "{ users(#) }",
    "Query.wordings": "{ wordings(#) }",
    "Delivery.events": '{ node(id: "$delivery") { ... on Delivery { events(#) } } }',
    "FormerSubscriber.permissionHistory": (
        '{ subscriber(id: "$subscriber") { formerSubscribers { permissionHistory(#) } } }'
    ),
    "Mailing.deliveries": '{ mailing(id: "$mailing") { deliveries(#) } }',
    "SegmentPreview.subscribers": "{ segmentPreview(rule: {all: []}) { subscribers(#) } }",
    "Settings.history": "{ settings { history(#) } }",
    "Subscriber.deliveries": '{ subscriber(id: "$subscriber") { deliveries(#) } }',
    "Subscriber.permissionHistory": '{ subscriber(id: "$subscriber") { permissionHistory(#) } }',
}
"""How each connection is asked; `#` stands for the arguments of its page."""


def connections() -> dict[str, set[str]]:
    """Each field that is a connection, with the names of its arguments."""
    return {
        f"{kind.name}.{name}": set(field.args)
        for kind in SCHEMA._schema.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }


def test_every_connection_pages_both_ways() -> None:
    """A connection that is added has all four arguments, and stands in the table above."""
    found = connections()

    assert found.keys() == WAYS.keys()
    assert [name for name, arguments in found.items() if not arguments >= PAGING] == []


@pytest.mark.parametrize("name", WAYS)
async def test_it_reads_the_same_from_both_ends(sender: Sender, name: str) -> None:
    """Forward and backward, in pages of two and of three, with the flags that Relay asks for."""
    user, ids = await filled(sender)

    whole = cursors(await page(user, name, ids, first=100))
    forward = await walked(user, name, ids, size=2, backward=False)
    backward = await walked(user, name, ids, size=3, backward=True)

    assert len(whole) == len(set(whole)) >= 4
    assert [each for found in forward for each in cursors(found)] == whole
    assert [each for found in reversed(backward) for each in cursors(found)] == whole
    assert [each["pageInfo"]["hasPreviousPage"] for each in forward] == [False] + [True] * (len(forward) - 1)
    assert [each["pageInfo"]["hasNextPage"] for each in backward] == [False] + [True] * (len(backward) - 1)


@pytest.mark.parametrize("name", WAYS)
async def test_its_cursors_stay_while_rows_come(sender: Sender, name: str) -> None:
    """What is on either side of a cursor is there again, whatever was added in between."""
    user, ids = await filled(sender)
    whole = cursors(await page(user, name, ids, first=100))
    middle = whole[2]

    await more(user, ids)
    world = user.world
    world.later(minutes=5)
    await world.drain()

    ahead = cursors(await page(user, name, ids, last=100, before=middle))
    behind = cursors(await page(user, name, ids, first=100, after=middle))
    assert [each for each in (*ahead, middle, *behind) if each in whole] == whole
    assert len(ahead) + 1 + len(behind) == len(cursors(await page(user, name, ids, first=100)))


async def test_a_page_from_the_end_of_the_feed_has_settled_changes_only(sender: Sender) -> None:
    """A change of this moment may yet get one ahead of it, so the last page does not hold it."""
    product, world = sender.product, sender.world
    await product.upserted(ADA, **product.said_yes())
    world.later(seconds=10)
    settled = cursors(await page(sender, "Query.permissionChanges", {}, last=10))
    await product.upserted("eve@example.org", permission="NO")

    now = cursors(await page(sender, "Query.permissionChanges", {}, last=10))
    world.later(seconds=10)
    later = cursors(await page(sender, "Query.permissionChanges", {}, last=10))

    assert len(settled) == 2
    assert now == settled
    assert later[:2] == settled
    assert len(later) == 4
    new = await page(sender, "Query.permissionChanges", {}, last=1, before=later[3])
    assert cursors(new) == [later[2]]


async def filled(sender: Sender) -> tuple[Sender, Mapping[str, str]]:
    """An account with some of everything, a user of it, and the ids that the table above asks with."""
    user = sender.speaking(await sender.new_user("Grace"))
    await user.done("updateMyTracking", {"opens": True, "clicks": True, "notifications": True})
    product, world = sender.product, sender.world
    merged = await product.upserted(ADA, permission="NO")
    await product.upserted(OLD, permission="NO")
    await product.done("changeSubscriberEmail", {"subscriberId": merged, "email": OLD})
    world.later(seconds=1)
    await sender.says(OLD, "YES")
    await sender.preset("INXMAIL")
    await sender.channel("ONE_TO_ONE", defaultOpens="PERSONAL", defaultClicks="PERSONAL")
    mailing = await sender.mailing("TRANSACTIONAL", permissionBased=True)
    ids = {"mailing": mailing, "subscriber": merged}
    for _ in range(2):
        ids |= await more(user, ids)
    world.later(minutes=5)
    await world.drain()
    return user, ids


async def more(user: Sender, ids: Mapping[str, str]) -> dict[str, str]:
    """Two and more of everything; what was measured of somebody is told by the id of the delivery."""
    product, world = user.product, user.world
    integration = Sender(product)
    number = world.now[0].isoformat()
    for each in (f"{number} 1", f"{number} 2"):
        await product.done("createList", {"name": each})
        await product.done("createSegment", {"name": each, "rule": {"all": []}})
        await product.done("createForm", {"name": each})
        await product.done("createWording", {"locale": "en", "text": each})
        await product.done("createToken", {"name": each})
        await product.done("createUser", {"name": each})
        await integration.done("updateSettings", {"askAgainAfterDays": 30 + len(each) + int(each[-1])})
        world.later(seconds=1)
    for answer in ("NO", "YES"):
        world.later(seconds=1)
        await integration.says(OLD, answer)
    (own,) = await user.send(await user.mailing("ONE_TO_ONE"), OLD, **BOTH)
    personal, _ = await integration.send(ids["mailing"], OLD, OLD)
    crowd = await integration.send(await integration.mailing("TRANSACTIONAL"), *people(12))
    for mail in (own, personal):
        for _ in range(3):
            await integration.open(mail)
            world.later(seconds=1)
        await integration.click(mail)
    for mail in crowd[:11]:
        await integration.open(mail)
    return {"delivery": personal.delivery}


async def page(user: Sender, name: str, ids: Mapping[str, str], **asked: Any) -> dict[str, Any]:
    """One page of a connection."""
    wanted = ", ".join(
        f'{key}: "{value}"' if isinstance(value, str) else f"{key}: {value}" for key, value in asked.items()
    )
    query = WAYS[name].replace("#)", f"{wanted}) {{ {PAGE} }}")
    for key, value in ids.items():
        query = query.replace(f"${key}", value)
    found: Any = await user.product.data(query, user_id=user.user)
    while "edges" not in found:
        (found,) = found.values() if isinstance(found, dict) else found
    page: dict[str, Any] = found
    return page


async def walked(
    user: Sender, name: str, ids: Mapping[str, str], *, size: int, backward: bool
) -> list[dict[str, Any]]:
    """All pages of a size, in the order in which they were read."""
    count, beyond, more, end = (
        ("last", "before", "hasPreviousPage", "startCursor")
        if backward
        else ("first", "after", "hasNextPage", "endCursor")
    )
    pages = [await page(user, name, ids, **{count: size})]
    while pages[-1]["pageInfo"][more]:
        at = {beyond: pages[-1]["pageInfo"][end]}
        pages.append(await page(user, name, ids, **{count: size}, **at))
    return pages


def cursors(page: dict[str, Any]) -> list[str]:
    """The places of the rows of a page."""
    return [edge["cursor"] for edge in page["edges"]]
