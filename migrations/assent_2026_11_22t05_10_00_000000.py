"""Exports: files that a job makes, kept for a while; and jobs of the instance, which belong to no account.

An export is local, as its job is; while it names a person, it goes with that person.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T05:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Exports, and jobs of the instance"

LOCAL = """
CREATE TABLE export (
  id bigint PRIMARY KEY, account_id bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('CAMPAIGN', 'EVENT_LOG', 'SUBSCRIBERS', 'ACCESS')),
  subscriber_id uuid, file text, made_at timestamptz, asked_at timestamptz NOT NULL
);
CREATE INDEX export_subscriber ON export (subscriber_id);
ALTER TABLE job ALTER COLUMN account_id DROP NOT NULL;
CREATE INDEX job_instance ON job (kind, id) WHERE account_id IS NULL;
"""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def run() -> None:
    await RawTable.raw("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    for statement in LOCAL.split(";\n"):
        if statement.strip():
            await RawTable.raw(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="assent", description=DESCRIPTION)
    manager.add_raw(run)
    return manager
