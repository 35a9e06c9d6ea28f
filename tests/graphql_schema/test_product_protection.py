"""Mailings are changed until they are sent, and then only after their protection was lifted (I3, I4)."""

import asyncio
from contextvars import Context

from app.actions.mailings import mailing_to_send
from graphql_schema.ids import number_of
from tests.graphql_schema.product import Product

STATED = "mailing { name protected list { name } tracking { opens clicks permissionBased } }"


async def test_i3_a_mailing_states_for_itself_and_inherits_again(product: Product) -> None:
    """What is left out stays, and null inherits."""
    mailing = await product.mailing(opens="OFF")

    stated = await product.done("updateMailing", {"id": mailing, "permissionBased": True}, STATED)
    inherits = await product.done("updateMailing", {"id": mailing, "opens": None}, STATED)

    assert stated["mailing"]["tracking"] == {"opens": "OFF", "clicks": None, "permissionBased": True}
    assert inherits["mailing"]["tracking"] == {"opens": None, "clicks": None, "permissionBased": True}


async def test_a_mailing_gets_another_name_and_list(product: Product) -> None:
    mailing = await product.mailing()
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]

    moved = await product.done("updateMailing", {"id": mailing, "name": "May", "listId": news}, STATED)
    without = await product.done("updateMailing", {"id": mailing, "listId": None}, STATED)

    assert (moved["mailing"]["name"], moved["mailing"]["list"]) == ("May", {"name": "News"})
    assert (without["mailing"]["name"], without["mailing"]["list"]) == ("May", None)


async def test_what_no_mailing_may_be_changes_nothing(product: Product) -> None:
    mailing = await product.mailing()
    relay = await product.mailing(channel="RELAY")

    refused = [
        await product.refused("updateMailing", {"id": mailing, **change})
        for change in (
            {"name": None},
            {"name": " "},
            {"listId": "TWFpbGluZ0xpc3Q6Nw=="},
            {"permissionBased": False},
        )
    ]
    of_relay = await product.refused("updateMailing", {"id": relay, "permissionBased": True})
    unknown = await product.refused("updateMailing", {"id": "TWFpbGluZzo3", "opens": "OFF"})

    assert refused == [
        [("NULL_NOT_ALLOWED", ["name"])],
        [("INVALID_VALUE", ["name"])],
        [("NOT_FOUND", ["listId"])],
        [("INVALID_SETTING", ["permissionBased"])],
    ]
    assert of_relay == [("RELAY_NOT_PERMISSION_BASED", ["permissionBased"])]
    assert unknown == [("NOT_FOUND", ["id"])]
    assert await _stated(product, mailing) == {"opens": None, "clicks": None, "permissionBased": None}


async def test_i4_a_sent_mailing_is_protected_until_it_is_lifted_and_again_when_it_is_sent(
    product: Product,
) -> None:
    mailing = await product.mailing()
    await product.prepared(mailing, "ada@example.org")

    protected = await product.refused("updateMailing", {"id": mailing, "opens": "OFF"})
    renamed = await product.done("updateMailing", {"id": mailing, "name": "May"}, STATED)
    lifted = await product.done("liftProtection", {"id": mailing}, STATED)
    changed = await product.done("updateMailing", {"id": mailing, "opens": "OFF"}, STATED)
    await product.prepared(mailing, "bob@example.org")
    again = await product.refused("updateMailing", {"id": mailing, "opens": None})

    assert protected == [("MAILING_PROTECTED", None)]
    assert (renamed["mailing"]["name"], renamed["mailing"]["protected"]) == ("May", True)
    assert not lifted["mailing"]["protected"]
    assert changed["mailing"]["tracking"]["opens"] == "OFF"
    assert again == [("MAILING_PROTECTED", None)]
    assert (await _stated(product, mailing))["opens"] == "OFF"


async def test_i4_protection_is_not_lifted_while_the_mailing_is_sent(product: Product) -> None:
    """A call that prepares is under way; once it has ended, protection can be lifted."""
    mailing = await product.mailing()
    async with product.world.unit() as sending:
        await mailing_to_send(sending, number_of(mailing, "Mailing"))
        # In a context of its own, as a request has; this one's holds our transaction.
        lifting = product.refused("liftProtection", {"id": mailing})
        running = await asyncio.create_task(lifting, context=Context())

    assert running == [("DISPATCH_RUNNING", ["id"])]
    assert (await product.done("liftProtection", {"id": mailing}, STATED))["mailing"]["protected"] is False


async def test_i4_two_sends_do_not_wait_for_each_other(product: Product) -> None:
    mailing = await product.mailing()
    await product.prepared(mailing, "ada@example.org")
    async with product.world.unit() as sending:
        await mailing_to_send(sending, number_of(mailing, "Mailing"))
        other = product.prepared(mailing, "bob@example.org")

        messages = await asyncio.wait_for(asyncio.create_task(other, context=Context()), 25)

    assert len(messages) == 1


async def test_i4_nobody_lifts_the_protection_of_a_mailing_that_is_not_there(product: Product) -> None:
    assert await product.refused("liftProtection", {"id": "TWFpbGluZzo3"}) == [("NOT_FOUND", ["id"])]


async def test_a_mailing_that_tracks_people_who_never_answered_says_so(product: Product) -> None:
    """The account waits for an answer; the mailing of its own does not."""
    await product.done("applyPreset", {"preset": "MAPP"})
    await product.done(
        "updateSettings",
        {f"{kind}{axis}": "OFF" for kind in ("unknown", "refused") for axis in ("Opens", "Clicks")},
    )
    mailing = await product.mailing()
    below = "warnings { code message }"

    of_settings = await product.done(
        "updateSettings", {"mailings": [{"id": mailing, "permissionBased": False}]}, below
    )
    of_mailing = await product.done("updateMailing", {"id": mailing, "clicks": "OFF"}, below)
    of_new = await product.done(
        "createMailing", {"name": "May", "channel": "CAMPAIGN", "permissionBased": True}, below
    )

    opens = {
        "code": "TRACKS_UNANSWERED",
        "message": "Opens of people who never answered are tracked personally in the mailing “Spring”. "
        "Make sure that you may do so without their consent.",
    }
    clicks = {**opens, "message": opens["message"].replace("Opens", "Clicks")}
    assert of_settings["warnings"] == [opens, clicks]
    assert of_mailing["warnings"] == [opens]
    assert of_new["warnings"] == []


async def _stated(product: Product, mailing: str) -> dict[str, object]:
    query = f"query ($id: ID!) {{ {STATED.replace('mailing', 'mailing(id: $id)', 1)} }}"
    found: dict[str, object] = (await product.data(query, {"id": mailing}))["mailing"]["tracking"]
    return found
