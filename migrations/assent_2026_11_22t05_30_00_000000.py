"""The drain works on parts of a segment side by side, and looks back over the clicks of two minutes.

`recent_click` holds tags of networks and lives for two minutes; it is unlogged, so that no log and no backup made of
logs ever has them. Deliveries leave room on their pages, so that counting a hit touches no index.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T05:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "A quick drain, and rules over several hits"

CHANGES = """
ALTER TABLE ingest_segment ADD COLUMN part smallint NOT NULL DEFAULT 0;
ALTER TABLE ingest_segment DROP CONSTRAINT ingest_segment_pkey;
ALTER TABLE ingest_segment ADD PRIMARY KEY (segment_id, part);
INSERT INTO ingest_segment (segment_id, part, position, updated_at)
SELECT segment_id, 1, position, updated_at FROM ingest_segment;
ALTER TABLE delivery SET (fillfactor = 80);
DROP INDEX event_delivery;
CREATE UNLOGGED TABLE recent_click (
  subscriber_id uuid NOT NULL, delivery_id bigint NOT NULL, event_id uuid NOT NULL, occurred_at timestamptz NOT NULL,
  link integer NOT NULL, network bigint, PRIMARY KEY (subscriber_id, delivery_id, event_id)
);
CREATE INDEX recent_click_time ON recent_click (occurred_at);
"""

DISTRIBUTE = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    PERFORM create_distributed_table('recent_click', 'subscriber_id', colocate_with => 'subscriber');
  END IF;
END $$
"""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def run() -> None:
    await RawTable.raw("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    for statement in CHANGES.split(";\n"):
        if statement.strip():
            await RawTable.raw(statement)
    await RawTable.raw(DISTRIBUTE)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="assent", description=DESCRIPTION)
    manager.add_raw(run)
    return manager
