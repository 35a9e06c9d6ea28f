"""How long a stream may stay: as long as its token holds what it held when the stream began.

Each event asks before it goes out (`context.still_welcome`); a stream in which nothing happens would never ask. So one
question a second and token is asked for all its streams, and they end with its answer. A question that fails because
the database is away is asked again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.domain.principal import Principal
from graphql_schema.context import Context
from graphql_schema.errors import log_exception

ASKED_EVERY_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class _Party:
    """All streams of one token in this process, each with what ends it."""

    ends: set[asyncio.Future[None]] = field(default_factory=set)
    asking: asyncio.Task[None] | None = None


class Guests:
    """The streams of one schema."""

    def __init__(self, seconds: float = ASKED_EVERY_SECONDS) -> None:
        """`seconds` lie between two questions."""
        self._seconds = seconds
        self._parties: dict[Principal, _Party] = {}

    @asynccontextmanager
    async def stay(self, context: Context) -> AsyncIterator[asyncio.Future[None]]:
        """What is done once the stream of this context has to end."""
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        caller = context.principal
        party = self._parties.setdefault(caller, _Party())
        party.ends.add(end)
        if party.asking is None:
            party.asking = asyncio.create_task(self._ask(party, context))
        try:
            yield end
        finally:
            party.ends.discard(end)
            if not party.ends:
                self._forget(caller, party)
                party.asking.cancel()

    async def _ask(self, party: _Party, context: Context) -> None:
        holds = True
        while holds:
            await asyncio.sleep(self._seconds)
            holds = await self._holds(context)
        self._forget(context.principal, party)
        for end in party.ends:
            if not end.done():
                end.set_result(None)

    def _forget(self, caller: Principal, party: _Party) -> None:
        """Whoever comes from here on is of another party, and asks anew."""
        if self._parties.get(caller) is party:
            del self._parties[caller]

    async def _holds(self, context: Context) -> bool:
        try:
            return await context.still_welcome()
        except Exception as error:  # noqa: BLE001  Nobody can say now; the next question will.
            log_exception("confirmation", error)
            return True
