"""The application may add to the ledger of permissions and read it, and nothing else: the database refuses."""

from uuid import UUID

import asyncpg
import pytest

from tests.postgres_server import TemporaryDatabase

WHO = UUID(int=7)
ADD = (
    "INSERT INTO permission_line (subscriber_id, number, account_id, axis, from_value, to_value, server_time, source, "
    "by_person, hash, version) VALUES ($1, $2, 1, 'OPENS', 'UNKNOWN', 'NO', '2026-01-01', 'API', true, '', 1)"
)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE permission_line SET to_value = 'YES'",
        "UPDATE permission_line SET note = NULL WHERE false",
        "DELETE FROM permission_line",
        "TRUNCATE permission_line",
        "DROP TABLE permission_line",
        "ALTER TABLE permission_line DISABLE TRIGGER ALL",
        "INSERT INTO permission_line TABLE permission_line ON CONFLICT (subscriber_id, number) DO UPDATE SET note = ''",
    ],
)
async def test_lines_cannot_be_changed(database: TemporaryDatabase, change: str):
    """Whatever the application tries, the line stays as it was written."""
    application = await asyncpg.connect(database.app_dsn)
    await application.execute(ADD, WHO, 1)
    before = await application.fetch("SELECT * FROM permission_line")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(change)

    assert await application.fetch("SELECT * FROM permission_line") == before
    await application.close()


async def test_lines_can_be_added_and_read(database: TemporaryDatabase):
    """A second answer is a second line."""
    application = await asyncpg.connect(database.app_dsn)

    await application.execute(ADD, WHO, 1)
    await application.execute(ADD, WHO, 2)

    assert [row["number"] for row in await application.fetch("SELECT number FROM permission_line")] == [1, 2]
    await application.close()
