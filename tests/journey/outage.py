"""PostgreSQL stopped for a while under an instance that has it from elsewhere, with readers all the time."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from app.supervisor.database import serving
from app.supervisor.postgres import APPLICATION, OWNER, embedded_cluster
from tests.journey.burst import READERS, Burst, burst
from tests.running import assent, eventually

_HITS_PER_SECOND = 20


@dataclass(frozen=True, slots=True)
class Outage:
    """What came of it: the hits, how often each was recorded, and after how many seconds all of them were."""

    hits: Burst
    recorded: dict[tuple[int, bool], int]
    caught_up: float


async def outage(folder: Path, seconds: float) -> Outage:
    """Stops the database for so long while twenty hits a second come in, then waits until all of them are recorded."""
    cluster = embedded_cluster(folder / "elsewhere")
    data = folder / "var"
    data.mkdir()
    owner, application = cluster.address(OWNER), cluster.address(APPLICATION)
    up = serving(cluster)
    up.__enter__()
    try:
        with assent(data, DATABASE_URL=application, ASSENT_OWNER_DATABASE_URL=owner) as running:
            mails = min(1_000, round(seconds * _HITS_PER_SECOND / 2))
            hits = burst(running, mails, pause=READERS * seconds / (2 * mails))
            up.__exit__(None, None, None)
            with hits.running():
                await asyncio.sleep(seconds)
            up = serving(cluster)
            up.__enter__()
            back = time.monotonic()
            await asyncio.to_thread(eventually, running.journal_is_empty, "the journal is drained")
            caught_up = time.monotonic() - back
            connection = await asyncpg.connect(owner)
            recorded = dict(await hits.recorded(connection))
            await connection.close()
    finally:
        up.__exit__(None, None, None)
    return Outage(hits, recorded, caught_up)
