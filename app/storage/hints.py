"""Hints that something has changed, from any process to whoever waits for it in this one.

A hint says a topic and nothing else: whoever waits asks the gate again for what they may see. So it does not matter
whether hints are lost, late or too many, and one who reads slowly holds up nobody: hints that come meanwhile are one.
Behind every hint stands asking again after some seconds anyway.

    topic     one thing that changes, such as `job:17`; it names no person, since every session may listen
    listener  one connection beside the pool, for all who wait in this process, as long as anybody does

Whoever waits learns also when the connection begins to listen, since what came before was not heard. A connection that
is lost is opened again. Source: scale.md (LISTEN/NOTIFY).
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from app.storage.database import AWAY, Connection, Database
from app.storage.queries import load

SQL = load("hints")

PATIENCE_SECONDS = 5.0
"""Whoever has heard nothing for so long asks again."""

PACE_SECONDS = 0.1
"""Hints that come closer to each other than this are one."""

_CHANNEL = "assent_hint"
_AGAIN_SECONDS = 1.0


async def send(connection: Connection, *topics: str) -> None:
    """Hints that topics have changed; in a transaction, when that commits."""
    await connection.execute(SQL.send, list(topics))


def events_topic(account_id: int) -> str:
    """What hints call the events of an account."""
    return f"events:{account_id}"


class Waiting:
    """One who waits for hints of a topic."""

    def __init__(self, patience: float) -> None:
        """`patience` is in seconds."""
        self._patience = patience
        self._hinted = asyncio.Event()

    def hint(self) -> None:
        """Ends the wait, or the next one."""
        self._hinted.set()

    async def next(self) -> bool:
        """Returns at a hint that came since the last time, or when patience is over; whether there was one."""
        await asyncio.sleep(PACE_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hinted.wait(), self._patience)
        hinted = self._hinted.is_set()
        # What changes from here on is hinted anew, and the caller asks only now.
        self._hinted.clear()
        return hinted


class Hints:
    """All who wait in this process, and the one connection that listens for them."""

    def __init__(self, database: Database, *, patience: float = PATIENCE_SECONDS) -> None:
        """`patience` is how many seconds somebody waits without a hint."""
        self._database = database
        self._patience = patience
        self._waiting: defaultdict[str, set[Waiting]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def on(self, topic: str) -> AsyncIterator[Waiting]:
        """Waits for hints of a topic. Who enters looks first and waits then, and misses nothing."""
        waiting = Waiting(self._patience)
        self._waiting[topic].add(waiting)
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        try:
            yield waiting
        finally:
            self._waiting[topic].discard(waiting)
            if not self._waiting[topic]:
                del self._waiting[topic]
            if not self._waiting:
                await self._hang_up()

    async def _hang_up(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.cancel()
            await asyncio.wait([listener])

    async def _listen(self) -> None:
        while True:
            with suppress(*AWAY, asyncpg.PostgresError):
                await self._listen_once()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen_once(self) -> None:
        connection = await self._database.own_connection("hints")
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            await connection.add_listener(_CHANNEL, self._heard)
            for topic in list(self._waiting):
                self._tell(topic)
            await lost.wait()
        finally:
            await connection.close(timeout=2)

    def _heard(self, *heard: Any) -> None:
        """Asyncpg calls this with connection, process, channel and what was said."""
        self._tell(heard[-1])

    def _tell(self, topic: str) -> None:
        # Looked up without making an entry: nobody may wait for it.
        for waiting in self._waiting.get(topic, ()):
            waiting.hint()
