"""An account has a colour and a logo, which its recipients see on their pages."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T05:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The look of an account"

STATEMENTS = (
    "ALTER TABLE account ADD COLUMN colour text",
    "ALTER TABLE account ADD COLUMN logo bytea",
    "ALTER TABLE account ADD COLUMN logo_type text",
    "ALTER TABLE account ADD COLUMN logo_digest bytea",
    "CREATE INDEX account_logo ON account (logo_digest) WHERE logo_digest IS NOT NULL",
)
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
