"""A scanner that follows every link of every mail, and every link of what it finds, changes nothing."""

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest

from app.actions.mailings import NewMailing, create_mailing
from app.actions.messages import PreparedMessage
from app.domain.modes import Channel
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from tests.preference_center.conftest import Center
from tests.world import PUBLIC_URL

MAIL = (
    '<html><body><a href="https://shop.example.com/a">A</a> <a href="{{preferences_url}}">Choose</a> '
    '<a href="{{unsubscribe_url}}">Leave</a></body></html>'
)
WITHOUT_A_WAY_OUT = '<html><body><a href="https://shop.example.com/b">B</a></body></html>'
KEPT = ("subscriber", "membership", "permission_line", "tombstone", "wording", "pending_sign_up", "job")
OURS = re.compile(r"""https://track\.example\.org/[^\s"'<>]+""")
DOORS = ("/o/", "/c/")


async def people_with_mail(center: Center) -> list[PreparedMessage]:
    """Somebody who never answered, somebody who said yes, and somebody who said no, with two mails each."""
    await center.world.preset(Preset.CAMPAIGN_MONITOR)
    letters = await center.add_list()
    for name, answer in (("ada", None), ("ben", PermissionChange.YES), ("cleo", PermissionChange.NO)):
        await center.person(f"{name}@example.org", lists=[letters])
        if answer is not None:
            await center.world.answer(f"{name}@example.org", answer)
    async with center.world.unit() as work:
        mailing = await create_mailing(work, NewMailing("Spring", Channel.CAMPAIGN, letters))
    addresses = [f"{name}@example.org" for name in ("ada", "ben", "cleo")]
    return [
        message
        for content in (MAIL, WITHOUT_A_WAY_OUT)
        for message in await center.world.send(mailing, *addresses, html=content)
    ]


def links_of(message: PreparedMessage) -> Iterator[str]:
    """Every address of ours in a mail, its headers included."""
    for part in (message.stamped.html or "", *(value for _, value in message.stamped.headers)):
        yield from (found.removeprefix(PUBLIC_URL) for found in OURS.findall(html.unescape(part)))


def leads_of(path: str, page: str) -> Iterator[str]:
    """Where a page leads: its links, and its forms as if they were sent by GET."""
    text = html.unescape(page)
    for found in re.findall(r'(?:href|src)="([^"]+)"', text):
        yield urljoin(path, found)
    for name, value in re.findall(r'name="([^"]+)"\s+value="([^"]*)"', text):
        yield f"{path.partition('?')[0]}?{name}={value}"


async def kept(center: Center) -> dict[str, list[str]]:
    """Everything that an answer, a list or a person could have changed."""
    return {
        table: sorted(str(tuple(row.values())) for row in await center.world.rows(f"SELECT * FROM {table}"))  # noqa: S608
        for table in KEPT
    }


async def scan(center: Center, path: str, method: str) -> str:
    """One request of the scanner, to the door that minds the path."""
    browser = center.world.browser if path.startswith(DOORS) else center.browser
    answer = await browser.request(method, path)
    assert answer.status_code in {200, 302, 404}, path
    assert "set-cookie" not in answer.headers
    return answer.text if "html" in answer.headers.get("content-type", "") else ""


@pytest.mark.parametrize("methods", [["HEAD"], ["GET"], ["HEAD", "GET"]], ids="+".join)
async def test_x8_a_scanner_that_follows_every_link_changes_nothing(center: Center, methods: list[str]):
    messages = await people_with_mail(center)
    before = await kept(center)
    waiting = {path for message in messages for path in links_of(message)}
    assert any("/unsubscribe/" in path for path in waiting)
    assert sum("/preferences/" in path for path in waiting) >= 3
    seen: set[str] = set()

    while waiting - seen:
        for path in sorted(waiting - seen):
            seen.add(path)
            for method in methods:
                page = await scan(center, path, method)
                found = (lead for lead in leads_of(path, page) if not urlsplit(lead).netloc)
                waiting |= {lead for lead in found if lead.startswith("/")}
        assert len(seen) < 2_000

    assert await kept(center) == before
    assert center.mails() == []
    await center.world.drain()
    if methods == ["HEAD"]:
        assert await center.count("event") == 0


@pytest.mark.parametrize("preset", [Preset.STRICT, Preset.CAMPAIGN_MONITOR])
async def test_x8_every_tracked_mail_carries_a_way_out_that_works_without_login(
    center: Center, preset: Preset
):
    """In the mail or in the footer, and in the headers, where one POST is enough."""
    await center.world.preset(preset)
    await center.world.subscriber("ada@example.org", PermissionChange.YES)
    (message,) = await center.world.send(
        await center.world.mailing(), "ada@example.org", html=WITHOUT_A_WAY_OUT
    )
    headers = dict(message.stamped.headers)

    (way_out,) = [path for path in links_of(message) if "/preferences/" in path]
    shown = await center.browser.get(way_out)
    (leaving,) = OURS.findall(headers["List-Unsubscribe"])
    left = await center.browser.post(leaving.removeprefix(PUBLIC_URL), data={"List-Unsubscribe": "One-Click"})

    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (shown.status_code, left.status_code) == (200, 200)
