"""A live feed: everybody gets every row once and in order, from one look for all, and a slow reader holds up nobody."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from app.live import KEPT, Feed, Feeds, Place, Stretch

SOON = 120.0


@dataclass
class Shelf:
    """Rows that are added one after the other, and who looked at them from where."""

    rows: list[int] = field(default_factory=list)
    looks: list[Place] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    away: int = 0

    def add(self, *numbers: int) -> None:
        self.rows += numbers
        self.changed.set()

    async def look(self, start: Place) -> Stretch[int] | None:
        self.looks.append(start)
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            return None
        found = [((each,), each) for each in self.rows if (each,) > start][:2]
        end = found[-1][0] if found else start
        return Stretch(start, end, found, more=len(found) == 2)

    @asynccontextmanager
    async def listen(self):
        yield self

    async def next(self) -> None:
        await self.changed.wait()
        self.changed.clear()

    def feed(self) -> Feed[int]:
        return Feed((0,), self.look, self.listen)


async def taken(feed: Feed[int], place: int, count: int) -> list[int]:
    """The next rows behind a place."""
    found: list[int] = []
    async with asyncio.timeout(SOON), aclosing(feed.follow((place,))) as rows:
        async for row in rows:
            found.append(row)
            if len(found) == count:
                break
    return found


async def turns(count: int = 50) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_one_look_serves_all_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred wait from different places before anything is there, and nothing but the feed looks for them."""
    monkeypatch.setattr("app.live.FRESH_SECONDS", 3600.0)
    shelf, feeds = Shelf(), Feeds()

    async with feeds.on("shelf", shelf.feed) as feed:
        waiting = [asyncio.create_task(taken(feed, 0, 3)) for _ in range(100)]
        await turns()
        idle = len(shelf.looks)
        shelf.add(1, 2, 3)
        found = [await each for each in waiting]
        later = await taken(feed, 2, 1)

    assert found == [[1, 2, 3]] * 100
    assert later == [3]
    assert idle == 1
    assert len(shelf.looks) <= 4


async def test_who_reads_slowly_misses_nothing_and_holds_up_nobody() -> None:
    """While one reader rests, more comes than is kept; it goes on from its own place, by looks of its own."""
    shelf, feeds, last = Shelf(), Feeds(), 4 * KEPT

    async with feeds.on("shelf", shelf.feed) as feed, aclosing(feed.follow((0,))) as slow:
        shelf.add(1)
        found = [await anext(slow)]
        for number in range(2, last + 1):
            shelf.add(number)
            await turns()
        quick = await taken(feed, last - 1, 1)
        async with asyncio.timeout(SOON):
            while found[-1] < last:
                found.append(await anext(slow))

    assert quick == [last]
    assert found == list(range(1, last + 1))


async def test_a_feed_waits_for_a_database_that_is_away() -> None:
    shelf, feeds = Shelf([1], away=2), Feeds()

    async with feeds.on("shelf", shelf.feed) as feed:
        waiting = asyncio.create_task(taken(feed, 0, 2))
        for number in (2, 3):
            await turns()
            shelf.add(number)

        assert await waiting == [1, 2]


async def test_what_breaks_a_feed_is_told_to_all_who_follow_it() -> None:
    """And whoever comes after they have left gets a new one."""
    shelf, feeds = Shelf([1]), Feeds()
    shelf.rows = None  # type: ignore[assignment]  # What no look can read.

    async with feeds.on("shelf", shelf.feed) as feed:
        answers = await asyncio.gather(*(taken(feed, 0, 1) for _ in range(3)), return_exceptions=True)
    shelf.rows = [1]
    async with feeds.on("shelf", shelf.feed) as feed:
        again = await taken(feed, 0, 1)

    assert [type(each) for each in answers] == [TypeError] * 3
    assert again == [1]


async def test_nobody_looks_where_nobody_follows() -> None:
    shelf, feeds = Shelf(), Feeds()
    async with feeds.on("shelf", shelf.feed):
        await turns()
    looks = len(shelf.looks)

    shelf.add(1)
    await turns()

    assert len(shelf.looks) == looks == 1


@pytest.mark.parametrize("size", [1, 7])
async def test_rows_come_in_order_however_many_at_once(size: int) -> None:
    shelf, feeds, numbers = Shelf(), Feeds(), list(range(1, 40))

    async with feeds.on("shelf", shelf.feed) as feed:
        waiting = asyncio.create_task(taken(feed, 0, len(numbers)))
        for start in range(0, len(numbers), size):
            shelf.add(*numbers[start : start + size])
            await turns(5)

        assert await waiting == numbers
