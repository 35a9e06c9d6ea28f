"""Up to when everything that was written is there to be read: how feeds skip nothing under many writers.

Theory: whoever writes rows reads the time after its transaction began and before it is committed. So a row can turn up
behind a place that was read already, but only as long as a transaction is open that began before that place's time. Rows
are shown once they are settled: older than every open transaction, and than MARGIN, which is how far the clocks of
several machines may be apart.

Whoever only reads for long says so and is not waited for (`Database.snapshot`, `hold_up_no_feed`); an import is a transaction for
each batch, and a transaction in which nothing happens ends after five minutes. So feeds are behind by one batch or statement.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from app.disclosure.reader import Reader
from app.storage import ledger
from app.storage.database import Connection
from app.storage.hints import Waiting

MARGIN = timedelta(seconds=2)

_PACE_SECONDS = 0.3
_UNSETTLED_SECONDS = MARGIN.total_seconds() + 2.0


async def settled_until(reader: Reader, connection: Connection) -> datetime:
    """Rows with a time before this one are all there."""
    # The age is asked for before the rows are read: who begins afterwards writes a later time.
    now = reader.now
    age: timedelta | None = await connection.fetchval(ledger.SQL.oldest_transaction)
    return now - MARGIN - (age or timedelta())


class Settling:
    """The pauses of a feed whose writers hint: for some seconds after a hint it looks often, until that is settled."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._until = 0.0

    async def next(self) -> None:
        """Returns when it is time to look again."""
        if time.monotonic() < self._until:
            await asyncio.sleep(_PACE_SECONDS)
        elif await self._waiting.next():
            self._until = time.monotonic() + _UNSETTLED_SECONDS


class Steady:
    """The pauses of a feed whose writers do not hint."""

    async def next(self) -> None:
        """Returns after a second."""
        await asyncio.sleep(1.0)


@asynccontextmanager
async def hinted(reader: Reader, topic: str) -> AsyncIterator[Settling]:
    """The pauses between looks at what is hinted of."""
    async with reader.instance.hints.on(topic) as waiting:
        yield Settling(waiting)


@asynccontextmanager
async def steady() -> AsyncIterator[Steady]:
    """The pauses between looks at what nobody hints of."""
    yield Steady()
