"""A real Chromium for the tests of the pages: one process a run, a context for each look.

`chromium` fails, and is not skipped, where the program is missing. `served` is the door behind a real server.
Screenshots are written to `var/screenshots`, so that a person can look at every state of every page.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from litestar.datastructures import State
from playwright.async_api import Browser, Page, async_playwright

from app.instance import Instance
from app.web.report_page import report_routes
from preference_center.routes import preference_center_routes
from tests.house.tree import ROOT
from tests.preference_center.conftest import Center
from tests.running import free_port

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 120_000
"""Milliseconds: a machine may be busy, or stand still for a while."""

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb"]
SCREENSHOTS = ROOT / "var" / "screenshots"


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page."""

    scripts: bool
    width: int
    scheme: str

    def __str__(self) -> str:
        scripts = "scripts" if self.scripts else "no-scripts"
        return f"{self.width}-{self.scheme}-{scripts}"


LOOKS = [
    Look(scripts, width, scheme)
    for scripts, width, scheme in itertools.product((True, False), (360, 1280), ("light", "dark"))
]
"""Each way of looking: with scripts and without, on a phone and at a desk, by day and by night."""

PHONE = Look(scripts=True, width=360, scheme="light")
OLD_PHONE = Look(scripts=False, width=360, scheme="light")


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The one browser of this run."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES, timeout=PATIENCE)
        yield browser
        await browser.close()


@pytest.fixture
async def served(center: Center) -> AsyncIterator[str]:
    """The door behind a real server; yields where it listens."""
    async with serving(center.world.instance) as url:
        yield url


@asynccontextmanager
async def serving(instance: Instance) -> AsyncIterator[str]:
    """Every page of an instance behind a real server; yields where it listens."""
    app = Litestar(
        [*preference_center_routes(), *report_routes()],
        state=State({"instance": instance}),
        openapi_config=None,
        logging_config=None,
    )
    port = free_port()
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    running = asyncio.create_task(server.serve())
    await _listening(port)
    yield f"http://127.0.0.1:{port}"
    server.stop()
    await running


async def _listening(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return


@asynccontextmanager
async def looking(chromium: Browser, look: Look, **more: object) -> AsyncIterator[Page]:
    """A page in a context of its own. Leaving fails where the console complained or another site was asked."""
    context = await chromium.new_context(
        java_script_enabled=look.scripts,
        viewport={"width": look.width, "height": 740},
        color_scheme=look.scheme,
        locale="en",
        **more,
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: _note_other_site(request.url, complaints))
    yield page
    await context.close()
    assert complaints == []


def _note_other_site(url: str, complaints: list[str]) -> None:
    """A page asks nobody but the server that it came from."""
    if urlsplit(url).hostname not in {"127.0.0.1", None}:
        complaints.append(f"another site: {url}")


async def shoot(page: Page, name: str, look: Look) -> None:
    """Checks that nothing sticks out at the side, and writes a picture of the whole page.

    Pages run no script, so they look the same with scripts and without: one picture is enough.
    """
    await page.wait_for_load_state()
    if look.scripts:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / f"{name}-{look.width}-{look.scheme}.png", full_page=True)
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= look.width, f"{name} is {wide} pixels wide"
