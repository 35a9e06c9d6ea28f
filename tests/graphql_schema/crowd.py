"""Many who follow the events of one account, what they are told, and what it costs the server that they wait."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import websockets

from tests.graphql_schema.followers import PATIENCE
from tests.running import Running

Told = asyncio.Queue[tuple[int, str]]
"""Who was told, by number, and whose opening it was."""


@asynccontextmanager
async def crowd(running: Running, query: str, *, sockets: int, each: int) -> AsyncIterator[Told]:
    """So many sockets with so many subscriptions to events each; what any of them is told lands in one queue."""
    told: Told = asyncio.Queue()

    async def one(place: int) -> None:
        address = f"{running.url.replace('http', 'ws')}/graphql"
        async with websockets.connect(
            address,
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            open_timeout=PATIENCE,
            ping_interval=None,
        ) as socket:
            greeting = {"type": "connection_init", "payload": {"Authorization": f"Bearer {running.token}"}}
            await socket.send(json.dumps(greeting))
            await socket.recv()
            for number in range(each):
                asked = {"id": str(number), "type": "subscribe", "payload": {"query": query}}
                await socket.send(json.dumps(asked))
            async for message in socket:
                found = json.loads(message)
                if found["type"] != "ping":
                    email = found["payload"]["data"]["trackingEvents"]["email"]
                    told.put_nowait((place * each + int(found["id"]), email))

    tasks = [asyncio.create_task(one(place)) for place in range(sockets)]
    try:
        yield told
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def arrived(told: Told) -> list[tuple[int, str]]:
    """What followers are told until nobody has been told anything for ten seconds."""
    found: list[tuple[int, str]] = []
    with suppress(TimeoutError):
        while True:
            found.append(await asyncio.wait_for(told.get(), 10))
    return found


def processor_seconds(running: Running) -> float:
    """What the server's web processes have used so far."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
            if b"granian" in command and str(running.data).encode() in environment:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


async def quiet(running: Running) -> None:
    """Returns once the web processes use less than a fifth of a processor; 2,000 that looked for themselves would take all of it.

    Raises TimeoutError if they never do.
    """
    async with asyncio.timeout(PATIENCE):
        before, used = processor_seconds(running), 1.0
        while used > 0.2:
            await asyncio.sleep(1)
            now = processor_seconds(running)
            before, used = now, now - before
