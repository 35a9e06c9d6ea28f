"""The file of a channel's events says what the log of events says, whoever asks."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from app.disclosure.event_log import log_part, page_of_log
from app.disclosure.event_log_views import EventView, Start
from app.disclosure.reader import Reader
from app.domain.csv_cells import cell
from app.domain.global_ids import encode_id
from app.domain.modes import Channel, TrackingMode
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.principal import SCOPES, Principal
from tests.exports.shelf import Shelf

YES, NO = PermissionChange.YES, PermissionChange.NO
ALL = 1_000_000
HEADER = "event,occurred_at,sent_at,template_id,email,message_id,link"
PEOPLE = [f"p{number}@example.org" for number in range(12)]
IMPERSONAL = SCOPES - {"personal:read"}


async def logged(shelf: Shelf, scopes: frozenset[str], mailing_id: int | None = None) -> Counter[str]:
    """The rows of the log as lines of a file: rows of nobody have days."""
    reader = Reader(shelf.world.instance, Principal(shelf.world.account_id, 1, None, scopes))
    part = await log_part(reader, Channel.TRANSACTIONAL, mailing_id)
    assert part is not None
    return Counter(map(as_line, await page_of_log(reader, part, Start(), ALL)))


def as_line(view: EventView) -> str:
    times = [view.occurred_at, view.sent_at]
    if view.message_id == "Anonymized":
        times = [each and each.date() for each in times]
    cells = (view.kind.value, *times, view.template_id, view.email, view.message_id, view.link)
    return ",".join(map(cell, cells))


async def of_channel(shelf: Shelf, **more: Any) -> Counter[str]:
    text = await shelf.text(kind="EVENT_LOG", channel="TRANSACTIONAL", **more)
    first, *lines = text.splitlines()
    assert first == HEADER
    return Counter(lines)


async def test_b11_anonymous_events_are_equal_lines(shelf: Shelf) -> None:
    """Seven openings of people who said no are five equal lines, of a day and of nobody."""
    await shelf.world.preset(Preset.INXMAIL)
    mailing = await shelf.world.mailing(Channel.TRANSACTIONAL)
    for message in (await shelf.world.send(mailing, *PEOPLE))[:7]:
        await shelf.world.open(message)
    await shelf.world.drain()
    today = shelf.world.now[0].date().isoformat()

    text = await shelf.text(kind="EVENT_LOG", channel="TRANSACTIONAL")

    line = f"OPENED,{today},{today},{encode_id('Mailing', mailing)},Anonymized,Anonymized,Anonymized\n"
    assert text == f"{HEADER}\n{line * 5}"


async def test_b11_personal_events_say_everything(shelf: Shelf) -> None:
    """Who, when, of which mail, and where a click led."""
    await shelf.world.subscriber("ada@example.org", YES)
    mailing = await shelf.world.mailing(Channel.TRANSACTIONAL)
    (message,) = await shelf.world.send(mailing, "ada@example.org")
    sent = shelf.world.now[0].isoformat()
    shelf.world.later(seconds=90)
    await shelf.world.click(message)
    await shelf.world.drain()

    lines = await of_channel(shelf)

    at, template = shelf.world.now[0].isoformat(), encode_id("Mailing", mailing)
    who = f"ada@example.org,{message.message_id}"
    assert lines == {f"CLICKED,{at},{sent},{template},{who},https://shop.example.com/a?x=1": 1}


@pytest.mark.parametrize("scopes", [SCOPES, IMPERSONAL])
async def test_the_file_says_what_the_log_says(shelf: Shelf, scopes: frozenset[str]) -> None:
    """Two mailings, people of every kind, a mail to two, one who withdrew and one of a pair who did, two days."""
    await shelf.world.settings(unknown_opens=TrackingMode.ANONYMOUS, unknown_clicks=TrackingMode.ANONYMOUS)
    for email in (
        "ann@example.org",
        "ben@example.org",
        "cat@example.org",
        "dan@example.org",
        "eve@example.org",
    ):
        await shelf.world.subscriber(email, YES)
    pairs = ["ann@example.org", "ben@example.org"], ["cat@example.org", "dan@example.org"]
    ids = []
    for _ in range(2):
        ids.append(await shelf.world.mailing(Channel.TRANSACTIONAL))
        messages = await shelf.world.send(ids[-1], "ann@example.org", "ben@example.org", *pairs, *PEOPLE)
        for message in messages:
            await shelf.world.open(message)
            await shelf.world.click(message, 1)
        await shelf.world.drain()
        shelf.world.later(days=1)
    await shelf.world.answer("ben@example.org", NO)
    await shelf.world.answer("dan@example.org", NO)

    whole = await of_channel(shelf, scopes=scopes)
    one = await of_channel(shelf, scopes=scopes, mailingId=encode_id("Mailing", ids[0]))

    assert whole == await logged(shelf, scopes)
    assert one == await logged(shelf, scopes, ids[0])
    assert one < whole
    assert any("ann@example.org" in line for line in whole) is (scopes is SCOPES)
    assert not any("ben@example.org" in line for line in whole)


async def test_a_time_narrows_the_file(shelf: Shelf) -> None:
    """From this time on, until before that one."""
    await shelf.world.subscriber("ada@example.org", YES)
    mailing = await shelf.world.mailing(Channel.TRANSACTIONAL)
    (message,) = await shelf.world.send(mailing, "ada@example.org")
    began = shelf.world.now[0]
    for _ in range(3):
        await shelf.world.open(message)
        await shelf.world.drain()
        shelf.world.later(minutes=1)

    since, until = (began + timedelta(minutes=each) for each in (1, 2))
    lines = await of_channel(shelf, **{"from": since.isoformat(), "to": until.isoformat()})

    assert [line.split(",")[1] for line in lines] == [since.isoformat()]


async def test_p7_one_to_one_events_are_their_users_alone(shelf: Shelf) -> None:
    """An integration that asks for the channel gets the first line and nothing more."""
    text = await shelf.text(kind="EVENT_LOG", channel="ONE_TO_ONE")

    assert text == f"{HEADER}\n"
