"""Rows of the matrix that forms and our own mails answer for: M3, C8 and C9 where they meet a form, X8 in letters."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from playwright.async_api import Browser

from app.disclosure.forms import forms_by_id
from app.disclosure.subscribers import subscriber_by_address
from app.domain.forms import FormQuestion
from app.domain.permission import Permission, PermissionSource, Reason
from tests.letters import mail_all
from tests.preference_center.browser import PATIENCE
from tests.preference_center.conftest import Center

SHOP = "http://shop.example"
ADA = {"email": "ada@example.org"}


@pytest.mark.parametrize(
    ("answer", "at_once", "confirmed"),
    [
        ({"tracking": "yes"}, Permission.UNKNOWN, Permission.YES),
        ({"tracking": "no"}, Permission.NO, Permission.NO),
        ({}, Permission.UNKNOWN, Permission.UNKNOWN),
    ],
)
async def test_m3_registration_forms_carry_the_preference(
    center: Center, answer: dict[str, str], at_once: Permission, confirmed: Permission
):
    """A no counts at once, a yes with the confirmation, and silence is none of both; either way they are signed up."""
    form = await center.form(list_id=await center.add_list())

    await center.browser.post(form, data={**ADA, **answer})
    before = await subscriber_by_address(center.world.reader, ADA["email"])
    await center.browser.post(center.mailed_path())
    after = await subscriber_by_address(center.world.reader, ADA["email"])

    assert (before.opens.value, before.clicks.value) == (at_once, at_once)
    assert (after.opens.value, after.clicks.value) == (confirmed, confirmed)
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}


async def test_m3_the_snippet_works_on_a_page_of_the_senders_own(
    center: Center, served: str, chromium: Browser
):
    """A person fills it in there, without scripts, and nothing is chosen for them."""
    instance = center.world.instance
    instance.public_url = served
    path = await center.form(FormQuestion.EACH_AXIS, allowed_origins=[SHOP])
    form_id = int(path.rpartition("/")[2])
    snippet = (await forms_by_id(center.world.reader, [form_id]))[form_id].snippet()
    context = await chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    await context.route(
        f"{SHOP}/",
        lambda route: route.fulfill(body=f"<!DOCTYPE html>{snippet}", content_type="text/html"),
    )
    page = await context.new_page()
    await page.goto(SHOP)
    chosen = await page.locator(":checked").count()
    sees_trap = await page.get_by_label("Leave this field empty").is_visible()
    await page.get_by_label("E-mail address").fill("ada@example.org")
    await page.get_by_role("group", name="Opening mails").get_by_label("No").check()
    await page.get_by_role("button", name="Sign up").click()
    heading = await page.get_by_role("heading").inner_text()
    await context.close()

    assert (chosen, sees_trap, heading) == (0, False, "One more step")
    assert await center.standing() == "NO/DENIED/FORM UNKNOWN/ASKED_NO_ANSWER/FORM"


async def test_c8_a_form_sets_the_answer_of_somebody_who_is_known(center: Center):
    """Unticked changes nothing for a yes, a no takes it back at once, and the confirmed yes of the person lifts it."""
    form = await center.form(list_id=await center.add_list())
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "yes"})

    standings = []
    for answer in ({}, {"tracking": "no"}, {"tracking": "yes"}):
        await center.browser.post(form, data={**ADA, **answer})
        standings.append((await center.standing()).split()[0])
    await center.browser.post(center.mailed_path())

    assert standings == ["YES//PREFERENCE_CENTER", "NO/WITHDRAWN/FORM", "NO/WITHDRAWN/FORM"]
    assert await center.standing() == "YES//FORM YES//FORM"


async def test_c9_what_a_form_was_told_is_seen_on_the_profile_with_its_source_and_wording(center: Center):
    form = await center.form()

    await center.browser.post(form, data={**ADA, "tracking": "no"})
    view = await subscriber_by_address(center.world.reader, ADA["email"])
    (row,) = await center.world.rows("SELECT wording_id FROM form")
    lines = await center.world.rows("SELECT wording_id FROM permission_line")

    assert (view.opens.value, view.opens.source, view.opens.reason) == (
        Permission.NO,
        PermissionSource.FORM,
        Reason.DENIED,
    )
    assert {line["wording_id"] for line in lines} == {row["wording_id"]}


async def test_x8_every_letter_of_ours_is_untracked_and_its_link_shows_before_it_acts(center: Center):
    """Whatever follows its links, a scanner or a person, changes nothing by it; nobody logs in."""
    form = await center.form(list_id=await center.add_list())
    await center.browser.post(form, data={**ADA, "tracking": "yes"})
    await center.browser.post("/preferences", data=ADA)
    before = [await center.standing(), await center.lines(), await center.memberships()]

    for mail in center.mails():
        bodies = [part.get_content() for part in mail.iter_parts()]
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert mail["Auto-Submitted"] == "auto-generated"
        for body in bodies:
            links = re.findall(r"https?://[^\s\"'<>]+", body)
            assert len(links) == 1
            assert "/c/" not in links[0]
            assert "<img" not in body
            shown = await center.browser.get(links[0])
            assert shown.status_code == 200
            assert '<form method="post"' in shown.text
            assert (await center.browser.head(links[0])).status_code == 200

    assert len(center.mails()) == 2
    assert [await center.standing(), await center.lines(), await center.memberships()] == before


async def test_letters_wait_alike_for_whoever_is_known_and_nobody_learns_whether_one_does(center: Center):
    """The answers to a known and an unknown address are the same; what differs happens behind them."""
    await center.person()
    center.mailing = False

    known = await center.browser.post("/preferences", data=ADA)
    unknown = await center.browser.post("/preferences", data={"email": "eve@example.org"})

    def seen(answer: httpx.Response) -> tuple[object, ...]:
        return answer.status_code, answer.content, sorted(answer.headers.items())

    assert seen(known) == seen(unknown)
    assert await mail_all(center.world.instance) == 1


_FETCH = """async (url) => {
  try {
    const answer = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({email: 'ada@example.org', tracking: 'no'})});
    return [answer.status, (await answer.json()).accepted];
  } catch (error) { return [0, error.name]; }
}"""


@asynccontextmanager
async def shop() -> AsyncIterator[str]:
    """A website of the sender's own on this machine; yields its origin."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
        writer.write(f"{head}shop".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(("is_named", "answer"), [(True, [202, True]), (False, [0, "TypeError"])])
async def test_m3_a_front_end_sends_json_from_the_origins_that_the_form_names_and_from_no_other(
    center: Center, served: str, chromium: Browser, is_named: bool, answer: list[object]
):
    """As the browser sees it, preflight and all."""
    async with shop() as origin, shop() as other:
        form = await center.form(allowed_origins=[origin if is_named else other])
        context = await chromium.new_context()
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        await page.goto(origin)
        found = await page.evaluate(_FETCH, served + form)
        await context.close()

    assert found == answer
    assert await center.count("subscriber") == is_named
