"""What anonymous figures were last published over, so that few who join do not move them by themselves.

`published_audience` holds, for each counter that readers see, how many people had joined it when it last moved, and since
which day it waits for more than the few who came after. A window of unlinked numbers is `mixed` where some of its people got mails without numbers: their part of the
audience is not known, so unique figures of it are none.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T08:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Audiences of published figures"

STATEMENTS = """
CREATE TABLE published_audience (
  mailing_id bigint NOT NULL, send_day integer NOT NULL, link integer NOT NULL, people bigint NOT NULL,
  waits_since integer, PRIMARY KEY (mailing_id, send_day, link)
);
ALTER TABLE unlinked_window ADD COLUMN mixed boolean NOT NULL DEFAULT false;
"""

DISTRIBUTE = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    PERFORM create_distributed_table('published_audience', 'mailing_id', colocate_with => 'delivery_rollup');
  END IF;
END $$
"""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def run() -> None:
    await RawTable.raw("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            await RawTable.raw(statement)
    await RawTable.raw(DISTRIBUTE)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="assent", description=DESCRIPTION)
    manager.add_raw(run)
    return manager
