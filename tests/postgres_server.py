"""A PostgreSQL for the tests: one server per run, one database per test, copied from a migrated template.

`postgres_server` is the server, `database` an own database with everything that the migrations make, and
`empty_database` one without. Nothing survives the run; the server forgets in a power cut, which makes it quick.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from app.supervisor.database import serving
from app.supervisor.postgres import APPLICATION, OWNER, SUPERUSER, Cluster, embedded_cluster

TEMPLATE = "template_migrated"

_MEMORY = Path("/dev/shm")  # noqa: S108  A folder of an unguessable name is made in it.
_PLENTY = 4 << 30

_numbers = count(1)


@dataclass(frozen=True)
class TemporaryDatabase:
    """One database: the addresses of the role that owns it and of the role of the application."""

    name: str
    owner_dsn: str
    app_dsn: str


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Cluster]:
    """A running server of this test run alone, in a short folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="assent-test-", dir=_in_memory()))
    try:
        cluster = embedded_cluster(folder, durable=False)
        with serving(cluster):
            yield cluster
    finally:
        shutil.rmtree(folder)


def _in_memory() -> Path | None:
    """Where files are memory, if there is plenty: a database for each test makes and deletes some hundred thousand files in all."""
    there = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    return _MEMORY if there and shutil.disk_usage(_MEMORY).free > _PLENTY else None


@pytest.fixture(scope="session")
async def migrated_template(postgres_server: Cluster) -> str:
    """The name of a database that is migrated once and copied by every test."""
    # Imported late: tests of the supervisor need this module, but not the application.
    from app.storage.migrate import migrate

    await as_superuser(postgres_server, f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
    await migrate(postgres_server.address(OWNER, TEMPLATE), APPLICATION)
    return TEMPLATE


@pytest.fixture
async def database(postgres_server: Cluster, migrated_template: str) -> AsyncIterator[TemporaryDatabase]:
    """A migrated database of this test alone."""
    async with copied(postgres_server, migrated_template) as made:
        yield made


@pytest.fixture
async def empty_database(postgres_server: Cluster) -> AsyncIterator[TemporaryDatabase]:
    """A database of this test alone, without any table."""
    async with copied(postgres_server, "template1") as made:
        yield made


@asynccontextmanager
async def copied(server: Cluster, template: str) -> AsyncIterator[TemporaryDatabase]:
    """A copy of a database that nobody is connected to, gone at the end."""
    name = f"test_{next(_numbers)}"
    # Copying files beats copying through the log here, for nothing is synced to disk.
    await as_superuser(server, f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER} STRATEGY file_copy")
    try:
        yield TemporaryDatabase(name, server.address(OWNER, name), server.address(APPLICATION, name))
    finally:
        await as_superuser(server, f"DROP DATABASE {name} WITH (FORCE)")


async def as_superuser(server: Cluster, statement: str) -> None:
    """Runs a statement that neither role of the application may."""
    connection = await asyncpg.connect(server.address(SUPERUSER, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
