"""Users remember how the last one-to-one mail was tracked (P2); subscribers, when they were last asked (M5)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T03:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Toggles of one-to-one mail, and permission requests"

STATEMENTS = (
    "ALTER TABLE app_user ADD COLUMN last_opens boolean NOT NULL DEFAULT false",
    "ALTER TABLE app_user ADD COLUMN last_clicks boolean NOT NULL DEFAULT false",
    "ALTER TABLE subscriber ADD COLUMN asked_at timestamptz",
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
