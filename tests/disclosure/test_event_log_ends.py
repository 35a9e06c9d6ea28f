"""The log read from its end is the log read from its start, turned round."""

from datetime import timedelta

from app.disclosure.event_log import count_log, log_part, page_of_log
from app.disclosure.event_log_views import EventView, LogPart, Start
from app.disclosure.reader import Reader
from app.domain.modes import Channel
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from tests.disclosure.test_event_log import ADA, day, log, other_reader, people
from tests.world import World

TRANSACTIONAL = Channel.TRANSACTIONAL


async def paged(
    world: World, part: LogPart, size: int, reader: Reader | None = None, *, backward: bool = False
) -> list[EventView]:
    """The same rows, read in pages."""
    found: list[EventView] = []
    start = Start(None, backward)
    while rows := await page_of_log(reader or world.reader, part, start, size):
        found += rows
        start = Start(rows[-1].key, backward)
    return found


async def test_pages_of_any_size_hold_the_same_rows(world: World) -> None:
    """Personal and anonymous rows of three days; a place lies between any two of them, and the count is theirs."""
    await world.preset(Preset.INXMAIL)
    await world.subscriber(ADA, PermissionChange.YES)
    anonymous = await world.mailing(TRANSACTIONAL)
    personal = await world.mailing(TRANSACTIONAL, permission_based=True)
    crowd = await world.send(anonymous, *people(12))
    (own,) = await world.send(personal, ADA)
    for _ in range(3):
        for message in crowd:
            await world.open(message)
        await world.open(own)
        world.later(seconds=1)
        await world.click(own)
        await world.drain()
        world.later(days=1)

    part = await log_part(world.reader, TRANSACTIONAL)
    assert part is not None
    whole = [row.key for row in await paged(world, part, 100)]

    assert len(whole) == len(set(whole)) == 3 * (10 + 2)
    assert whole == sorted(whole, reverse=True)
    for size in (1, 7):
        assert [row.key for row in await paged(world, part, size)] == whole
        assert [row.key for row in await paged(world, part, size, backward=True)] == whole[::-1]
    assert [row.key for row in await log(world)] == whole
    assert await count_log(world.reader, part, 10_001) == 36
    assert await count_log(world.reader, part, 20) == 20
    assert await page_of_log(world.reader, part, Start(), 0) == []


async def test_any_part_of_the_log_reads_the_same_from_its_end(world: World) -> None:
    """Whatever the filter, and whoever asks: also where everything is a count of a day, at midnight too."""
    await world.preset(Preset.INXMAIL)
    await world.subscriber(ADA, PermissionChange.YES)
    mailings = [await world.mailing(TRANSACTIONAL, permission_based=each) for each in (False, True)]
    crowd = await world.send(mailings[0], *people(12))
    (own,) = await world.send(mailings[1], ADA)
    began = day(world)
    world.now[0] = began + timedelta(days=1)
    for _ in range(4):
        for message in (own, *crowd[:11], own):
            await world.open(message)
        await world.drain()
        world.later(hours=12)
    nobody = other_reader(world, without="personal:read")
    read = []
    spans = [None, began + timedelta(days=1, hours=12), began + timedelta(days=2)]

    for reader in (world.reader, nobody):
        for mailing in (None, *mailings):
            for since in spans:
                for until in spans:
                    part = await log_part(reader, TRANSACTIONAL, mailing, since, until)
                    assert part is not None
                    whole = [row.key for row in await paged(world, part, 100, reader)]
                    backward = await paged(world, part, 3, reader, backward=True)
                    assert [row.key for row in backward] == whole[::-1], (mailing, since, until)
                    assert whole == sorted(whole, reverse=True)
                    read.append(len(whole))

    assert sum(1 for each in read if each) > 20
