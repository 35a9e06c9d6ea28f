"""What was promised is read again: after a kill, a torn tail, damage on the disk, and a full disk."""

import asyncio
import logging
import random
import resource
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.journal.reader import JournalReader, SetAside, SetAsideReason
from app.journal.records import PERSONAL, by_subscriber
from app.journal.segments import HEADER, framed, header, hold
from app.journal.writer import JournalUnavailable
from tests.journal.hits import FRAME_SIZE, hit, read, read_all, writer

ROOT = Path(__file__).parents[2]


def segment_of(tmp_path, content):
    """A segment that nobody writes any more, with this content behind its header."""
    folder = tmp_path / "journal" / "personal"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{UUID(int=1).hex}.segment"
    path.write_bytes(header(PERSONAL, UUID(int=1)) + content)
    reader = JournalReader(tmp_path, PERSONAL)
    return reader, reader.segments()[0]


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(0, FRAME_SIZE - 1), zeros=st.integers(0, 40))
def test_a_torn_tail_is_no_error_and_costs_nothing_before_it(tmp_path_factory, cut, zeros):
    whole = framed(hit(1).pack())
    reader, segment = segment_of(tmp_path_factory.mktemp("torn"), whole + whole[:cut])
    zeroed, zeroed_segment = segment_of(tmp_path_factory.mktemp("zeroed"), whole + bytes(zeros))

    for reading in (read(reader, segment), read(zeroed, zeroed_segment)):
        assert [record for _, record in reading.records] == [hit(1)]
        assert (reading.offset, reading.finished) == (HEADER.size + FRAME_SIZE, True)
        assert reading.set_aside == []


def test_in_a_segment_being_written_an_unfinished_record_is_not_yet_and_damage_waits_for_its_proof(tmp_path):
    whole, damaged = framed(hit(1).pack()), bytearray(framed(hit(2).pack()))
    damaged[-1] ^= 1
    reader, segment = segment_of(tmp_path, whole[:-1])
    with segment.path.open("ab") as writing:
        hold(writing.fileno())

        unfinished = read(reader, segment)
        writing.write(whole[-1:] + damaged)
        writing.flush()
        unproved = read(reader, segment, unfinished.offset)
        writing.write(whole)
        writing.flush()
        proved = read(reader, segment, unproved.offset)

    assert (unfinished.records, unfinished.offset, unfinished.finished) == ([], HEADER.size, False)
    assert [record for _, record in unproved.records] == [hit(1)]
    assert (unproved.offset, unproved.set_aside) == (HEADER.size + FRAME_SIZE, [])
    assert [record for _, record in proved.records] == [hit(1)]
    assert [(aside.start, aside.end) for aside in proved.set_aside] == [
        (HEADER.size + FRAME_SIZE, HEADER.size + 2 * FRAME_SIZE)
    ]


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, FRAME_SIZE - 1), change=st.integers(1, 255))
def test_a_damaged_record_in_the_middle_is_set_aside_and_the_next_is_read(tmp_path_factory, place, change):
    """Whichever byte it is, those of the length too."""
    frames = [bytearray(framed(hit(number).pack())) for number in range(3)]
    frames[1][place] ^= change
    reader, segment = segment_of(tmp_path_factory.mktemp("damaged"), b"".join(frames))

    reading = read(reader, segment)

    assert [record for _, record in reading.records] == [hit(0), hit(2)]
    start = HEADER.size + FRAME_SIZE
    assert reading.set_aside == [SetAside(start, start + FRAME_SIZE, SetAsideReason.WRONG_CHECKSUM)]
    assert reading.finished


def test_a_long_damaged_stretch_is_passed_by_small_readings(tmp_path):
    reader, _ = segment_of(tmp_path, b"\xff" * 9_000 + framed(hit(1).pack()))

    assert read_all(reader) == [hit(1)]


def test_a_damaged_last_record_a_foreign_layout_and_a_wrong_header_are_reported(tmp_path):
    damaged = bytearray(framed(hit(1).pack()))
    damaged[-1] ^= 1
    reader, segment = segment_of(tmp_path, framed(b"from the future") + bytes(damaged))
    content = bytearray(segment.path.read_bytes())
    content[0] ^= 1
    segment.path.write_bytes(content)

    reading = read(reader, segment)

    behind = HEADER.size + len(framed(b"from the future"))
    assert reading.records == []
    assert reading.set_aside == [
        SetAside(0, HEADER.size, SetAsideReason.WRONG_HEADER),
        SetAside(HEADER.size, behind, SetAsideReason.WRONG_LAYOUT),
        SetAside(behind, behind + FRAME_SIZE, SetAsideReason.WRONG_CHECKSUM),
    ]
    assert (reading.offset, reading.finished) == (len(content), True)


def test_an_offset_beyond_what_survived_is_finished_and_other_files_are_left_alone(tmp_path):
    reader, segment = segment_of(tmp_path, framed(hit(1).pack()))
    (segment.path.parent / "notes.segment").write_bytes(b"not ours")
    (segment.path.parent / f"{UUID(int=2).hex}.draft").write_bytes(b"")

    beyond = read(reader, segment, 10_000)

    assert (beyond.records, beyond.offset, beyond.finished) == ([], 10_000, True)
    assert reader.segments() == [segment]


@pytest.mark.parametrize("promised", [1, 200, 3_000])
def test_after_kill_9_in_a_burst_every_promised_hit_is_there_once(tmp_path, promised):
    process = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "journal" / "burst.py", tmp_path],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    with process:
        lines = [process.stdout.readline() for _ in range(promised)]
        process.kill()
        lines += process.stdout.readlines()

    reader = JournalReader(tmp_path, PERSONAL)
    found = [record.delivery for record in read_all(reader)]

    assert len(lines) >= promised
    assert {int(line) for line in lines if line.endswith(b"\n")} <= set(found)
    assert len(found) == len(set(found))
    assert all(read(reader, segment).set_aside == [] for segment in reader.segments())
    assert all(not read(reader, s, limit=10**9).set_aside for s in reader.segments())
    assert all(read(reader, s, limit=10**9).finished for s in reader.segments())


@contextmanager
def no_file_beyond(size):
    """The kernel refuses to let any file of this process grow beyond `size` bytes, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_is_said_to_whoever_waits_and_the_journal_comes_back(tmp_path, caplog):
    """Nothing is ever written behind a failed write, so what is promised afterwards is in a new segment."""
    caplog.set_level(logging.WARNING)
    reader = JournalReader(tmp_path, PERSONAL)
    async with writer(tmp_path, PERSONAL) as journal:
        with no_file_beyond(HEADER.size + FRAME_SIZE + 10):
            await journal.append(hit(1))
            with pytest.raises(JournalUnavailable):
                await journal.append(hit(2))
        with no_file_beyond(10):
            refused = await asyncio.gather(
                *(journal.append(hit(3)) for _ in range(5)), return_exceptions=True
            )
        await journal.append(hit(4))
        segments = reader.segments()

    assert [type(refusal) for refusal in refused] == [JournalUnavailable] * 5
    assert sorted(record.delivery for record in read_all(reader)) == [1, 4]
    assert len(segments) == 2
    assert [path.suffix for path in segments[0].path.parent.iterdir()] == [".segment"] * 2
    assert [record.getMessage() for record in caplog.records] == [
        "The personal journal cannot be written: File too large",
        "The personal journal can be written again",
    ]


@given(seed=st.integers(0, 2**32), flips=st.integers(0, 6))
def test_parts_read_at_once_are_what_one_reading_holds(tmp_path_factory, seed, flips):
    """Whatever is damaged: each record is in its own part, and what is no record in the first or in its own."""
    chance = random.Random(seed)  # noqa: S311  It makes bytes to be damaged.
    content = bytearray(
        b"".join(framed(hit(number)._replace(subscriber=chance.randbytes(16)).pack()) for number in range(20))
    )
    for _ in range(flips):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    reader, segment = segment_of(tmp_path_factory.mktemp("parts"), bytes(content))
    as_one = JournalReader(segment.path.parents[2], replace(PERSONAL, parts=1, part=lambda _: 0))

    (whole,), parts = as_one.read_parts(segment), reader.read_parts(segment)

    assert sorted(record for part in parts for record in part.records) == whole.records
    assert [
        {by_subscriber(record.pack()) for _, record in part.records} <= {number}
        for number, part in enumerate(parts)
    ] == [True, True]
    found = sorted(aside.start for part in parts for aside in part.set_aside)
    assert found == [aside.start for aside in whole.set_aside]
    assert {(part.offset, part.finished) for part in parts} == {(whole.offset, whole.finished)}
