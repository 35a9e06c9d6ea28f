"""Indexes: all changes of an account in order, and the tokens of an account and of a user."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T05:70:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The feed of permission changes, and lists of tokens"

STATEMENTS = (
    "CREATE INDEX permission_line_feed ON permission_line (account_id, server_time, subscriber_id, number)",
    "CREATE INDEX api_token_account ON api_token (account_id, id)",
    "CREATE INDEX api_token_user ON api_token (account_id, user_id)",
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
