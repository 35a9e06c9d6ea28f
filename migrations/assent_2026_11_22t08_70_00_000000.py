"""The websites whose scripts may speak to an account's API."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T08:70:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Origins that an account allows"

STATEMENTS = (
    "ALTER TABLE account ADD COLUMN allowed_origins text[] NOT NULL DEFAULT '{{}}'",
    "CREATE INDEX account_allowed_origins ON account USING gin (allowed_origins)",
)
"""Accounts are a small table that is everywhere, so nothing is distributed."""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def run() -> None:
    await RawTable.raw("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    for statement in STATEMENTS:
        await RawTable.raw(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="assent", description=DESCRIPTION)
    manager.add_raw(run)
    return manager
