"""Who holds everything that is kept learns nothing about who of an audience caused what (domain.md §7).

Mails go out once. Then two worlds go on from there, alike but for two members of the audience, who have changed places:
what one does here, the other does there. Database, journal, logs and metrics must be the same in both.
"""

import logging
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.actions.drain import drains
from app.actions.messages import PreparedMessage
from app.actions.publish import close_windows, publish_anonymous
from app.board import Board
from app.countries import Countries
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.journal.reader import JournalReader
from app.journal.records import ANONYMOUS, PERSONAL
from app.journal.writer import JournalWriter
from app.keepers import Keepers
from app.networks import Trusted
from app.storage.database import Database
from app.tracking.door import TrackingDoor
from app.tracking.whereabouts import Places
from tests.journal.hits import read
from tests.postgres_server import TemporaryDatabase, copied
from tests.whereabouts import write_countries
from tests.world import BROWSER, PUBLIC_URL, World

PEOPLE = [f"p{number}@example.org" for number in range(12)]
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
AT_HOME = {"198.51.100.0/24": {"country": "CH"}}
ROWS = "SELECT (to_jsonb(t) - 'tag')::text AS kept FROM {} AS t"
OF_THE_SERVER = ("assent_journal_sync_seconds", "# ")
"""Lines of the metrics that tell how fast the disk was."""


@dataclass(frozen=True)
class Kept:
    """Everything that somebody could lay hands on."""

    waiting: list[str]
    database: list[str]
    journal: list[str]
    logs: list[str]
    metrics: list[str]


async def audience(world: World, preset: Preset) -> list[PreparedMessage]:
    """Twelve people with a mail each, all of them tracked anonymously."""
    await world.preset(preset)
    await world.settings(keep_ip=True)
    for email in PEOPLE:
        await world.subscriber(email, PermissionChange.NO)
    mailing = await world.mailing()
    messages = await world.send(mailing, *PEOPLE)
    assert {message.decision.opens.mode for message in messages} == {"ANONYMOUS"}
    return messages


async def lived(
    world: World,
    database: TemporaryDatabase,
    data: Path,
    cast: list[PreparedMessage],
    caplog: pytest.LogCaptureFixture,
) -> Kept:
    """What is kept a month after these people did what they did."""
    board = Board()
    instance = replace(world.instance, database=Database(database.app_dsn, size=2), data=data)
    async with (
        JournalWriter(data, PERSONAL, turn_patience=60) as personal,
        JournalWriter(data, ANONYMOUS, turn_patience=60) as anonymous,
    ):
        trusted = Trusted([ip_network("127.0.0.1/32")])
        # The account would keep addresses of its personal hits, and the instance knows countries: these are nobody's.
        keepers, countries = (
            Keepers(lambda: 0.0),
            Countries(write_countries(data.with_suffix(".mmdb"), AT_HOME)),
        )
        keepers.know([world.account_id], asked_at=0.0)
        door = TrackingDoor(
            instance.keyring,
            personal,
            anonymous,
            tracking_on=True,
            clock=instance.clock,
            board=board,
            trusted=trusted,
            places=Places(trusted, keepers, countries),
        )
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(door), base_url=PUBLIC_URL, headers={"User-Agent": BROWSER}
        ) as browser:
            await behave(World(instance, data, world.account_id, world.now, browser), *cast)
    waiting = journalled(data)
    for drain in drains(instance, data):
        await drain.once()
    await publish_anonymous(instance)
    world.later(days=32)
    await close_windows(instance)
    await instance.database.close()
    rows, told = await rows_of(database), door.metrics.told().splitlines()
    return Kept(
        waiting,
        database=rows,
        journal=journalled(data),
        logs=[record.getMessage() for record in caplog.records if record.name.startswith("app.")],
        metrics=[line for line in told if not line.startswith(OF_THE_SERVER)],
    )


async def behave(
    world: World, eager: PreparedMessage, idle: PreparedMessage, *others: PreparedMessage
) -> None:
    """One comes early and again and clicks, one late and once, each from a place of its own; others open."""
    at_home = {
        "user-agent": CHROME,
        "x-forwarded-for": "198.51.100.7",
        "referer": "https://mail.example/eager",
    }
    await world.open(eager, **at_home)
    for message in others:
        await world.open(message)
    world.later(hours=1)
    await world.open(eager, **at_home)
    await world.click(eager, 0, **at_home)
    world.later(hours=4)
    await world.open(idle, **{"x-forwarded-for": "203.0.113.9"})


def journalled(data: Path) -> list[str]:
    """What waits in the files of the journals."""
    readers = JournalReader(data, PERSONAL), JournalReader(data, ANONYMOUS)
    readings = [read(reader, segment) for reader in readers for segment in reader.segments()]
    return sorted(str(record) for reading in readings for _, record in reading.records)


async def rows_of(database: TemporaryDatabase) -> list[str]:
    """Every row of every table, sorted. What names a number of an unlinked mail is chance once its window is over."""
    connection = await asyncpg.connect(database.owner_dsn)
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    rows = [
        f"{table['relname']} {row['kept']}"
        for table in tables
        for row in await connection.fetch(ROWS.format(table["relname"]))
    ]
    await connection.close()
    return sorted(rows)


@pytest.mark.parametrize("preset", [Preset.INXMAIL, Preset.BREVO], ids=["SHARED", "UNLINKED"])
async def test_two_members_of_an_audience_who_change_places_leave_everything_the_same(
    world: World, database: TemporaryDatabase, postgres_server, tmp_path: Path, preset: Preset, caplog
) -> None:
    """SHARED at any time; UNLINKED once its window is over."""
    caplog.set_level(logging.DEBUG)
    first, second, *others = await audience(world, preset)
    await world.instance.database.close()
    began = world.now[0]

    found = []
    for number, cast in enumerate([[first, second, *others], [second, first, *others]]):
        world.now[0] = began
        caplog.clear()
        async with copied(postgres_server, database.name) as copy:
            found.append(await lived(world, copy, tmp_path / f"world-{number}", cast, caplog))

    one, other = found
    if preset is Preset.BREVO:
        # A number that nobody knows still stands in what waits, for seconds.
        one, other = replace(one, waiting=[]), replace(other, waiting=[])
    assert one == other
    assert [
        line for line in one.metrics if line.startswith("assent_hits_total") and not line.endswith(" 0")
    ] == [
        'assent_hits_total{kind="OPENED",class="HUMAN_LIKELY"} 13',
        'assent_hits_total{kind="CLICKED",class="HUMAN_LIKELY"} 1',
    ]
    assert any(row.startswith("anonymous_tally ") for row in one.database)
    assert one.journal == one.logs == []
