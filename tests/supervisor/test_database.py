"""Tests get a database each, and single commands get one whether an instance runs or not."""

import asyncpg

from app.settings import read_settings
from app.supervisor.database import reachable_database
from app.supervisor.lock import InstanceLock


async def test_each_test_has_a_database_that_the_owner_owns(empty_database):
    owner = await asyncpg.connect(empty_database.owner_dsn)
    await owner.execute(
        "CREATE EXTENSION pg_trgm; CREATE TABLE thing (name text); GRANT SELECT ON thing TO assent_app"
    )
    await owner.close()

    application = await asyncpg.connect(empty_database.app_dsn)
    seen = await application.fetch(
        "SELECT current_user, lower('ÄRGER') AS lowered, (SELECT count(*) FROM thing) AS things"
    )
    await application.close()

    assert [tuple(row) for row in seen] == [("assent_app", "ärger", 0)]


async def test_a_command_runs_the_server_for_itself_and_leaves_nothing(tmp_path):
    settings = read_settings({"ASSENT_DATA": str(tmp_path / "data")})

    with reachable_database(settings) as addresses:
        connection = await asyncpg.connect(addresses.owner)
        assert await connection.fetchval("SELECT current_user") == "assent_owner"
        await connection.close()

    with InstanceLock(settings.data):
        assert not (settings.data / "postgres" / "cluster" / "postmaster.pid").exists()


async def test_a_command_beside_a_running_instance_uses_its_server(instance):
    process = instance.start_and_wait()
    server = instance.server

    with reachable_database(read_settings({"ASSENT_DATA": str(instance.data)})) as addresses:
        connection = await asyncpg.connect(addresses.application)
        await connection.close()

    assert instance.server == server
    assert process.poll() is None


def test_a_command_with_a_foreign_database_starts_none(tmp_path):
    settings = read_settings({"ASSENT_DATA": str(tmp_path), "DATABASE_URL": "postgresql://one@db/assent"})

    with reachable_database(settings) as addresses:
        assert addresses.owner == addresses.application == "postgresql://one@db/assent"

    assert not (tmp_path / "postgres").exists()


async def test_a_migrated_database_is_copied_for_each_test(database):
    """The template is made once; a copy has its tables, and they belong to the owner."""
    connection = await asyncpg.connect(database.owner_dsn)
    owners = await connection.fetch("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()

    assert [tuple(row) for row in owners] == [("assent_owner",)]
