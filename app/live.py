"""Live feeds: one look at a time for all who follow the same thing in this process.

Theory: rows have places, which only rise. A feed looks from the place that it has reached as far as everything is settled,
keeps the last few stretches in which there was something, and wakes those who wait. A follower goes on from a place of
its own: in a stretch that is kept it shares the feed's look, and where it fell behind that it looks for itself. So
whoever reads slowly holds up nobody and needs no buffer, and whoever waits costs nothing until there is something.

    place      where a row stands; nothing is ever added at or before the end of a stretch
    stretch    everything between two places; rows that nobody may see are not in it

While the database is away, or what is asked of it takes too long, a look is None and is repeated: after as long as it
took, and each time twice as long (`_Rests`), so what holds it up is not made worse. Nothing here outlives its last follower.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Row = TypeVar("Row")
Place = tuple[Any, ...]

KEPT = 8
"""So many stretches are kept."""

FRESH_SECONDS = 5.0
"""What was looked at so long ago is looked at again: what may be seen of it may have changed."""

_AGAIN_SECONDS = 1.0
_LONGEST_REST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Row]):
    """What is between two places, the second included. `more` says that the next stretch can be looked at at once."""

    start: Place
    end: Place
    rows: Sequence[tuple[Place, Row]]
    more: bool = False


class Pause(Protocol):
    """What a feed does between two looks."""

    async def next(self) -> object:
        """Returns when it is time to look again."""


Look = Callable[[Place], Awaitable[Stretch[Row] | None]]
Listen = Callable[[], AbstractAsyncContextManager[Pause]]


class _Rests:
    """How long to leave off after looks in a row that came to nothing."""

    def __init__(self) -> None:
        self._times = 0
        self._began = 0.0

    def begin(self) -> None:
        """A look begins."""
        self._began = time.monotonic()

    def over(self) -> None:
        """A look came to something."""
        self._times = 0

    def seconds(self) -> float:
        """It came to nothing: as long as it took, twice that after the next one, and so on."""
        self._times = min(max(1, 2 * self._times), 64)
        return min((time.monotonic() - self._began) * self._times, _LONGEST_REST_SECONDS)


class Feed(Generic[Row]):
    """One thing that is followed, by one look at a time."""

    def __init__(self, start: Place, look: Look[Row], listen: Listen) -> None:
        """`look` answers the stretch behind a place, `listen` enters the pauses between looks."""
        self._look, self._listen = look, listen
        self._reached = self._told = start
        self._kept: deque[tuple[float, Stretch[Row]]] = deque(maxlen=KEPT)
        self._news = asyncio.Event()
        self._failure: Exception | None = None

    async def run(self) -> None:
        """Looks until it is cancelled. What fails ends all followers with it."""
        try:
            async with self._listen() as pause:
                rests = _Rests()
                while True:
                    rests.begin()
                    found = await self._look(self._reached)
                    if found is None:
                        await asyncio.sleep(rests.seconds())
                    else:
                        rests.over()
                        self._take(found)
                    if found is None or not found.more:
                        await pause.next()
        except Exception as failure:  # noqa: BLE001  Every follower raises it.
            self._failure = failure
            self._tell()

    def _take(self, found: Stretch[Row]) -> None:
        self._reached = found.end
        if found.rows:
            # Nothing was between what was told last and where this begins, so it begins there for those who wait.
            whole = Stretch(self._told, found.end, found.rows)
            self._kept.append((time.monotonic(), whole))
            self._told = found.end
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def follow(self, place: Place) -> AsyncGenerator[Row, None]:
        """Every row behind a place, in order, each once, until it is closed."""
        while True:
            found = await self._beyond(place)
            for at, row in found.rows:
                if at > place:
                    yield row
            place = found.end

    async def _beyond(self, place: Place) -> Stretch[Row]:
        rests = _Rests()
        while True:
            if self._failure is not None:
                raise self._failure
            kept = self._shared(place)
            if kept is not None:
                return kept
            if place >= self._told:
                await self._news.wait()
                continue
            rests.begin()
            own = await self._look(place)
            if own is not None and own.end > place:
                return own
            await asyncio.sleep(_AGAIN_SECONDS if own is not None else max(_AGAIN_SECONDS, rests.seconds()))

    def _shared(self, place: Place) -> Stretch[Row] | None:
        oldest = time.monotonic() - FRESH_SECONDS
        return next((each for at, each in self._kept if each.start <= place < each.end and at > oldest), None)


class Feeds:
    """All feeds of this process that are followed, each as long as it is."""

    def __init__(self) -> None:
        self._feeds: dict[Hashable, tuple[Feed[Any], asyncio.Task[None]]] = {}
        self._followers: dict[Hashable, int] = {}

    @asynccontextmanager
    async def on(self, key: Hashable, make: Callable[[], Feed[Row]]) -> AsyncIterator[Feed[Row]]:
        """The feed of a key, made where nobody follows it yet."""
        if key not in self._feeds:
            made = make()
            self._feeds[key] = made, asyncio.create_task(made.run())
        feed, task = self._feeds[key]
        self._followers[key] = self._followers.get(key, 0) + 1
        try:
            yield feed
        finally:
            self._followers[key] -= 1
            if not self._followers[key]:
                del self._followers[key], self._feeds[key]
                task.cancel()
                await asyncio.wait([task])
