"""The law of small groups over the whole way: mails go out, people click and bounce, and the API is asked.

What nobody knows who asks stands in the made-up crowd; the audiences here are those that the product found.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from app.domain.privacy import Figure, Shown
from tests.domain.privacy import answerable_together
from tests.presets.sender import Sender
from tests.reports.crowd import LINKS, Crowd, Mail, crowd_of
from tests.reports.doors import QUESTIONS
from tests.reports.test_law import Question

MAIL = '<p>Hello</p>{links}<a href="{{{{preferences_url}}}}">Choose</a>'


def one_mailing(number: int) -> Crowd:
    """A crowd that got all of its mails as one campaign."""
    crowd = crowd_of(number)
    mails = tuple(Mail(mail.person, 0, mail.template, mail.deeds, mail.bounced) for mail in crowd.mails)
    return Crowd(mails, crowd.k)


async def lived(sender: Sender, crowd: Crowd) -> str:
    """Sends these mails in turn, and lets everybody do what they do."""
    await sender.preset("INXMAIL")
    await sender.done("updateSettings", {"minimumAudience": crowd.k})
    mailing = await sender.mailing()
    by_template: dict[frozenset[int], list[Mail]] = defaultdict(list)
    for mail in crowd.mails:
        by_template[mail.template].append(mail)
    sent = [
        pair
        for template, mails in by_template.items()
        for pair in await prepared(sender, mailing, template, mails)
    ]
    for mail, message in sent:
        if mail.bounced:
            event = {"deliveryId": message["deliveries"][0]["id"], "kind": "BOUNCED"}
            await sender.done("recordDeliveries", {"events": [event]})
    for mail, message in sent:
        for _, link, _, _ in mail.deeds:
            await sender.world.browser.get(
                address(message, sorted(mail.template).index(link) if link else None)
            )

    await sender.world.drain()
    return mailing


async def prepared(
    sender: Sender, mailing: str, template: frozenset[int], mails: list[Mail]
) -> list[tuple[Mail, dict[str, Any]]]:
    links = "".join(f'<a href="{LINKS[number]}">x</a>' for number in sorted(template))
    addresses = [f"p{mail.person}@example.org" for mail in mails]
    messages = await sender.product.prepared(mailing, *addresses, html=MAIL.format(links=links))
    return list(zip(mails, messages, strict=True))


def address(message: dict[str, Any], number: int | None) -> str:
    """The path of the pixel, or of the tracked link of that number."""
    if number is None:
        (pixel,) = re.findall(r'<img src="https://track\.example\.org([^"]+)"', message["html"])
        return pixel
    found: str = re.findall(r'href="https://track\.example\.org(/c/[^"]+)', message["html"])[number]
    return found


def questions(crowd: Crowd, report: dict[str, Any], days: list[dict[str, Any]]) -> Iterator[Question]:
    numbers = {url: number for number, url in LINKS.items()}
    for axis in ("opens", "clicks"):
        yield Question(axis, "total", None, crowd.population(), told(report[axis]))
        for each in report["byClientClass"]:
            yield Question(axis, "class", each["clientClass"], crowd.population(), told(each[axis]))
        for each in days:
            yield Question(axis, "day", each["at"], crowd.population(), told(each[axis]))
    for each in report["links"]:
        number = numbers[each["url"]]
        yield Question("clicks", "link", number, crowd.population(number), told(each["clicks"]))


def told(figure: dict[str, Any]) -> Figure:
    return Figure(figure["value"], Shown(figure["shown"]))


@pytest.mark.parametrize("number", [13, 17, 75])
async def test_x5_the_api_keeps_the_law_of_small_groups(sender: Sender, number: int) -> None:
    crowd = one_mailing(number)
    mailing = await lived(sender, crowd)

    report = (await sender.product.data(QUESTIONS["report"], {"mailing": mailing}))["mailing"]["report"]
    times = (await sender.product.data(QUESTIONS["days"], {"mailing": mailing}))["mailing"]["report"]
    asked = list(questions(crowd, report, times["timeline"]))

    for one, other in combinations(asked, 2):
        if one.beside(other):
            differing = len(one.people ^ other.people)
            assert answerable_together(one.answer, other.answer, differing, crowd.k), (one, other)
    for each in asked:
        assert each.answer.value is None or len(each.people) >= crowd.k
    assert Shown.SUPPRESSED in {each.answer.shown for each in asked}
