"""What was promised is read again: while a segment is written, after it was closed, until it is removed."""

import asyncio
import dataclasses
import os
import threading
import time

import pytest
import uvloop

from app.domain.modes import ClientClass, EventKind
from app.journal.reader import JournalReader, SegmentHeld
from app.journal.records import ANONYMOUS, PERSONAL, AnonymousRecord
from app.journal.segments import HEADER
from app.journal.writer import JournalSlow, JournalUnavailable
from tests.journal.hits import FRAME_SIZE, hit, read, read_all, writer

TALLY = AnonymousRecord(
    day=20_717,
    kind=EventKind.OPENED,
    mailing=5,
    link=0,
    send_day=None,
    client_class=ClientClass.HUMAN_LIKELY,
    lowered=False,
    number=None,
)


async def test_what_was_appended_is_read_with_the_offset_behind_it(tmp_path):
    async with writer(tmp_path, PERSONAL) as journal:
        for number in range(3):
            await journal.append(hit(number))

    reader = JournalReader(tmp_path, PERSONAL)
    (segment,) = reader.segments()
    reading = read(reader, segment)

    assert [record for _, record in reading.records] == [hit(0), hit(1), hit(2)]
    assert [offset for offset, _ in reading.records] == [HEADER.size + FRAME_SIZE * n for n in (1, 2, 3)]
    assert (reading.offset, reading.finished, reading.set_aside) == (HEADER.size + FRAME_SIZE * 3, True, [])
    assert read(reader, segment, reading.records[1][0]).records == reading.records[2:]


async def test_a_segment_being_written_is_read_as_far_as_it_is_and_not_removed(tmp_path):
    reader = JournalReader(tmp_path, PERSONAL)
    async with writer(tmp_path, PERSONAL) as journal:
        await journal.append(hit(1))
        (segment,) = reader.segments()
        first = read(reader, segment)
        with pytest.raises(SegmentHeld):
            reader.remove(segment)
        await journal.append(hit(2))
        second = read(reader, segment, first.offset)

    last = read(reader, segment, second.offset)

    assert [record for _, record in first.records + second.records] == [hit(1), hit(2)]
    assert (first.finished, second.finished, last.finished, last.records) == (False, False, True, [])


async def test_a_drained_segment_goes_for_good(tmp_path):
    async with writer(tmp_path, PERSONAL) as journal:
        await journal.append(hit(1))
    reader = JournalReader(tmp_path, PERSONAL)
    (segment,) = reader.segments()

    reader.remove(segment)
    reader.remove(segment)

    assert reader.segments() == []
    assert list((tmp_path / "journal" / "personal").iterdir()) == []
    with pytest.raises(FileNotFoundError):
        read(reader, segment)


async def test_segments_are_closed_when_they_are_large(tmp_path):
    async with writer(tmp_path, PERSONAL, segment_size=FRAME_SIZE * 2) as journal:
        for number in range(6):
            await journal.append(hit(number))
        reader = JournalReader(tmp_path, PERSONAL)
        finished = [read(reader, segment).finished for segment in reader.segments()]

    assert finished == [True, True, True]
    assert sorted(record.delivery for record in read_all(reader)) == [0, 1, 2, 3, 4, 5]


async def test_a_segment_is_closed_when_it_is_old_though_nothing_more_comes(tmp_path):
    """Otherwise the traces of the last few people would lie there until the worker ends."""
    reader = JournalReader(tmp_path, PERSONAL)
    async with writer(tmp_path, PERSONAL, segment_age=0.05) as journal:
        await journal.append(hit(1))
        (segment,) = reader.segments()
        while not read(reader, segment).finished:  # noqa: ASYNC110  the reader is another process in real life
            await asyncio.sleep(0.01)
        reader.remove(segment)

        await journal.append(hit(2))

        assert read_all(reader) == [hit(2)]


async def test_appends_that_come_together_are_written_together(tmp_path):
    """The anonymous journal shows it: what was summed into one record was one write."""
    other = dataclasses.replace(TALLY, link=3, number=b"12345678", lowered=False)
    async with writer(tmp_path, ANONYMOUS) as journal:
        await asyncio.gather(*(journal.append(record) for record in [TALLY, other] * 500))

    assert read_all(JournalReader(tmp_path, ANONYMOUS)) == [
        dataclasses.replace(TALLY, count=500),
        dataclasses.replace(other, count=500),
    ]
    assert read_all(JournalReader(tmp_path, PERSONAL)) == []


async def test_one_who_goes_away_spoils_nothing_for_the_others(tmp_path):
    async with writer(tmp_path, PERSONAL) as journal:
        first, second = journal.append(hit(1)), journal.append(hit(2))
        first.cancel()
        await second

    assert read_all(JournalReader(tmp_path, PERSONAL)) == [hit(1), hit(2)]


async def test_a_closed_journal_refuses(tmp_path):
    journal = writer(tmp_path, PERSONAL)
    await journal.close()
    await journal.close()

    with pytest.raises(JournalUnavailable, match="the journal is closed"):
        await journal.append(hit(1))

    assert JournalReader(tmp_path, PERSONAL).segments() == []


async def test_files_are_for_their_owner_only(tmp_path):
    async with writer(tmp_path, PERSONAL) as journal:
        await journal.append(hit(1))
    (segment,) = JournalReader(tmp_path, PERSONAL).segments()

    assert segment.path.stat().st_mode & 0o777 == 0o600
    assert segment.path.parent.stat().st_mode & 0o777 == 0o700


async def test_nobody_waits_for_a_disk_that_hangs_and_what_it_takes_at_last_is_kept(tmp_path, monkeypatch):
    """Both the one in the turn under way and the one gathered behind it go within the patience; then at once."""
    disk_answers, write = threading.Event(), os.write
    monkeypatch.setattr(os, "write", lambda *content: disk_answers.wait(60) and write(*content))
    async with writer(tmp_path, PERSONAL, turn_patience=0.05, most_gathered=2) as journal:
        first = journal.append(hit(1))
        await asyncio.sleep(0)
        behind = journal.append(hit(2))
        for waiting in (first, behind, journal.append(hit(3))):
            with pytest.raises(JournalSlow):
                await asyncio.wait_for(waiting, 60)

        with pytest.raises(JournalUnavailable, match="too much waits for the disk"):
            await journal.append(hit(4))
        disk_answers.set()

    assert read_all(JournalReader(tmp_path, PERSONAL)) == [hit(1), hit(2), hit(3)]


def test_a_process_that_stood_still_takes_no_disk_for_slow(tmp_path, monkeypatch):
    """Workers run on uvloop, which looks at its timers before it hears what came meanwhile."""
    written, write = threading.Semaphore(0), os.write

    def write_and_say(descriptor, content):
        done = write(descriptor, content)
        written.release()
        return done

    def stand_still():
        assert written.acquire(timeout=60)
        time.sleep(1)

    async def appended():
        async with writer(tmp_path, PERSONAL) as journal:
            await journal.append(hit(1))
            journal._turn_patience = 0.5
            monkeypatch.setattr(os, "write", write_and_say)
            second = journal.append(hit(2))
            # Behind the beginning of the turn.
            asyncio.get_running_loop().call_soon(stand_still)
            await second

    uvloop.run(appended())

    assert read_all(JournalReader(tmp_path, PERSONAL)) == [hit(1), hit(2)]


async def test_whatever_fails_in_a_turn_everybody_who_waits_hears_of_it(tmp_path, monkeypatch, caplog):
    """A failure that is no OSError leaves nobody waiting, and the journal goes on in a new segment."""
    async with writer(tmp_path, PERSONAL) as journal:
        await journal.append(hit(1))
        with monkeypatch.context() as broken:
            broken.setattr(os, "write", _out_of_memory)
            for waiting in (journal.append(hit(2)), journal.append(hit(3))):
                with pytest.raises(JournalUnavailable, match="MemoryError"):
                    await asyncio.wait_for(waiting, 60)
        await journal.append(hit(4))

    segments = JournalReader(tmp_path, PERSONAL).segments()
    assert len(segments) == 2
    assert [record.getMessage() for record in caplog.records] == [
        "The personal journal cannot be written: MemoryError",
        "The personal journal can be written again",
    ]


def _out_of_memory(_descriptor, _content):
    raise MemoryError
