"""A process that journals as fast as it can and prints the number of every hit it was promised. Ends by kill -9."""

import asyncio
import os
import sys
from itertools import count
from pathlib import Path
from uuid import UUID

from app.domain.modes import ClientClass, EventKind
from app.journal.records import PERSONAL, Manner, PersonalRecord
from app.journal.writer import JournalWriter


def record(number: int) -> PersonalRecord:
    """A hit that is told apart by its delivery."""
    return PersonalRecord(
        at_ms=number,
        mailing=1,
        link=0,
        delivery=number,
        subscriber=UUID(int=number).bytes,
        manner=Manner(EventKind.OPENED, ClientClass.UNKNOWN, "NO_USER_AGENT", 1, ""),
    )


async def main(data: Path) -> None:
    """Sixteen clients, each with its next hit as soon as the last is answered."""
    journal = JournalWriter(data, PERSONAL, segment_size=40_000, turn_patience=60)
    numbers = count()

    async def client() -> None:
        for number in numbers:
            await journal.append(record(number))
            os.write(1, b"%d\n" % number)

    await asyncio.gather(*(client() for _ in range(16)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
