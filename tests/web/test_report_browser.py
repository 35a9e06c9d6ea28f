"""The report page in a real browser and on paper; its pictures are written to `var/screenshots`."""

from playwright.async_api import Browser, expect

from app.domain.presets import Preset
from tests.preference_center.browser import SCREENSHOTS, Look, looking, serving, shoot
from tests.web.report_pages import ReportPages

PATIENCE = 60_000
"""Milliseconds that a page of a slow machine may take."""

LOOKS = [
    Look(scripts=False, width=360, scheme="light"),
    Look(scripts=True, width=360, scheme="dark"),
    Look(scripts=True, width=1280, scheme="light"),
]


async def test_the_page_is_whole_on_a_phone_at_a_desk_by_night_and_on_paper(
    pages: ReportPages, chromium: Browser
):
    """Nothing sticks out, nothing complains, no other site is asked; tables unfold, and print as they stand."""
    await pages.world.preset(Preset.CAMPAIGN_MONITOR)
    path = await pages.path(await pages.agreed_and_not())

    async with serving(pages.world.instance) as served:
        for look in LOOKS:
            async with looking(chromium, look) as page:
                await page.goto(served + path)
                await page.get_by_text("The same as a table").first.click()
                await expect(page.get_by_role("rowheader", name="Delivered")).to_be_visible(timeout=PATIENCE)
                await expect(page.get_by_role("list").first).to_contain_text("Opened", timeout=PATIENCE)
                await shoot(page, "report", look)
        async with looking(chromium, LOOKS[2]) as page:
            await page.goto(served + path)
            paper = await page.pdf(path=SCREENSHOTS / "report.pdf", prefer_css_page_size=True)
            assert paper.count(b"/Type /Page\n") <= 3
            await page.emulate_media(media="print")
            assert not await page.get_by_role("navigation").is_visible()
