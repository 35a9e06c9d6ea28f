"""When each API token was used last, to the minute."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T08:80:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The last use of tokens"

STATEMENTS = ("ALTER TABLE api_token ADD COLUMN last_used_at timestamptz",)
"""No table is new, so nothing is distributed."""


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
