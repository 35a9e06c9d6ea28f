"""Rows of other systems that live in reports, and what small groups look like through the API."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.disclosure.report_times import TimelineBucket
from app.disclosure.reports import reports_of, timeline_of
from app.domain.privacy import Figure
from app.domain.rates import Rate
from graphql_schema.ids import number_of
from graphql_schema.scalars import write_datetime
from tests.presets.sender import Mail, Sender, exact, people, rounded
from tests.reports.doors import QUESTIONS

SUPPRESSED = {"value": None, "shown": "SUPPRESSED"}
NOT_MEASURED = {"value": None, "shown": "NOT_MEASURED"}
MAIL = '<p>Hello</p>{links}<a href="{{{{preferences_url}}}}">Choose</a>'


async def report(sender: Sender, mailing: str) -> dict[str, Any]:
    await sender.world.drain()
    data = await sender.product.data(QUESTIONS["report"], {"mailing": mailing})
    found: dict[str, Any] = data["mailing"]["report"]
    return found


async def days(sender: Sender, mailing: str) -> list[dict[str, Any]]:
    data = await sender.product.data(QUESTIONS["days"], {"mailing": mailing})
    found: list[dict[str, Any]] = data["mailing"]["report"]["timeline"]
    return found


async def sent(sender: Sender, mailing: str, emails: list[str], links: Sequence[str]) -> list[dict[str, Any]]:
    """Prepares a mail with these links for each address."""
    html = MAIL.format(links="".join(f'<a href="https://shop.example.com/{each}">x</a>' for each in links))
    return await sender.product.prepared(mailing, *emails, html=html)


async def clicked(sender: Sender, message: dict[str, Any], number: int) -> None:
    links = [part.split('"')[0] for part in message["html"].split('href="https://track.example.org')[1:]]
    tracked = [each for each in links if each.startswith("/c/")]
    assert (await sender.world.browser.get(tracked[number])).status_code == 302


async def test_m10_open_and_click_rates_of_a_group_whose_people_are_not_known(sender: Sender) -> None:
    """Twenty people with DoNotTrack: fifteen hits on their mails, ten clicks; rates of times, not of people."""
    await sender.preset("MAPP")
    for email in people(20):
        await sender.says(email, "NO")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(20))

    for mail in mails[:15]:
        await sender.open(mail)
    for mail in mails[:10]:
        await sender.click(mail)

    found = await report(sender, mailing)
    assert (found["opens"], found["clicks"]) == (rounded(15), rounded(10))
    assert (found["uniqueOpens"], found["uniqueClicks"]) == (NOT_MEASURED, NOT_MEASURED)
    bounds = {"lower": None, "upper": None, "basis": "TOTAL", "shown": "ROUNDED"}
    assert (found["openRate"], found["clickRate"]) == ({"value": 0.75, **bounds}, {"value": 0.5, **bounds})
    assert found["clickToOpenRate"]["shown"] == "NOT_MEASURED"


async def test_x3_a_rate_says_of_how_many_it_is_known_and_what_it_could_be(sender: Sender) -> None:
    """Four of ten said yes, and two of them opened: a half of those, of all between a fifth and four fifths."""
    for email in people(4):
        await sender.says(email, "YES")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(10))

    for mail in mails[:2]:
        await sender.open(mail)

    found = await report(sender, mailing)
    assert (found["measured"], found["coverage"]) == (
        {"opens": 4, "clicks": 4},
        {"opens": 0.4, "clicks": 0.4},
    )
    assert found["openRate"] == {
        "value": 0.5,
        "lower": 0.2,
        "upper": 0.8,
        "basis": "UNIQUE",
        "shown": "EXACT",
    }


async def test_x5_a_link_that_one_person_lacks_is_withheld_and_takes_a_partner_with_it(
    sender: Sender,
) -> None:
    """Twelve got links a and b, a thirteenth only a: b less the total, or the total less a, would be about few."""
    await sender.preset("INXMAIL")
    mailing = await sender.mailing()
    messages = await sent(sender, mailing, people(12), "ab")
    messages += await sent(sender, mailing, ["one@example.org"], "a")

    for message in messages:
        await clicked(sender, message, 0)
    for message in messages[:12]:
        await clicked(sender, message, 1)

    found = await report(sender, mailing)
    assert found["clicks"] == rounded(25)
    assert [link["clicks"] for link in found["links"]] == [SUPPRESSED, SUPPRESSED]
    assert [day["clicks"] for day in await days(sender, mailing)] == [rounded(25)]


async def test_x5_two_halves_of_a_test_are_shown_though_one_has_a_person_more(sender: Sender) -> None:
    """Eleven got one version, twelve the other; nobody got both, so no figure is about the difference."""
    await sender.preset("INXMAIL")
    mailing = await sender.mailing()
    first = await sent(sender, mailing, people(23)[:11], "a")
    second = await sent(sender, mailing, people(23)[11:], "b")

    for message in (*first[:6], *second):
        await clicked(sender, message, 0)

    found = await report(sender, mailing)
    assert [link["clicks"] for link in found["links"]] == [rounded(5), rounded(10)]
    assert found["clicks"] == rounded(15)


async def test_x5_what_too_few_had_is_in_no_figure(sender: Sender) -> None:
    """Three of twelve have a link of their own: its clicks are not counted, so no total tells of them."""
    await sender.preset("INXMAIL")
    mailing = await sender.mailing()
    messages = await sent(sender, mailing, people(12)[:3], "ab")
    messages += await sent(sender, mailing, people(12)[3:], "a")

    for message in messages:
        await clicked(sender, message, 0)
    for message in messages[:3]:
        for _ in range(3):
            await clicked(sender, message, 1)

    found = await report(sender, mailing)
    assert [link["clicks"]["value"] for link in found["links"]] == [10, None]
    assert found["clicks"] == rounded(10)
    assert found["byClientClass"][0]["clicks"] == rounded(10)


@pytest.mark.parametrize(("group", "clicks"), [(5, NOT_MEASURED), (12, rounded(5))])
async def test_what_nobody_was_measured_on_is_no_zero(
    sender: Sender, group: int, clicks: dict[str, Any]
) -> None:
    """The link of an anonymous mail has lost its query: of people who are measured one by one, nobody had it."""
    await sender.preset("MAPP")
    for email in people(group):
        await sender.says(email, "NO")
    mailing = await sender.mailing()
    messages = await sent(sender, mailing, [*people(group), "ada@example.org"], ["a?x=1"])

    for message in (*messages[:5], messages[-1]):
        await clicked(sender, message, 0)

    found = {link.pop("url"): link for link in (await report(sender, mailing))["links"]}
    assert found["https://shop.example.com/a?x=1"] == {"clicks": exact(1), "uniqueClicks": exact(1)}
    assert found["https://shop.example.com/a"] == {"clicks": clicks, "uniqueClicks": NOT_MEASURED}


@pytest.mark.parametrize("preset", ["BREVO", "INXMAIL", "ITALY", "STRICT"])
async def test_the_api_answers_what_the_gate_says(sender: Sender, preset: str) -> None:
    """Figure by figure; other doors are held to the same views."""
    await sender.preset(preset)
    await sender.says("ada@example.org", "YES")
    mailing = await sender.mailing()
    mails: list[Mail] = await sender.send(mailing, *people(11), "ada@example.org")
    for mail in mails:
        if mail.modes[0] != "OFF":
            await sender.open(mail)

    asked = await report(sender, mailing)

    number = number_of(mailing, "Mailing")
    view = (await reports_of(sender.world.reader, [number]))[number]
    points = await timeline_of(sender.world.reader, number, TimelineBucket.DAY)
    assert asked["opens"] == told(view.opens)
    assert asked["uniqueOpens"] == told(view.unique_opens)
    assert (asked["clicks"], asked["uniqueClicks"]) == (told(view.clicks), told(view.unique_clicks))
    assert asked["openRate"] == told_rate(view.open_rate)
    assert asked["clickRate"] == told_rate(view.click_rate)
    assert (asked["sent"], asked["delivered"], asked["bounced"]) == (12, view.delivered, view.bounced)
    assert tuple(asked["measured"].values()) == view.measured
    assert tuple(asked["coverage"].values()) == view.coverage
    assert [each["clicks"] for each in asked["links"]] == [told(each.clicks) for each in view.links]
    assert [each["opens"] for each in asked["byClientClass"]] == [told(each.opens) for each in view.classes]
    assert [(each["at"], each["opens"], each["clicks"]) for each in await days(sender, mailing)] == [
        (write_datetime(each.at), told(each.opens), told(each.clicks)) for each in points
    ]


def told(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, "shown": figure.shown.value}


def told_rate(rate: Rate) -> dict[str, Any]:
    return {
        "value": rate.value,
        "lower": rate.lower,
        "upper": rate.upper,
        "basis": rate.basis.value,
        "shown": rate.shown.value,
    }
