"""What the tests of the journal share: a hit to write, its size on disk, and all that can be read again."""

from uuid import UUID

from app.domain.modes import ClientClass, EventKind
from app.journal.records import Manner, PersonalRecord
from app.journal.segments import framed


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


def read_all(reader):
    """Every record of every segment, by small readings one after the other."""
    records = []
    for segment in reader.segments():
        offset = 0
        while True:
            reading = reader.read(segment, offset, limit=1)
            records += [record for _, record in reading.records]
            if reading.offset == offset:
                break
            offset = reading.offset
    return records
