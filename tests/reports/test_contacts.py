"""From a figure of a report to the people behind it, as far as they were measured personally."""

from typing import Any

import pytest

from app.domain.principal import SCOPES
from tests.graphql_schema.product import IMPERSONAL
from tests.presets.sender import Sender, people, rounded

CONTACTS = """query ($id: ID!, $metric: ContactMetric!) { mailing(id: $id) { report { contacts(metric: $metric) {
  matching notMatching unmeasured subscribers { totalCount edges { node { email } } } } } } }"""
COUNTS = """query ($id: ID!, $metric: ContactMetric!) { mailing(id: $id) { report { contacts(metric: $metric) {
  matching notMatching unmeasured } } } }"""
TOGETHER = """query ($ids: [ID!]!, $metric: ContactMetric!) { report(mailingIds: $ids) { contacts(metric: $metric) {
  matching notMatching unmeasured } } }"""
METRICS = ["SENT", "DELIVERED", "BOUNCED", "OPENS", "CLICKS"]


async def contacts(sender: Sender, mailing: str, metric: str) -> tuple[tuple[int, int, int], list[str]]:
    """The three counts, and the names before the @."""
    await sender.world.drain()
    data = await sender.product.data(CONTACTS, {"id": mailing, "metric": metric}, user_id=sender.user)
    found = data["mailing"]["report"]["contacts"]
    page = found["subscribers"]
    names = sorted(each["node"]["email"].partition("@")[0] for each in page["edges"])
    assert page["totalCount"] == len(names) == found["matching"]
    return _three(found), names


def _three(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["matching"], found["notMatching"], found["unmeasured"]


async def bounced(sender: Sender, delivery: str) -> None:
    await sender.done("recordDeliveries", {"events": [{"deliveryId": delivery, "kind": "BOUNCED"}]})


async def test_b0_lists_of_openers_and_clickers_and_links_per_subscriber(sender: Sender) -> None:
    """Of three people one opens and clicks, one opens, one does nothing; a fourth was never sent it."""
    await sender.preset("BREVO")
    await sender.says("dan@example.org", "YES")
    mailing = await sender.mailing()
    ada, bob, _ = await sender.send(mailing, "ada@example.org", "bob@example.org", "cy@example.org")

    await sender.open(ada)
    await sender.click(ada)
    await sender.open(bob)

    assert await contacts(sender, mailing, "OPENS") == ((2, 2, 0), ["ada", "bob"])
    assert await contacts(sender, mailing, "CLICKS") == ((1, 3, 0), ["ada"])
    links = "query ($id: ID!) { node(id: $id) { ... on Delivery { clickedLinks } } }"
    data = await sender.product.data(links, {"id": ada.delivery})
    assert data["node"]["clickedLinks"] == ["https://shop.example.com/a"]


async def test_b5_nobody_of_an_anonymous_mailing_is_behind_its_figures(sender: Sender) -> None:
    """Ten of twelve open: the report knows how often, the drill-down nobody, and says how many are unmeasured."""
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(12))

    for mail in mails[:10]:
        await sender.open(mail)
        await sender.click(mail)

    assert (await sender.report(mailing))["opens"] == rounded(10)
    assert await contacts(sender, mailing, "OPENS") == ((0, 0, 12), [])
    assert await contacts(sender, mailing, "CLICKS") == ((0, 0, 12), [])


async def test_b6_what_was_sent_delivered_and_bounced_leads_to_everybody(sender: Sender) -> None:
    """Anonymous or not: two of them bounced, and one was sent two mails of which one bounced."""
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing()
    ada, bob, _ = await sender.send(mailing, "ada@example.org", "bob@example.org", "cy@example.org")
    (again,) = await sender.send(mailing, "bob@example.org")

    await bounced(sender, ada.delivery)
    await bounced(sender, again.delivery)

    assert await contacts(sender, mailing, "SENT") == ((3, 0, 0), ["ada", "bob", "cy"])
    assert await contacts(sender, mailing, "DELIVERED") == ((2, 1, 0), ["bob", "cy"])
    assert await contacts(sender, mailing, "BOUNCED") == ((2, 1, 0), ["ada", "bob"])
    assert bob.delivery != again.delivery


async def test_c5_who_said_no_since_is_behind_no_figure(sender: Sender) -> None:
    """Campaign Monitor keeps the report, and leaves whoever said no out of whatever leads to people."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()
    ada, bob = await sender.send(mailing, "ada@example.org", "bob@example.org")
    await sender.open(ada)
    await sender.open(bob)
    await sender.world.drain()

    sender.world.later(minutes=1)
    await sender.says("bob@example.org", "NO")

    assert (await sender.report(mailing))["uniqueOpens"]["value"] == 2
    assert await contacts(sender, mailing, "OPENS") == ((1, 0, 1), ["ada"])


async def test_p7_nobody_is_behind_the_figures_of_another_users_mail(sender: Sender) -> None:
    await sender.preset("PIPEDRIVE")
    grace = sender.speaking(await sender.new_user("Grace"))
    await grace.done("updateMyTracking", {"opens": True, "clicks": True})
    mailing = await grace.mailing("ONE_TO_ONE")
    (mail,) = await grace.send(mailing, "ada@example.org", trackOpens=True, trackClicks=True)

    await grace.open(mail)

    assert await contacts(grace, mailing, "OPENS") == ((1, 0, 0), ["ada"])
    assert await contacts(sender, mailing, "OPENS") == ((0, 0, 1), [])


@pytest.mark.parametrize("metric", METRICS)
async def test_without_the_scope_a_figure_leads_to_counts_only(sender: Sender, metric: str) -> None:
    """The counts, and no people: whoever sends a mail to one address would learn whose it is."""
    await sender.preset("BREVO")
    mailing = await sender.mailing()
    (mail,) = await sender.send(mailing, "ada@example.org")
    await sender.open(mail)
    await sender.world.drain()
    asked = {"id": mailing, "metric": metric}

    answer = await sender.product.data(COUNTS, asked, scopes=IMPERSONAL)
    named = await sender.product.ask(CONTACTS, asked, scopes=IMPERSONAL)

    whole = await sender.product.data(COUNTS, asked)
    assert answer == whole
    assert named["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "ada" not in str(named).lower()


async def test_people_take_the_scope_to_read_subscribers(sender: Sender) -> None:
    mailing = await sender.mailing()

    answer = await sender.product.ask(
        COUNTS, {"id": mailing, "metric": "SENT"}, scopes=SCOPES - {"subscribers:read"}
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_several_mailings_lead_to_whoever_did_it_in_one_of_them(sender: Sender) -> None:
    """One opened the first mailing, another the second; together that needs to see people, since lists can be short."""
    await sender.preset("BREVO")
    spring, summer = await sender.mailing(), await sender.mailing()
    first, _ = await sender.send(spring, "ada@example.org", "bob@example.org")
    _, second = await sender.send(summer, "ada@example.org", "bob@example.org")
    await sender.open(first)
    await sender.open(second)
    await sender.world.drain()
    asked = {"ids": [spring, summer], "metric": "OPENS"}

    both = await sender.product.data(TOGETHER, asked)
    refused = await sender.product.ask(TOGETHER, asked, scopes=IMPERSONAL)

    assert _three(both["report"]["contacts"]) == (2, 0, 0)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_people_of_more_than_twenty_mailings_are_too_many_to_ask_for(sender: Sender) -> None:
    mailings = [await sender.mailing() for _ in range(21)]

    answer = await sender.product.ask(TOGETHER, {"ids": mailings, "metric": "SENT"})
    fewer = await sender.product.data(TOGETHER, {"ids": mailings[1:], "metric": "SENT"})

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert _three(fewer["report"]["contacts"]) == (0, 0, 0)
