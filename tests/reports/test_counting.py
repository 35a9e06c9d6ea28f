"""How a report counts is not seen in what it says: with its parts or without, of one mailing or several, of nobody."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from app.actions.record_deliveries import DeliveryEvent, DeliveryEventKind, record_deliveries
from app.disclosure.report_sheets import (
    _axes_together,
    _classes_together,
    _links_together,
    sheet_of,
    together,
)
from app.disclosure.report_times import TimelineBucket, timeline
from app.domain.modes import Channel
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.storage import reports
from app.storage.audiences import audiences
from tests.presets.sender import Sender, people
from tests.reports.crowd import Crowd, crowds
from tests.reports.test_law import LAWFUL
from tests.world import World

FIGURES = """sent delivered bounced measured { opens clicks } opens { value shown } uniqueOpens { value shown }
  clicks { value shown } uniqueClicks { value shown } openRate { value lower upper } clickRate { value lower upper }"""
PARTS = """links { url clicks { value shown } uniqueClicks { value shown } }
  byClientClass { clientClass opens { value shown } clicks { value shown } }"""
SCANNER = "Mozilla/5.0 (compatible; Proofpoint/2.0)"


def asked(fields: str, around: str = "report { %s }") -> str:
    return "query ($id: ID!) { mailing(id: $id) { " + around % fields + " } }"


@LAWFUL
@given(crowds())
def test_figures_say_the_same_without_the_parts(crowd: Crowd) -> None:
    """Links and classes are left out, and nothing else changes."""
    whole = sheet_of(crowd.counted())

    assert sheet_of(crowd.counted(), parts=False) == replace(whole, links=(), classes=())


@LAWFUL
@given(crowds())
def test_what_is_said_of_one_mailing_adds_up_to_itself(crowd: Crowd) -> None:
    """So a report of one mailing need not be added up."""
    sheet = sheet_of(crowd.counted())

    assert together([sheet]) == sheet
    assert (_axes_together([sheet.opens]), _axes_together([sheet.clicks])) == (sheet.opens, sheet.clicks)
    assert _links_together([sheet]) == sheet.links
    assert _classes_together([sheet]) == sheet.classes


@LAWFUL
@given(crowds())
def test_where_nobody_is_counted_anonymously_the_short_way_says_what_the_long_way_says(crowd: Crowd) -> None:
    """Everybody has bounced since, and what they did before is still stored."""
    stored = crowd.counted().counts
    gone = Crowd(tuple(replace(mail, bounced=True) for mail in crowd.mails), crowd.k, crowd.totals_only)
    short, long = (replace(gone.counted(), counts=stored) for _ in range(2))
    assert not short._has_audience

    vars(long)["_has_audience"] = True

    assert sheet_of(short) == sheet_of(long)
    for bucket in TimelineBucket:
        assert timeline([(short, [])], bucket) == timeline([(long, [])], bucket) == ()


async def test_figures_asked_for_alone_are_those_beside_their_parts(sender: Sender) -> None:
    """People, a proxy and a scanner, on mails that are measured personally and anonymously."""
    await sender.preset("BREVO")
    for email in people(10):
        await sender.says(email, "NO")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(10), "ada@example.org", "bob@example.org")
    for mail in mails[2:]:
        await sender.open(mail)
        await sender.click(mail)
    browser, before = sender.world.browser, sender.world.browser.headers["User-Agent"]
    browser.headers["User-Agent"] = SCANNER
    await sender.click(mails[-1])
    browser.headers["User-Agent"] = before
    await sender.world.drain()

    alone = await _report(sender, mailing, asked(FIGURES))
    beside = await _report(sender, mailing, asked(f"{FIGURES} {PARTS}"))
    hidden = await _report(sender, mailing, asked("...A ...B") + _fragments())

    assert alone["opens"] == {"value": 7, "shown": "ROUNDED"}
    assert alone["clicks"] == {"value": 7, "shown": "ROUNDED"}
    (link,) = beside["links"]
    assert (link["clicks"], link["uniqueClicks"]["value"]) == (alone["clicks"], 2)
    classes = {each["clientClass"]: each["clicks"]["value"] for each in beside["byClientClass"]}
    assert classes == {"HUMAN_LIKELY": 7, "PROXY": 0, "SCANNER": 1, "UNKNOWN": 0}
    assert beside == hidden
    assert {name: beside[name] for name in alone} == alone


async def _report(sender: Sender, mailing: str, query: str) -> dict[str, Any]:
    found: dict[str, Any] = (await sender.product.data(query, {"id": mailing}))["mailing"]["report"]
    return found


def _fragments() -> str:
    return f" fragment A on Report {{ {FIGURES} }} fragment B on Report {{ {PARTS} }}"


async def test_a_report_is_two_statements(sender: Sender) -> None:
    """Its mailing, and all that was counted; with links and classes and of many mailings too."""
    await sender.preset("BREVO")
    mailings = [await sender.mailing() for _ in range(3)]

    one = await sender.product.statements(asked(FIGURES), variables={"id": mailings[0]})
    whole = await sender.product.statements(asked(f"{FIGURES} {PARTS}"), variables={"id": mailings[0]})
    many = await sender.product.statements(
        f"{{ mailings(first: 3) {{ edges {{ node {{ report {{ {FIGURES} }} }} }} }} }}"
    )

    assert [len(each) for each in (one, whole, many)] == [2, 2, 2]


@pytest.mark.parametrize("channel", [Channel.CAMPAIGN, Channel.TRANSACTIONAL])
async def test_the_audiences_of_a_report_are_those_of_the_drain(world: World, channel: Channel) -> None:
    """Over two send days, with a bounce, and somebody who said no later and is counted since."""
    await world.preset(Preset.MAPP)
    addresses = people(6)
    for place, email in enumerate(addresses):
        await world.subscriber(email, PermissionChange.NO if place < 4 else PermissionChange.YES)
    mailing, other = await world.mailing(channel), await world.mailing()
    messages = await world.send(mailing, *addresses)
    world.later(days=1)
    await world.send(mailing, *addresses[2:])
    event = DeliveryEvent(messages[0].deliveries[0], DeliveryEventKind.BOUNCED, world.now[0])
    async with world.unit() as work:
        assert await record_deliveries(work, [event]) == []
    await world.answer(addresses[5], PermissionChange.NO)

    async with world.instance.database.connection() as connection:
        found, over = await reports.counts(connection, world.account_id, [mailing, other])
        known = await audiences(connection, [mailing, other])
        foreign, nothing = await reports.counts(connection, world.account_id + 1, [mailing, other])

    assert over == known
    assert sum(over.people.values()) > 0
    assert sum(over.late.values()) > 0
    assert sum(over.bounced.values()) > 0
    assert found.keys() == {mailing, other}
    assert (foreign, nothing.k, nothing.people) == ({}, {}, {})
