"""Work that outlasts a request: jobs, and the rows that an import could not take.

Both are local: written a few times a second at most, and never joined with people. The queue itself is pgqueuer's,
in a schema of its own, which `app/storage/migrate.py` installs and brings up to date.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T03:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Jobs and imports"

LOCAL = """
CREATE TABLE job (
  id bigint PRIMARY KEY, account_id bigint NOT NULL, kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED')),
  arguments jsonb NOT NULL, made_by text NOT NULL, position bigint NOT NULL DEFAULT 0, progress double precision,
  counts jsonb NOT NULL DEFAULT '{{}}', message text, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL
);
CREATE INDEX job_account ON job (account_id, id);
CREATE TABLE import_error (
  job_id bigint NOT NULL, row_number bigint NOT NULL, ordinal integer NOT NULL, column_name text NOT NULL,
  code text NOT NULL, message text NOT NULL, PRIMARY KEY (job_id, row_number, ordinal)
);
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
