"""Notifications over GraphQL: a user is told of opens and clicks of the own one-to-one mail, and nobody else is (P4)."""

from datetime import timedelta
from typing import Any

import pytest

from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import IMPERSONAL
from tests.presets.sender import Mail, Sender

LIST = """query ($first: Int, $after: String) { notifications(first: $first, after: $after) {
  edges { cursor node { id kind occurredAt delivery { id subscriber { email } } mailing { id } } }
  pageInfo { hasNextPage endCursor } totalCount } }"""
NODE = "query ($id: ID!) { node(id: $id) { ... on Notification { kind delivery { id } } } }"
BOTH = {"trackOpens": True, "trackClicks": True}
ADA, BEN = "ada@example.org", "ben@example.org"


async def page(user: Sender, **variables: Any) -> dict[str, Any]:
    """What a user is told of, after everything that happened so far."""
    await user.world.drain()
    found: dict[str, Any] = (await user.product.data(LIST, variables, user_id=user.user))["notifications"]
    return found


async def told(user: Sender, **variables: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await page(user, **variables))["edges"]]


@pytest.fixture
async def grace(sender: Sender) -> Sender:
    """A user who tracks the own mail and wants to be told."""
    await sender.preset("PIPEDRIVE")
    grace = sender.speaking(await sender.new_user("Grace"))
    await grace.done("updateMyTracking", {"opens": True, "clicks": True, "notifications": True})
    return grace


async def one_mail(user: Sender, email: str = ADA) -> Mail:
    (mail,) = await user.send(await user.mailing("ONE_TO_ONE"), email, **BOTH)
    return mail


async def test_p4_a_user_is_told_who_opened_and_clicked_two_minutes_later(grace: Sender) -> None:
    """Newest first, in pages, each with its mail; a notification is found again by its id."""
    mail = await one_mail(grace)
    opened = grace.world.now[0]
    await grace.open(mail)
    grace.world.later(seconds=1)
    await grace.click(mail)

    grace.world.later(seconds=119)
    nothing = await told(grace)
    grace.world.later(seconds=2)
    whole = await page(grace)
    click, opening = (edge["node"] for edge in whole["edges"])
    first = await page(grace, first=1)
    rest = await told(grace, after=first["pageInfo"]["endCursor"])
    again = await grace.product.data(NODE, {"id": opening["id"]}, user_id=grace.user)

    assert nothing == []
    assert (opening["kind"], opening["occurredAt"]) == ("FIRST_OPENING", write_datetime(opened))
    assert (click["kind"], click["occurredAt"]) == ("CLICKED", write_datetime(opened + timedelta(seconds=1)))
    assert click["delivery"] == {"id": mail.delivery, "subscriber": {"email": ADA}}
    assert whole["totalCount"] == 2
    assert (first["pageInfo"]["hasNextPage"], [each["id"] for each in rest]) == (True, [opening["id"]])
    assert again["node"] == {"kind": "FIRST_OPENING", "delivery": {"id": mail.delivery}}


async def test_p4_the_switch_decides_whenever_it_is_asked(grace: Sender) -> None:
    """Off, nothing is told, also by id; on again, it is."""
    await grace.open(await one_mail(grace))
    grace.world.later(minutes=3)
    (opening,) = await told(grace)

    await grace.done("updateMyTracking", {"notifications": False})
    off = await told(grace)
    hidden = await grace.product.data(NODE, {"id": opening["id"]}, user_id=grace.user)
    await grace.done("updateMyTracking", {"notifications": True})

    assert (off, hidden["node"]) == ([], None)
    assert await told(grace) == [opening]


async def test_p4_nobody_else_is_told(grace: Sender) -> None:
    """No colleague, no integration, nobody who may not see people; and nothing of a campaign."""
    campaign = await grace.mailing(opens="PERSONAL")
    for mail in (await one_mail(grace), *await grace.send(campaign, BEN)):
        await grace.open(mail)
    grace.world.later(minutes=3)
    alan = grace.speaking(await grace.new_user("Alan"))
    await alan.done("updateMyTracking", {"notifications": True})

    (opening,) = await told(grace)
    others = [await told(alan), await told(Sender(grace.product))]
    by_id = await grace.product.data(NODE, {"id": opening["id"]}, user_id=alan.user)
    refused = await grace.product.ask(LIST, user_id=grace.user, scopes=IMPERSONAL)

    assert opening["delivery"]["subscriber"]["email"] == ADA
    assert others == [[], []]
    assert by_id["node"] is None
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_p4_machines_are_no_news(grace: Sender) -> None:
    """A proxy that loads ahead, and a machine that follows links from three networks within two minutes."""
    mail = await one_mail(grace)
    await grace.world.browser.get(
        mail.html.split('<img src="https://track.example.org')[1].split('"')[0],
        headers={"User-Agent": "Mozilla/5.0"},
    )
    await grace.click(mail)
    await grace.world.drain()
    await grace.world.rows("UPDATE event SET client_class = 'SCANNER' WHERE kind = 'CLICKED'")
    grace.world.later(minutes=3)

    assert len(await grace.world.rows("SELECT FROM event")) == 2
    assert await told(grace) == []


async def test_p4_who_said_no_since_is_gone_whatever_was_promised(grace: Sender) -> None:
    for email in (ADA, BEN):
        await grace.open(await one_mail(grace, email))
    grace.world.later(minutes=3)
    before = await told(grace)

    await grace.says(ADA, "NO")

    assert len(before) == 2
    assert [each["delivery"]["subscriber"]["email"] for each in await told(grace)] == [BEN]


async def test_p4_a_yes_without_that_purpose_tells_nothing(grace: Sender) -> None:
    """Ada allowed to be measured and no more, so her sender is not told; Ben was never asked."""
    mails = [await one_mail(grace), await one_mail(grace, BEN)]
    asked = {"locale": "en", "text": "May we count?", "purposes": ["MEASURE"]}
    wording = (await grace.done("createWording", asked, "wording { id }"))["wording"]["id"]
    given = {"email": ADA, "permission": "YES", "source": "FORM", "at": write_datetime(grace.world.now[0])}
    await grace.done("setPermission", {**given, "wordingId": wording})
    for mail in mails:
        await grace.open(mail)
    grace.world.later(minutes=3)

    assert [each["delivery"]["subscriber"]["email"] for each in await told(grace)] == [BEN]


async def test_p5_of_a_message_to_several_the_time_is_told(grace: Sender) -> None:
    """Nobody can tell whose it is; and if one of them says no, it is gone."""
    mailing = await grace.mailing("ONE_TO_ONE")
    to = [{"email": ADA}, {"email": BEN}]
    given = {"mailingId": mailing, "html": "<p>Hi</p>", "recipients": [{"to": to, **BOTH}]}
    (message,) = (await grace.done("prepareMessages", given, "messages { html }"))["messages"]
    await grace.world.browser.get(
        message["html"].split('<img src="https://track.example.org')[1].split('"')[0]
    )
    grace.world.later(minutes=3)

    (opening,) = await told(grace)
    await grace.says(BEN, "NO")

    assert (opening["kind"], opening["delivery"], opening["mailing"]) == (
        "FIRST_OPENING",
        None,
        {"id": mailing},
    )
    assert await told(grace) == []
