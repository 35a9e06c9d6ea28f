"""GraphiQL as a person uses it: a real Chromium that reaches this instance and nothing else, under the page's own policy."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.graphql_schema.test_job_progress import QUERY, new_job
from tests.preference_center.browser import Look, looking
from tests.running import Running

DESK = Look(scripts=True, width=1280, scheme="light")
WRITE = "([area, text]) => document.querySelector(`${area} .CodeMirror`).CodeMirror.setValue(text)"
SHOWS = (
    "(words) => words.every(word => document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue()"
    ".replace(/\\s/g, '').includes(word))"
)
KEPT = "() => JSON.stringify(localStorage)"
SENDS = (
    "(token) => document.querySelectorAll('.graphiql-editor-tool .CodeMirror')[1]?.CodeMirror.getValue()"
    ".includes(token)"
)
WAITING = "subscription { trackingEvents { kind } }"
MOST_LINES = 6
"""How many requests a browser has open to one server by HTTP/1.1 at once; one more waits."""


@pytest.fixture
async def page(chromium: Browser, running: Running) -> AsyncIterator[Page]:
    """GraphiQL with a token; leaving fails where the console complained, of the policy too, or another site was asked."""
    async with looking(chromium, DESK) as page:
        await page.goto(f"{running.url}/graphql#token={running.token}")
        await page.wait_for_selector(".graphiql-query-editor .CodeMirror")
        yield page


async def run(page: Page, query: str, variables: str = "{}") -> None:
    await page.evaluate(WRITE, [".graphiql-query-editor", query])
    if variables != "{}":
        await page.get_by_role("button", name="Variables").click()
        await page.evaluate(WRITE, [".graphiql-editor-tool .graphiql-editor:not(.hidden)", variables])
    await page.locator(".graphiql-execute-button").click()


async def shows(page: Page, *words: str) -> None:
    await page.wait_for_function(SHOWS, arg=list(words))


async def test_a_query_runs_with_the_token_of_the_link_which_is_gone_from_the_address(page: Page) -> None:
    await run(page, "{ viewer { account { name } } }")

    await shows(page, '"name":"Demo"')
    assert "token" not in page.url


async def test_the_documentation_is_that_of_the_schema(page: Page) -> None:
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.get_by_role("link", name="Query", exact=True).click()

    await page.get_by_text("Who asks, and with which scopes.").wait_for()


async def test_a_subscription_runs_to_its_end(page: Page, running: Running) -> None:
    job = await new_job(running)

    await run(page, QUERY, f'{{"id": "{job.id}"}}')
    await shows(page, '"status":"RUNNING"', '"progress":0')
    await job.moves("DONE", 1.0)

    await shows(page, '"status":"DONE"', '"progress":1')
    await page.wait_for_selector(".graphiql-execute-button[aria-label^='Execute']")


async def test_a_subscription_that_is_stopped_leaves_no_line_open(page: Page) -> None:
    """One that was only forgotten by the page would hold its line, and one query more would wait for ever."""
    for _ in range(MOST_LINES):
        async with page.expect_event("requestfailed") as cut:
            async with page.expect_response("**/graphql"):
                await run(page, WAITING)
            await page.get_by_role("button", name="Stop query").click()
        assert (await cut.value).failure == "net::ERR_ABORTED"
        await page.get_by_role("button", name="Execute query").wait_for()

    await run(page, "{ viewer { account { name } } }")

    await shows(page, '"name":"Demo"')


async def test_no_token_is_stored_and_what_was_asked_before_runs_with_that_of_the_link(
    page: Page, running: Running
) -> None:
    """GraphiQL stores the headers with each query of its history, and with each that is marked as a favorite."""
    await run(page, "query Mine { viewer { account { name } } }")
    await shows(page, '"name":"Demo"')
    await page.get_by_role("button", name="Show History").click()
    await page.get_by_role("button", name="Add favorite").click()

    kept = await page.evaluate(KEPT)
    assert "query Mine" in kept
    assert running.token not in kept

    await page.goto("about:blank")
    await page.goto(f"{running.url}/graphql#token={running.token}")
    await page.get_by_role("button", name="Show History").click()
    await page.locator(".graphiql-history-item-label").click()
    await page.wait_for_function(SENDS, arg=running.token)
