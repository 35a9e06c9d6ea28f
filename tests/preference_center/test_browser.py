"""The pages in a real browser, whatever it can do: what a person clicks is what is saved.

Each journey is walked with scripts and without, on a phone and at a desk, by day and by night, and leaves pictures.
"""

import struct
import zlib

import pytest
from playwright.async_api import Browser, Page, expect

from app.actions.brands import BrandChange, update_brand
from tests.preference_center.browser import LOOKS, OLD_PHONE, PATIENCE, PHONE, Look, looking, shoot
from tests.preference_center.conftest import Center


def picture() -> bytes:
    """A whole PNG, 24 by 32 pixels of one blue."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = (b"\x00" + bytes((0x22, 0x55, 0xCC)) * 24) * 32
    header = struct.pack(">IIBBBBB", 24, 32, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.fixture(params=LOOKS, ids=str)
def look(request: pytest.FixtureRequest) -> Look:
    """Each look in turn."""
    return request.param


async def says(page: Page, *sentences: str) -> None:
    """Waits until the page says that this has happened, and is whole; what an earlier page said does not count."""
    for sentence in sentences:
        await expect(page.get_by_role("status")).to_contain_text(sentence, timeout=PATIENCE)
    await page.wait_for_load_state()


async def heads(page: Page, title: str) -> None:
    """Waits until the page of that title is there, and is whole."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=PATIENCE)
    await page.wait_for_load_state()


async def test_somebody_says_no_changes_their_mind_and_leaves_a_list(
    center: Center, served: str, chromium: Browser, look: Look
):
    letters, offers = await center.add_list("Letters"), await center.add_list("Offers")
    person = await center.person(lists=[letters, offers])
    async with looking(chromium, look) as page:
        await page.goto(served + center.link(person))
        assert await page.get_by_role("radio", checked=True).count() == 0
        await shoot(page, "preferences-never-asked", look)

        await page.get_by_role("radio", name="No").first.check()
        await page.get_by_role("button", name="Save").first.click()
        await says(
            page,
            "You said no: Test no longer sees whether you open its mails",
            "also for mails that you already have",
            "To undo it",
        )
        await shoot(page, "preferences-said-no", look)
        await page.get_by_text("Answer for opens and clicks apart").click()
        clicks = page.get_by_role("group", name="May Test see which links you click in its mails?")
        await clicks.get_by_role("radio", name="Yes").check()
        await page.get_by_role("button", name="Save: Clicking links").click()
        await says(page, "You said yes to clicks. Your answer on opens stayed as it was.")
        await shoot(page, "preferences-apart", look)
        await page.get_by_role("button", name="Leave Offers").click()
        await says(page, "You have left the list Offers.")

    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER YES//PREFERENCE_CENTER"
    assert await center.memberships() == {
        "ada@example.org Letters": "SUBSCRIBED",
        "ada@example.org Offers": "UNSUBSCRIBED",
    }


async def test_somebody_reads_what_is_recorded_and_has_themselves_erased(
    center: Center, served: str, chromium: Browser, look: Look
):
    async with center.world.unit() as work:
        await update_brand(work, BrandChange(name="Blue Door Books", colour="#2255cc", logo=picture()))
    person = await center.person(attributes={"city": "Graz"}, lists=[await center.add_list("Letters")])
    link = center.fresh_link(person)
    await center.browser.post(link, data={"tracking": "yes"})
    (mail,) = await center.world.send(await center.world.mailing(), "ada@example.org")
    await center.world.open(mail)
    await center.world.click(mail)
    await center.world.drain()
    async with looking(chromium, look) as page:
        await page.goto(served + link)
        await shoot(page, "preferences-fresh", look)
        assert await page.locator("header img").evaluate("image => image.naturalWidth") == 24
        await page.get_by_role("link", name="See what is recorded about you").click()
        await heads(page, "What is recorded about you")
        recorded = await page.get_by_role("article").inner_text()
        await shoot(page, "recorded", look)
        await page.get_by_role("link", name="Back to your settings").click()
        await page.get_by_role("link", name="See all your answers so far").click()
        await heads(page, "Your answers so far")
        history = await page.get_by_role("article").inner_text()
        await shoot(page, "answers", look)
        await page.get_by_role("link", name="Back to your settings").click()
        async with page.expect_download() as started:
            await page.get_by_role("link", name="Download everything").click()
        download = await started.value
        await page.get_by_role("button", name="Stop and erase what was recorded").click()
        await says(page, "everything recorded about your opens and clicks has been deleted")
        await page.get_by_text("Erase me", exact=True).click()
        await shoot(page, "preferences-erase-me", look)
        await page.get_by_role("button", name="Erase me for good").click()
        await says(page, "You have been erased")
        await shoot(page, "erased", look)

    assert "Opened once." in recorded
    assert "https://shop.example.com/a?x=1" in recorded
    assert "May Blue Door Books see" in history
    assert download.suggested_filename == "data.zip"
    assert await center.count("subscriber") == 0


async def test_links_from_a_mail_stop_and_leave_with_one_button(
    center: Center, served: str, chromium: Browser, look: Look
):
    person = await center.person(lists=[await center.add_list()])
    async with looking(chromium, look) as page:
        await page.goto(f"{served}{center.link(person)}/stop-tracking")
        await shoot(page, "stop-tracking", look)
        await page.get_by_role("button", name="Stop tracking").click()
        await says(page, "Tracking is stopped")
        await shoot(page, "stopped", look)
        await page.goto(served + center.unsubscribe_link(person, 0))
        await page.get_by_role("button", name="Leave the list").click()
        await says(page, "You have left all mailing lists of Test.")
        await page.get_by_role("link", name="See all your settings").click()
        await heads(page, "You and the mails of Test")

    assert await center.standing() == "NO/DENIED/ONE_CLICK NO/DENIED/ONE_CLICK"


async def test_a_damaged_link_leads_to_a_new_one_by_mail(center: Center, served: str, chromium: Browser):
    await center.person()
    async with looking(chromium, PHONE) as page:
        response = await page.goto(f"{served}/preferences")
        assert response is not None
        await page.get_by_label("E-mail address").fill("ada@example.org")
        await shoot(page, "request-link", PHONE)
        await page.get_by_role("button", name="Mail me the link").click()
        await says(page, "If this address is known here")
        await shoot(page, "link-requested", PHONE)
        await page.goto(served + await center.awaited_path())
        text = await page.get_by_role("main").inner_text()

    assert "ada@example.org" in text


async def test_a_form_is_sent_and_confirmed_without_scripts(center: Center, served: str, chromium: Browser):
    form = await center.form()
    async with looking(chromium, OLD_PHONE) as page:
        await page.goto(served + form)
        await page.get_by_label("E-mail address").fill("ada@example.org")
        await page.get_by_role("radio", name="Yes").check()
        await page.get_by_role("button", name="Sign up").click()
        await says(page, "One more step")
        await page.goto(served + await center.awaited_path())
        await page.get_by_role("button", name="Confirm").click()
        await says(page, "You are signed up")

    assert await center.standing() == "YES//FORM YES//FORM"
