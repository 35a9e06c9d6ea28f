"""An instance whose door knows where hits come from: a proxy names the clients, and a small file their countries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from app.actions.chores import chores
from app.actions.jobs import work
from app.actions.kept_addresses import CHORE, look
from app.actions.messages import PreparedMessage
from app.countries import Countries
from app.domain.permission import PermissionChange
from app.journal.records import ANONYMOUS, PERSONAL
from app.journal.writer import JournalWriter
from app.keepers import Keepers
from app.networks import Trusted, packed_address
from app.tracking.door import TrackingDoor
from app.tracking.whereabouts import Places
from tests.postgres_server import TemporaryDatabase
from tests.world import BROWSER, PUBLIC_URL, World

ADA = "ada@example.org"
BERLIN, OSLO = "203.0.113.9", "2001:db8:47::9"
"""Two clients: the file says DE of the first and NO of the second, each by another form of record."""

NOWHERE_KNOWN = "198.51.100.7"
"""A client of whom the file says nothing."""

PROXY = ip_network("127.0.0.0/8")
_NETWORKS = {
    "203.0.113.0/24": {"country": {"iso_code": "DE"}, "city": {"names": {"en": "Berlin"}}},
    "2001:db8:47::/48": {"country_code": "NO"},
    "192.0.2.0/24": {"country": "Neverland"},
}


def write_countries(path: Path, networks: dict[str, object] | None = None) -> Path:
    """Writes a file of countries, of these networks or of those of the tests; returns its path."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-Country")
    for network, record in (_NETWORKS if networks is None else networks).items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path


@dataclass
class Watched:
    """The world, and what its door knows of accounts."""

    world: World
    keepers: Keepers
    ticks: list[float]

    async def keep_addresses(self) -> None:
        """The account keeps addresses from now on, and the worker asks again, as it does each second."""
        await self.world.settings(keep_ip=True)
        await self.look()

    async def stop_keeping(self) -> None:
        """The account keeps no addresses any more, and the worker has heard of it."""
        await self.world.settings(keep_ip=False)
        await self.look()

    async def look(self) -> None:
        await look(self.world.instance, self.keepers)

    async def mail_to_ada(self) -> PreparedMessage:
        """A mail to somebody who said yes."""
        await self.world.subscriber(ADA, PermissionChange.YES)
        (message,) = await self.world.send(await self.world.mailing(), ADA)
        return message

    async def kept(self) -> list[str]:
        """The addresses that the database holds, the oldest first."""
        rows = await self.world.rows("SELECT host(ip) AS ip FROM kept_address ORDER BY occurred_at, event_id")
        return [row["ip"] for row in rows]

    async def countries(self) -> list[str]:
        rows = await self.world.rows("SELECT country FROM event ORDER BY occurred_at, id")
        return [row["country"] for row in rows]

    def journal(self) -> bytes:
        """What the journal holds now."""
        return b"".join(path.read_bytes() for path in sorted(self.world.data.rglob("*.segment")))

    async def dump(self) -> str:
        """Every row of every table, the queue's included."""
        tables = await self.world.rows(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        rows = [
            str(row[0])
            for table in tables
            for row in await self.world.rows(f"SELECT to_jsonb(t)::text FROM {table['name']} AS t")  # noqa: S608
        ]
        return "\n".join(rows)

    async def swept(self, database: TemporaryDatabase) -> None:
        """Waits until the chores of addresses that were asked for are done."""
        stop = asyncio.Event()
        handlers = chores(database.owner_dsn)
        worker = asyncio.create_task(work(self.world.instance, handlers, stop, one_by_one=True))
        async with asyncio.timeout(60):
            while await self.world.rows("SELECT 1 FROM job WHERE kind = $1 AND status <> 'DONE'", CHORE):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        stop.set()
        await worker


@asynccontextmanager
async def watched(world: World, countries: Path | None = None) -> AsyncIterator[Watched]:
    """The world with such a door instead of its own; `countries` is a file, without one none is looked up."""
    ticks, trusted = [0.0], Trusted([PROXY])
    keepers = Keepers(lambda: ticks[0])
    async with (
        JournalWriter(world.data, PERSONAL, turn_patience=60) as personal,
        JournalWriter(world.data, ANONYMOUS, turn_patience=60) as anonymous,
    ):
        door = TrackingDoor(
            world.instance.keyring,
            personal,
            anonymous,
            tracking_on=True,
            clock=world.instance.clock,
            trusted=trusted,
            places=Places(trusted, keepers, None if countries is None else Countries(countries)),
        )
        own = world.browser
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(door), base_url=PUBLIC_URL, headers={"User-Agent": BROWSER}
        ) as world.browser:
            yield Watched(world, keepers, ticks)
        world.browser = own


@pytest.fixture
async def edge(world: World) -> AsyncIterator[Watched]:
    """A door behind a proxy, without a file of countries."""
    async with watched(world) as found:
        yield found


@pytest.fixture
async def mapped(world: World, tmp_path: Path) -> AsyncIterator[Watched]:
    """A door behind a proxy, with a file of countries."""
    async with watched(world, write_countries(tmp_path / "countries.mmdb")) as found:
        yield found


def bytes_of(address: str) -> bytes:
    """An address as a record would hold it."""
    packed = packed_address(address)
    assert packed is not None
    return packed


def seen_from(address: str) -> dict[str, str]:
    """The header by which the proxy names a client."""
    return {"X-Forwarded-For": address}
