"""Segments, and the types of attributes that they compare.

Both are reference tables, written by hand a few times a day. The two indexes of the ledger hold the few lines that say
when nobody recorded, or when a YES was not for segments: a NO that was lifted, a YES that lapsed, a line with a wording.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T05:60:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Segments and attributes"

STATEMENTS = """
CREATE TABLE segment (
  id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id), name text NOT NULL,
  include_unmeasured boolean NOT NULL, version integer NOT NULL, document jsonb NOT NULL,
  created_at timestamptz NOT NULL, changed_at timestamptz NOT NULL
);
CREATE INDEX segment_account ON segment (account_id, id);
CREATE TABLE attribute_definition (
  account_id bigint NOT NULL REFERENCES account (id), name text NOT NULL,
  type text NOT NULL CHECK (type IN ('TEXT', 'NUMBER', 'DATE', 'BOOLEAN')), changed_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, name)
);
CREATE INDEX permission_line_interruption ON permission_line (account_id, subscriber_id)
WHERE (from_value = 'NO' AND to_value <> 'NO') OR (from_value = 'YES' AND to_value = 'UNKNOWN');
CREATE INDEX permission_line_wording ON permission_line (wording_id, subscriber_id) WHERE wording_id IS NOT NULL;
"""

DISTRIBUTE = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    PERFORM create_reference_table('segment');
    PERFORM create_reference_table('attribute_definition');
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
