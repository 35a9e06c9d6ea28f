"""The page in a real browser with scripts switched off: what a person clicks is what is saved."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from litestar.datastructures import State
from playwright.async_api import Page, async_playwright

from preference_center.routes import preference_center_routes
from tests.preference_center.conftest import Center

CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
async def served(center: Center) -> AsyncIterator[str]:
    """The door behind a real server; yields where it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = Litestar(
        preference_center_routes(), state=State({"instance": center.world.instance}), openapi_config=None
    )
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            break
    yield f"http://127.0.0.1:{port}"
    server.stop()
    await serving


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page of a small phone without scripts. It fails, and is not skipped, where Chromium is missing."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        context = await browser.new_context(
            java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="en"
        )
        yield await context.new_page()
        await browser.close()


async def test_an_answer_is_changed_with_keys_alone_and_without_scripts(
    center: Center, served: str, page: Page
):
    person = await center.person()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(served + center.link(person))

    await page.get_by_role("radio", name="No").first.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    assert "You said no" in await page.get_by_role("status").inner_text()
    assert await page.get_by_role("radio", name="No").first.is_checked()
    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"
    assert complaints == []


async def test_a_form_is_sent_and_confirmed_without_scripts(center: Center, served: str, page: Page):
    form = await center.form()
    await page.goto(served + form)

    await page.get_by_label("E-mail address").fill("ada@example.org")
    await page.get_by_role("radio", name="Yes").check()
    await page.get_by_role("button", name="Sign up").click()
    assert await page.get_by_role("heading").inner_text() == "One more step"
    await page.goto(served + await center.awaited_path())
    await page.get_by_role("button", name="Confirm").click()

    assert await page.get_by_role("heading").inner_text() == "You are signed up"
    assert await center.standing() == "YES//FORM YES//FORM"
