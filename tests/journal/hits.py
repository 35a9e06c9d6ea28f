"""What the tests of the journal share: a hit to write, its size on disk, a patient writer, and all that can be read again."""

from typing import Any
from uuid import UUID

from app.domain.modes import ClientClass, EventKind
from app.journal.reader import READ_SIZE, Reading
from app.journal.records import Manner, PersonalRecord
from app.journal.segments import framed
from app.journal.writer import JournalWriter


def hit(number):
    return PersonalRecord(
        at_ms=number,
        mailing=5,
        link=0,
        delivery=number,
        subscriber=UUID(int=7).bytes,
        manner=Manner(EventKind.OPENED, ClientClass.UNKNOWN, "NO_USER_AGENT", 1, ""),
    )


FRAME_SIZE = len(framed(hit(1).pack()))


def writer(data, kind, *, turn_patience=60.0, segment_age=3_600.0, **settings: Any):
    """A writer that waits for the disk of any machine, and closes no segment because a test took its time."""
    return JournalWriter(data, kind, turn_patience=turn_patience, segment_age=segment_age, **settings)


def read(reader, segment, offset=0, limit=READ_SIZE):
    """One reading of a segment, its parts together."""
    parts = reader.read_parts(segment, offset, limit)
    ((offset, finished),) = {(part.offset, part.finished) for part in parts}
    records = sorted(record for part in parts for record in part.records)
    aside = sorted((each for part in parts for each in part.set_aside), key=lambda each: each.start)
    return Reading(offset, finished, records, aside)


def read_all(reader):
    """Every record of every segment, by small readings one after the other."""
    records = []
    for segment in reader.segments():
        offset = 0
        while True:
            reading = read(reader, segment, offset, limit=1)
            records += [record for _, record in reading.records]
            if reading.offset == offset:
                break
            offset = reading.offset
    return records
