"""The log of events over GraphQL: B8, B10, P5, P6 and P7 as front ends see them."""

from base64 import urlsafe_b64decode
from collections import Counter
from typing import Any

from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import IMPERSONAL
from tests.presets.sender import EXACT_ZERO, Sender, exact, people

APPLE = {"User-Agent": "Mozilla/5.0"}
LOG = """query ($channel: Channel!, $first: Int, $after: String, $filter: EventFilter) {
  eventLog(channel: $channel, first: $first, after: $after, filter: $filter) {
    edges { cursor node { kind occurredAt sentAt templateId email messageId link clientClass } }
    pageInfo { hasNextPage endCursor } totalCount totalCountCapped } }"""
HISTORY = """query ($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Delivery {
  events(first: $first, after: $after) { edges { cursor node { kind email link } } totalCount
    pageInfo { hasNextPage endCursor } } } } }"""
BOTH = {"trackOpens": True, "trackClicks": True}


async def log(asked: Sender, channel: str = "TRANSACTIONAL", **more: Any) -> dict[str, Any]:
    """A page of the log, after everything that happened so far."""
    await asked.world.drain()
    variables = {"channel": channel, "first": 100, **more}
    data = await asked.product.data(LOG, variables, user_id=asked.user, scopes=asked.scopes)
    found: dict[str, Any] = data["eventLog"]
    return found


def nodes(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in page["edges"]]


async def test_b10_the_transactional_log_names_people_or_days(sender: Sender) -> None:
    """Before the switch a row says who and when. After it: what, on which day, of which template, and nobody."""
    await sender.preset("BREVO")
    receipts = await sender.mailing("TRANSACTIONAL")
    (before,) = await sender.send(receipts, "ada@example.org")
    await sender.channel("TRANSACTIONAL", anonymousTracking=True)
    mails = await sender.send(receipts, *people(12))
    sender.world.later(minutes=1)
    await sender.open(before)
    for mail in (*mails[:11], *mails[:9]):
        await sender.open(mail)
    for mail in mails:
        await sender.click(mail)

    page = await log(sender)

    named = [row for row in nodes(page) if row["email"] == "ada@example.org"]
    others = [row for row in nodes(page) if row["email"] != "ada@example.org"]
    assert [(row["kind"], row["occurredAt"]) for row in named] == [
        ("FIRST_OPENING", write_datetime(sender.world.now[0]))
    ]
    assert Counter(row["kind"] for row in others) == {"FIRST_OPENING": 10, "OPENED": 10, "CLICKED": 10}
    midnight = write_datetime(sender.world.now[0].replace(hour=0, minute=0, second=0))
    alike = {tuple(value for name, value in row.items() if name != "kind") for row in others}
    assert alike == {(midnight, midnight, receipts, "Anonymized", "Anonymized", "Anonymized", None)}
    assert page["totalCount"] == 31


async def test_b10_what_a_proxy_loads_ahead_is_told_apart(sender: Sender) -> None:
    """Of people by name, and of others as many as may be told."""
    await sender.preset("BREVO")
    receipts = await sender.mailing("TRANSACTIONAL")
    (named,) = await sender.send(receipts, "ada@example.org")
    await sender.channel("TRANSACTIONAL", anonymousTracking=True)
    mails = await sender.send(receipts, *people(11))
    sender.world.browser.headers.update(APPLE)
    for mail in (named, *mails):
        await sender.open(mail)

    rows = nodes(await log(sender))

    assert Counter((row["kind"], row["email"]) for row in rows) == {
        ("LOADED_BY_PROXY", "ada@example.org"): 1,
        ("LOADED_BY_PROXY", "Anonymized"): 10,
    }


async def test_b10_who_may_not_see_people_sees_no_names_and_no_hours(sender: Sender) -> None:
    """In rows, cursors and filters: an hour is no filter that finds one event."""
    await sender.preset("BREVO")
    (mail,) = await sender.send(await sender.mailing("TRANSACTIONAL"), "ada@example.org")
    await sender.open(mail)
    impersonal = Sender(sender.product, scopes=IMPERSONAL)

    page = await log(impersonal)
    now = write_datetime(sender.world.now[0])
    by_hour = await log(impersonal, filter={"from": now})

    (row,) = nodes(page)
    assert (row["email"], row["messageId"], row["link"]) == ("Anonymized",) * 3
    assert row["occurredAt"].endswith("T00:00:00Z")
    assert (row["sentAt"], row["clientClass"]) == (None, None)
    assert nodes(by_hour) == []
    (edge,) = page["edges"]
    assert sender.world.now[0].isoformat()[:16] not in str(urlsafe_b64decode(edge["cursor"] + "=="))


async def test_b10_the_log_is_read_in_pages_and_by_mailing(sender: Sender) -> None:
    """Each page goes on where the one before ended; a count only where it is asked for."""
    await sender.preset("BREVO")
    receipts, other = await sender.mailing("TRANSACTIONAL"), await sender.mailing("TRANSACTIONAL")
    for mail in await sender.send(receipts, *people(5)):
        await sender.open(mail)
    (mail,) = await sender.send(other, "ada@example.org")
    await sender.open(mail)

    whole = nodes(await log(sender))
    first = await log(sender, first=4)
    second = await log(sender, first=4, after=first["pageInfo"]["endCursor"])
    one = await log(sender, filter={"mailingId": other})
    broken = await sender.product.ask(
        LOG, {"channel": "TRANSACTIONAL", "after": "eyJ9", "filter": {"mailingId": other}}
    )

    assert [*nodes(first), *nodes(second)] == whole
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    assert [row["email"] for row in nodes(one)] == ["ada@example.org"]
    assert one["totalCount"] == 1
    assert broken["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_b8_the_history_of_a_mail_is_in_pages(sender: Sender) -> None:
    """What one person did with one mail, newest first."""
    await sender.preset("BREVO")
    (mail,) = await sender.send(await sender.mailing(), "ada@example.org")
    for _ in range(2):
        await sender.open(mail)
        sender.world.later(seconds=1)
    await sender.click(mail)
    await sender.world.drain()

    async def page(**more: Any) -> dict[str, Any]:
        asked = {"id": mail.delivery, **more}
        found: dict[str, Any] = (await sender.product.data(HISTORY, asked))["node"]["events"]
        return found

    first = await page(first=2)
    second = await page(first=2, after=first["pageInfo"]["endCursor"])

    assert [row["kind"] for row in nodes(first)] == ["CLICKED", "OPENED"]
    assert nodes(first)[0]["link"] == "https://shop.example.com/a"
    assert [row["kind"] for row in nodes(second)] == ["FIRST_OPENING"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert second["pageInfo"]["hasNextPage"] is False


async def test_b8_a_mail_that_was_counted_anonymously_has_no_history(sender: Sender) -> None:
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mails = await sender.send(await sender.mailing(), *people(10))
    for mail in mails:
        await sender.open(mail)
    await sender.world.drain()

    data = await sender.product.data(HISTORY, {"id": mails[0].delivery})

    assert data["node"]["events"]["edges"] == []
    assert data["node"]["events"]["totalCount"] == 0


async def _grace(sender: Sender) -> Sender:
    await sender.preset("PIPEDRIVE")
    grace = sender.speaking(await sender.new_user("Grace"))
    await grace.done("updateMyTracking", {"opens": True, "clicks": True})
    return grace


async def test_p3_a_mail_says_when_it_was_opened_and_when_clicked(sender: Sender) -> None:
    """First, last, and each time, to the user who sent it."""
    grace = await _grace(sender)
    (mail,) = await grace.send(await grace.mailing("ONE_TO_ONE"), "ada@example.org", **BOTH)
    opened = sender.world.now[0]
    await grace.open(mail)
    sender.world.later(minutes=3)
    await grace.click(mail)

    rows = nodes(await log(grace, "ONE_TO_ONE"))

    assert [(row["kind"], row["occurredAt"]) for row in rows] == [
        ("CLICKED", write_datetime(sender.world.now[0])),
        ("FIRST_OPENING", write_datetime(opened)),
    ]
    assert (await grace.delivery(mail))["firstOpenedAt"] == write_datetime(opened)


async def test_p5_of_a_mail_to_several_the_time_is_told_and_the_person_is_not(sender: Sender) -> None:
    grace = await _grace(sender)
    mailing = await grace.mailing("ONE_TO_ONE")
    to = [{"email": "ada@example.org"}, {"email": "ben@example.org"}]
    given = {"mailingId": mailing, "html": "<p>Hi</p>", "recipients": [{"to": to, **BOTH}]}
    below = "messages { messageId html deliveries { id } }"
    (message,) = (await grace.done("prepareMessages", given, below))["messages"]
    pixel = message["html"].split('<img src="https://track.example.org')[1].split('"')[0]
    await sender.world.browser.get(pixel)

    (row,) = nodes(await log(grace, "ONE_TO_ONE"))
    histories = [
        (await grace.product.data(HISTORY, {"id": each["id"]}, user_id=grace.user))["node"]["events"]
        for each in message["deliveries"]
    ]

    assert (row["email"], row["messageId"]) == ("Anonymized", message["messageId"])
    assert (row["kind"], row["occurredAt"]) == ("FIRST_OPENING", write_datetime(sender.world.now[0]))
    assert [history["edges"] for history in histories] == [[], []]


async def test_p8_blocked_images_are_no_information_and_no_error(sender: Sender) -> None:
    """Who reads without pictures and clicks has opened nothing that anybody knows of: an open is not made up from a click."""
    grace = await _grace(sender)
    mailing = await grace.mailing("ONE_TO_ONE")
    (mail,) = await grace.send(mailing, "ada@example.org", **BOTH)
    await grace.click(mail)

    rows, delivery, report = (
        nodes(await log(grace, "ONE_TO_ONE")),
        await grace.delivery(mail),
        await grace.report(mailing),
    )

    assert [row["kind"] for row in rows] == ["CLICKED"]
    assert (delivery["opens"], delivery["firstOpenedAt"]) == (EXACT_ZERO, None)
    assert (delivery["clicks"], delivery["clickedLinks"]) == (exact(1), ["https://shop.example.com/a"])
    assert (report["uniqueOpens"], report["uniqueClicks"]) == (EXACT_ZERO, exact(1))
    assert report["openRate"] == {"value": 0.0, "basis": "UNIQUE", "shown": "EXACT"}


async def test_p6_tracked_mails_are_filtered(sender: Sender) -> None:
    """Mails that went out with the toggles off are found by the opposite."""
    grace = await _grace(sender)
    tracked, plain = await grace.mailing("ONE_TO_ONE"), await grace.mailing("ONE_TO_ONE")
    await grace.send(tracked, "ada@example.org", **BOTH)
    await grace.send(plain, "ada@example.org", trackOpens=False, trackClicks=False)
    query = "query ($tracked: Boolean) { mailings(filter: { tracked: $tracked, channel: ONE_TO_ONE }) { edges { node { id } } totalCount } }"

    found = {
        asked: (await sender.product.data(query, {"tracked": asked}, user_id=grace.user))["mailings"]
        for asked in (True, False)
    }

    assert {asked: [row["id"] for row in nodes(page)] for asked, page in found.items()} == {
        True: [tracked],
        False: [plain],
    }
    assert {page["totalCount"] for page in found.values()} == {1}


async def test_p7_the_log_of_one_to_one_mail_is_its_users_alone(sender: Sender) -> None:
    """Neither a colleague nor an integration has a row of it, by channel or by mailing."""
    grace = await _grace(sender)
    alan = sender.speaking(await sender.new_user("Alan"))
    mailing = await grace.mailing("ONE_TO_ONE")
    (mail,) = await grace.send(mailing, "ada@example.org", **BOTH)
    await grace.open(mail)

    assert len(nodes(await log(grace, "ONE_TO_ONE"))) == 1
    for other in (alan, sender):
        for asked in (None, {"mailingId": mailing}):
            page = await log(other, "ONE_TO_ONE", filter=asked)
            assert (page["edges"], page["totalCount"]) == ([], 0)
        history = await sender.product.data(HISTORY, {"id": mail.delivery}, user_id=other.user)
        assert history["node"]["events"]["edges"] == []
