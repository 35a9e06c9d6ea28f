"""A front end on a website of its own, in a real browser: what the account allows works, and nothing else does."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.judges.conftest import Stage
from tests.preference_center.browser import PATIENCE

EMPTY = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\nConnection: close\r\n\r\n\n"
ASK = """async ([url, token]) => {
  const headers = {Authorization: `Bearer ${token}`, 'Content-Type': 'application/json'};
  const body = JSON.stringify({query: '{ viewer { account { name } } }'});
  try {
    const response = await fetch(url, {method: 'POST', headers, body});
    return response.ok ? (await response.json()).data.viewer.account.name : response.status;
  } catch (error) {
    return 'unreadable';
  }
}"""
GREET = """([url, token]) => new Promise(done => {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  const payload = {Authorization: `Bearer ${token}`};
  socket.onopen = () => socket.send(JSON.stringify({type: 'connection_init', payload}));
  socket.onmessage = ({data}) => { socket.close(); done(JSON.parse(data).type); };
  socket.onclose = () => done('closed');
})"""


@pytest.fixture
async def site() -> AsyncIterator[int]:
    """The port of a website with one empty page: of two origins, since it answers under two names."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(EMPTY)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def on(chromium: Browser, origin: str) -> Page:
    context = await chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto(f"{origin}/")
    return page


async def test_a_front_end_works_on_the_website_that_its_account_allows(
    chromium: Browser, stage: Stage, site: int
) -> None:
    stage.done("updateAccount", {"allowedOrigins": [f"http://localhost:{site}"]}, "account { id }")
    given, strangers = [stage.url, stage.token], [stage.url, stage.running.token]

    own, other = (
        await on(chromium, f"http://localhost:{site}"),
        await on(chromium, f"http://127.0.0.1:{site}"),
    )

    assert await own.evaluate(ASK, given) == "Judges"
    assert await own.evaluate(GREET, given) == "connection_ack"
    assert await own.evaluate(ASK, [stage.url, "over"]) == 401
    assert await own.evaluate(ASK, strangers) == "unreadable"
    assert await own.evaluate(GREET, strangers) == "closed"
    assert await other.evaluate(ASK, given) == "unreadable"
    assert await other.evaluate(GREET, given) == "closed"
    await asyncio.gather(own.context.close(), other.context.close())
