"""Bad records never stop the line: what is damaged or cannot be written is set aside, and all others are drained once."""

import asyncio
import os
import random
from uuid import UUID

import pytest

from app.actions.drain import _Part, drains
from app.domain.modes import ClientClass, EventKind
from app.domain.permission import PermissionChange
from app.journal.records import PERSONAL, Manner, PersonalRecord
from app.journal.segments import HEADER, folder_of, framed, header, make_folder
from app.storage import events
from tests.world import World

HITS = 120


@pytest.fixture
async def hit(world: World) -> PersonalRecord:
    """A hit on the mail of somebody who permitted."""
    await world.subscriber("ada@example.org", PermissionChange.YES)
    mailing = await world.mailing()
    (message,) = await world.send(mailing, "ada@example.org")
    return PersonalRecord(
        at_ms=round(world.now[0].timestamp() * 1000),
        mailing=mailing,
        link=0,
        delivery=message.deliveries[0].id,
        subscriber=message.deliveries[0].subscriber_id.bytes,
        manner=Manner(EventKind.OPENED, ClientClass.HUMAN_LIKELY, "ORDINARY_CLIENT", 1, "Firefox"),
    )


def write_segment(world: World, number: int, content: bytes) -> None:
    """A segment whose writer is gone."""
    folder = folder_of(world.data, PERSONAL)
    make_folder(folder)
    segment = UUID(int=number)
    (folder / f"{segment.hex}.segment").write_bytes(header(PERSONAL, segment) + content)


async def drained(world: World) -> list[int]:
    """The milliseconds of the events, sorted; every file is gone."""
    personal, _ = drains(world.instance, world.data)
    await personal.once()
    assert list(folder_of(world.data, PERSONAL).glob("*.segment")) == []
    rows = await world.rows("SELECT occurred_at FROM event ORDER BY occurred_at")
    return [round(row["occurred_at"].timestamp() * 1000) for row in rows]


@pytest.mark.parametrize("seed", range(4))
async def test_flipped_bits_cost_the_records_that_they_hit_and_no_other(
    world: World, hit: PersonalRecord, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    """Bits flip at random places: all records without one are events, once; the rest is set aside, and said so."""
    frames = [framed(hit._replace(at_ms=hit.at_ms + number).pack()) for number in range(HITS)]
    content = bytearray(b"".join(frames))
    chance, size = random.Random(seed), len(frames[0])  # noqa: S311  the same bits in every run
    damaged = set()
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(content) - size)
        content[place] ^= 1 << chance.randrange(8)
        damaged.add(place // size)
    write_segment(world, seed + 1, bytes(content))

    found = await drained(world)

    assert set(found) >= {hit.at_ms + number for number in range(HITS) if number not in damaged}
    assert len(found) == len(set(found))
    # A bit that flips twice is whole again.
    assert len(found) >= HITS - len(damaged)
    said = [each.getMessage() for each in caplog.records if "Set aside" in each.getMessage()]
    assert bool(said) == (len(found) < HITS)
    (counted,) = await world.rows("SELECT sum(n)::integer AS n FROM event_rollup")
    assert counted["n"] == len(found)


async def test_records_that_no_table_takes_are_set_aside_one_by_one(
    world: World, hit: PersonalRecord, caplog: pytest.LogCaptureFixture
) -> None:
    """Whole records with impossible values: a time beyond all calendars, a NUL, a link and a delivery too large."""
    bad = [
        hit._replace(at_ms=2**62),
        hit._replace(at_ms=-(2**62)),
        hit._replace(manner=hit.manner._replace(rule="ORD\0INARY")),
        hit._replace(link=2**31, manner=hit.manner._replace(kind=EventKind.CLICKED)),
        hit._replace(delivery=2**63),
    ]
    good = [hit._replace(at_ms=hit.at_ms + number) for number in range(20)]
    mixed = [*good[:7], bad[0], bad[1], *good[7:15], *bad[2:], *good[15:]]
    write_segment(world, 1, b"".join(framed(each.pack()) for each in mixed))

    found = await drained(world)

    assert found == [each.at_ms for each in good]
    said = [each.getMessage() for each in caplog.records if "Set aside" in each.getMessage()]
    assert len(said) == len(bad)
    assert all(each.endswith("UNWRITABLE") for each in said)


async def test_a_header_of_something_else_is_set_aside_and_the_records_are_read(
    world: World, hit: PersonalRecord
) -> None:
    """The first bytes are lost, the hits behind them are not."""
    write_segment(world, 1, framed(hit.pack()))
    (path,) = folder_of(world.data, PERSONAL).glob("*.segment")
    path.write_bytes(bytes(HEADER.size) + path.read_bytes()[HEADER.size :])

    assert await drained(world) == [hit.at_ms]


async def test_two_drains_of_one_segment_write_it_once(world: World, hit: PersonalRecord) -> None:
    """Both read it from the start; the second finds the place moved and writes nothing."""
    frames = [framed(hit._replace(at_ms=hit.at_ms + number).pack()) for number in range(HITS)]
    write_segment(world, 1, b"".join(frames))
    (one, _), (other, _) = drains(world.instance, world.data), drains(world.instance, world.data)

    await asyncio.gather(one.once(), other.once())

    assert await drained(world) == [hit.at_ms + number for number in range(HITS)]
    (counted,) = await world.rows("SELECT sum(n)::integer AS n FROM event_rollup")
    assert counted["n"] == HITS


async def test_where_no_record_at_all_can_be_written_none_is_given_up(
    world: World, hit: PersonalRecord, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Then something else is broken: they wait in the journal until it is whole, and other segments are drained."""
    frames = [framed(hit._replace(at_ms=hit.at_ms + number).pack()) for number in range(3)]
    write_segment(world, 1, b"".join(frames))
    insert = events.insert

    async def broken(*_: object) -> None:
        raise ValueError

    personal, _ = drains(world.instance, world.data)
    with monkeypatch.context() as failing:
        failing.setattr(events, "insert", broken)
        assert await personal.once() == 0
    assert "they stay in the journal" in caplog.text
    assert events.insert is insert

    assert await drained(world) == [hit.at_ms, hit.at_ms + 1, hit.at_ms + 2]


async def test_who_read_a_segment_that_is_gone_meanwhile_writes_nothing(
    world: World, hit: PersonalRecord
) -> None:
    """A drain that is slow between reading and writing meets no place any more, and must not begin a new one."""
    frames = [framed(hit._replace(at_ms=hit.at_ms + number).pack()) for number in range(HITS)]
    write_segment(world, 1, b"".join(frames))
    (slow, _), (quick, _) = drains(world.instance, world.data), drains(world.instance, world.data)
    (segment,) = slow.reader.segments()
    parts = [_Part(slow, segment, {}, number, 0) for number in range(slow.reader.parts)]
    readings = [part._read() for part in parts]

    assert await quick.once() == HITS
    written = [
        await part._written(reading.records, reading.offset)
        for part, reading in zip(parts, readings, strict=True)
        if reading is not None
    ]

    assert True not in written
    (counted,) = await world.rows("SELECT sum(opens)::integer AS n FROM delivery")
    assert counted["n"] == HITS
    assert await world.rows("SELECT FROM ingest_segment") == []


async def test_records_that_alone_cannot_be_written_are_set_aside_after_a_day(
    world: World, hit: PersonalRecord, caplog: pytest.LogCaptureFixture
) -> None:
    """They say so once, wait for a day in case that something else is broken, and hold up the line for no longer."""
    frames = [framed(hit._replace(at_ms=2**62 + number).pack()) for number in range(2)]
    write_segment(world, 1, b"".join(frames))
    (line, _) = drains(world.instance, world.data)

    for _ in range(3):
        await line.once()
    waiting, told = line.reader.segments(), caplog.text.count("they stay in the journal")
    past = world.now[0].timestamp() - 25 * 3600
    os.utime(waiting[0].path, (past, past))
    await line.once()

    assert (len(waiting), told) == (1, 1)
    assert list(line.reader.segments()) == []
    assert caplog.text.count("Set aside") == 2
