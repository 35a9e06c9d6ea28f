"""Two machines drain into one database: two data folders, two processes of `assent drain`, the same people.

Both journals hold hits on the same deliveries. The processes are killed at random moments and started again; a segment
of a writer that died is adopted by the drain of its folder.
"""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.modes import ClientClass, EventKind
from app.domain.permission import PermissionChange
from app.journal.records import PERSONAL, Manner, PersonalRecord
from app.journal.segments import folder_of, framed, header, make_folder
from tests.postgres_server import TemporaryDatabase
from tests.running import eventually
from tests.world import World

PEOPLE, SEGMENTS, HITS = 40, 12, 500
MAIL = "".join(f'<a href="https://shop.example.com/{number}">{number}</a>' for number in range(3))


@pytest.fixture
async def hits(world: World) -> list[PersonalRecord]:
    """One hit on the pixel of each of forty people's mails."""
    people = [f"p{number}@example.org" for number in range(PEOPLE)]
    for email in people:
        await world.subscriber(email, PermissionChange.YES)
    mailing = await world.mailing()
    return [
        PersonalRecord(
            at_ms=round((world.now[0] + timedelta(seconds=1)).timestamp() * 1000),
            mailing=mailing,
            link=0,
            delivery=message.deliveries[0].id,
            subscriber=message.deliveries[0].subscriber_id.bytes,
            manner=Manner(EventKind.OPENED, ClientClass.HUMAN_LIKELY, "ORDINARY_CLIENT", 1, "Firefox"),
        )
        for message in await world.send(mailing, *people, html=MAIL)
    ]


def fill(data: Path, hits: list[PersonalRecord], chance: random.Random) -> Counter[UUID]:
    """Journals of a machine whose writers have died; how many hits each person has in them."""
    folder, counts = folder_of(data, PERSONAL), Counter[UUID]()
    make_folder(folder)
    for _ in range(SEGMENTS):
        segment = UUID(int=chance.getrandbits(128))
        chosen = chance.choices(hits, k=HITS)
        counts.update(UUID(bytes=each.subscriber) for each in chosen)
        content = b"".join(framed(each.pack()) for each in chosen)
        # The last record was being written when the writer died, and nobody was answered for it.
        (folder / f"{segment.hex}.segment").write_bytes(header(PERSONAL, segment) + content + content[:20])
    return counts


@contextmanager
def drain(data: Path, database: TemporaryDatabase) -> Iterator[subprocess.Popen[bytes]]:
    """One process of a machine that shares the database."""
    with (data / "stderr.txt").open("ab") as logged:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "drain"],
            env={
                **os.environ,
                "ASSENT_DATA": str(data),
                "DATABASE_URL": database.app_dsn,
                "ASSENT_OWNER_DATABASE_URL": database.owner_dsn,
            },
            stderr=logged,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def left(data: Path) -> int:
    return len(list(folder_of(data, PERSONAL).glob("*.segment")))


async def test_two_machines_with_drains_that_die_write_every_hit_once(
    world: World, database: TemporaryDatabase, hits: list[PersonalRecord], tmp_path: Path
) -> None:
    """Killed at random moments while they write the same rows, and started again: nothing is lost or counted twice."""
    chance = random.Random(4)  # noqa: S311  the same moments in every run
    machines = [tmp_path / "one", tmp_path / "other"]
    expected: Counter[UUID] = Counter()
    for machine in machines:
        expected += fill(machine, hits, chance)

    with drain(machines[0], database):
        for _ in range(2):
            with drain(machines[1], database):
                begun = left(machines[1])
                eventually(lambda begun=begun: not begun or left(machines[1]) < begun, "the drain works")
                await asyncio.sleep(chance.random() * 0.1)
    with drain(machines[0], database), drain(machines[1], database):
        eventually(lambda: not any(map(left, machines)), "both journals are drained")

    rows = await world.rows("SELECT subscriber_id, count(*)::integer AS n FROM event GROUP BY 1")
    assert {row["subscriber_id"]: row["n"] for row in rows} == expected
    rows = await world.rows("SELECT subscriber_id, opens FROM delivery")
    assert {row["subscriber_id"]: row["opens"] for row in rows} == expected
    firsts = await world.rows("SELECT count(*)::integer AS n FROM event WHERE kind = 'FIRST_OPENING'")
    report = await world.report(hits[0].mailing)
    assert (report.opens.value, report.unique_opens.value) == (expected.total(), PEOPLE)
    assert firsts[0]["n"] == PEOPLE
    for machine in machines:
        said = (machine / "stderr.txt").read_text()
        assert "A round of the jobs failed" not in said
        assert "Set aside" not in said
