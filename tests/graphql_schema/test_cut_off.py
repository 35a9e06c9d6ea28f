"""Clients that go in the middle of an answer, as mobile ones do: what waited behind them ends, and nothing is logged."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from tests.running import Running

EVENTS = "subscription { trackingEvents { kind } }"
PEOPLE = "{ subscribers(first: 1000) { edges { node { id email } } } }"
WAYS = ("text/event-stream", 'multipart/mixed;boundary="-";subscriptionSpec="1.0", application/json')
TIMES = 60
LEFT = ("was destroyed but it is pending", "Traceback", " failed with ")


async def cut_off(running: Running, accept: str, query: str, seconds: float, *, whole: bool = True) -> None:
    """Asks, waits for a moment, and is gone without a word."""
    where = urlsplit(running.url)
    body = json.dumps({"query": query}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {running.token}\r\n"
        f"Content-Type: application/json\r\nAccept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(head.encode() + (body if whole else body[:10]))
    await writer.drain()
    await asyncio.sleep(seconds)
    writer.transport.abort()


@pytest.mark.parametrize("accept", WAYS)
async def test_what_waits_behind_a_stream_ends_with_it(running: Running, accept: str) -> None:
    """Some before the first byte, some while events are waited for; afterwards the database answers at once."""
    errors = running.data.parent / "stderr.txt"
    before = len(errors.read_text())

    await asyncio.gather(
        *(
            cut_off(running, accept, EVENTS if number % 3 else PEOPLE, number / TIMES, whole=number % 5 > 0)
            for number in range(TIMES)
        )
    )
    await asyncio.sleep(1)
    answer = running.gql(PEOPLE)

    said = errors.read_text()[before:]
    assert [each for each in said.splitlines() if any(word in each for word in LEFT)] == []
    assert answer["subscribers"]["edges"] is not None
