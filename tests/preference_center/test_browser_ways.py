"""Other ways of reading a page: with keys alone, in each language, with a privacy signal, and with forced colours."""

import re

import pytest
from playwright.async_api import Browser, Page

from app.look.languages import LANGUAGES
from tests.preference_center.browser import PHONE, Look, looking, shoot
from tests.preference_center.conftest import Center

DESK = Look(scripts=True, width=1280, scheme="light")


async def focus(page: Page, name: str, most: int = 60) -> None:
    """Presses Tab until the control of that name has the focus; fails where it never does, or does not show it."""
    await page.wait_for_load_state()
    for _ in range(most):
        await page.keyboard.press("Tab")
        found = await page.evaluate(
            """() => { const here = document.activeElement;
                 const shown = here.closest('label') || here;
                 const outline = Math.max(...[here, shown].map(e => parseFloat(getComputedStyle(e).outlineWidth) || 0));
                 return {name: (here.ariaLabel || here.labels?.[0]?.innerText || here.innerText || '').trim(), outline};
               }"""
        )
        assert found["outline"] >= 2 or not found["name"], f"the focus on {found['name']} does not show"
        if found["name"] == name:
            return
    raise AssertionError(f"no Tab leads to {name}")


@pytest.mark.parametrize("scripts", [True, False])
async def test_everything_is_done_with_keys_alone(
    center: Center, served: str, chromium: Browser, scripts: bool
):
    letters = await center.add_list()
    person = await center.person(lists=[letters])
    async with looking(chromium, Look(scripts, 360, "dark")) as page:
        await page.goto(served + center.fresh_link(person))
        await focus(page, "Yes")
        await page.keyboard.press("ArrowRight")
        await focus(page, "Save")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[role=status]")
        said = await page.get_by_role("status").inner_text()
        await focus(page, "Answer for opens and clicks apart")
        await page.keyboard.press("Enter")
        await focus(page, "Save: Opening mails")
        await focus(page, "Leave Letters")
        await page.keyboard.press("Space")
        await page.get_by_text("You have left the list Letters.").wait_for()
        await focus(page, "Come back to Letters")
        await page.keyboard.press("Enter")
        await page.get_by_text("You are back on the list Letters.").wait_for()

    assert "You said no" in said
    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_every_language_fits_a_phone(center: Center, served: str, chromium: Browser, tag: str):
    """Nothing sticks out, nothing is left in braces, and the switch leads to each other language."""
    person = await center.person(lists=[await center.add_list()])
    link = center.fresh_link(person)
    async with looking(chromium, PHONE) as page:
        for part in ("", "/recorded", "/answers", "/stop-tracking"):
            await page.goto(f"{served}{link}{part}?lang={tag}")
            await shoot(page, f"language-{tag}{part.replace('/', '-')}", PHONE)
            text = await page.locator("body").inner_text()
            assert await page.locator("html").get_attribute("lang") == tag
            assert not re.search(
                r"[{}]|\b[a-z]+\.[a-z]+\.[a-zA-Z]+\b(?!@)", text.replace("shop.example.com", "")
            )
        others = await page.get_by_role("navigation").get_by_role("link").all_inner_texts()

    assert others == [each.name for each in LANGUAGES.values() if each.tag != tag]


async def test_x7_the_signal_is_shown_and_explained_and_stored_nowhere(
    center: Center, served: str, chromium: Browser
):
    person = await center.person()
    before = await center.standing()
    async with looking(chromium, PHONE, extra_http_headers={"Sec-GPC": "1"}) as page:
        await page.goto(served + center.link(person))
        text = await page.get_by_role("main").inner_text()
        chosen = await page.get_by_role("radio", checked=True).all()
        values = {await radio.get_attribute("value") for radio in chosen}
        await shoot(page, "preferences-privacy-signal", PHONE)

    assert "Your browser sends the Global Privacy Control signal." in text
    assert "nothing is saved until you save it" in text
    assert values == {"no"}
    assert await center.standing() == before
    assert await center.lines() == 0


async def test_yes_and_no_have_the_same_weight(center: Center, served: str, chromium: Browser):
    """The same size, the same colours, side by side, and neither is chosen."""
    person = await center.person()
    async with looking(chromium, DESK) as page:
        await page.goto(served + center.link(person))
        yes, no = [
            await page.locator(".pair label")
            .nth(place)
            .evaluate(
                """e => { const box = e.getBoundingClientRect(), s = getComputedStyle(e);
                     return {top: box.top, width: Math.round(box.width), height: Math.round(box.height),
                             colour: s.color, behind: s.backgroundColor, edge: s.borderColor, weight: s.fontWeight}; }"""
            )
            for place in (0, 1)
        ]

    assert yes == no
    assert yes["height"] >= 44


async def test_forced_colours_still_show_what_is_chosen(center: Center, served: str, chromium: Browser):
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "no"})
    async with looking(chromium, DESK, forced_colors="active") as page:
        await page.goto(served + center.link(person))
        edges = [
            await page.locator(".pair label").nth(place).evaluate("e => getComputedStyle(e).borderTopWidth")
            for place in (0, 1)
        ]
        await shoot(page, "preferences-forced-colours", DESK)

    assert edges == ["2px", "4px"]
