"""Exports of mailings, logs, subscribers and ledgers: whose eyes a file was made with, and its cells.

`csv_cell`, `csv_time` and `csv_attribute` write a cell as `app/domain/csv_cells.py` does; the planner puts their bodies in
where they are called, so that a file of millions of lines costs little more than the bare rows.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T08:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Exports that are streamed"

STATEMENTS = (
    "ALTER TABLE export DROP CONSTRAINT export_kind_check",
    """
    ALTER TABLE export ADD CONSTRAINT export_kind_check
      CHECK (kind IN ('CAMPAIGN', 'EVENT_LOG', 'SUBSCRIBERS', 'ACCESS', 'LEDGER'))
    """,
    "ALTER TABLE export ADD COLUMN user_id bigint",
    "ALTER TABLE export ADD COLUMN sees_people boolean NOT NULL DEFAULT true",
    "ALTER TABLE export ADD COLUMN part text",
    """
    CREATE FUNCTION csv_cell(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $cell$
      SELECT CASE WHEN ascii(value) IN (61, 43, 45, 64, 9, 13) THEN '''' || value ELSE value END
    $cell$
    """,
    """
    CREATE FUNCTION csv_time(value timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $cell$
      SELECT replace(value::text, ' ', 'T') || ':00'
    $cell$
    """,
    """
    CREATE FUNCTION csv_attribute(attributes jsonb, name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $cell$
      SELECT CASE WHEN ascii(attributes ->> name) IN (61, 43, 45, 64, 9, 13)
                   AND jsonb_typeof(attributes -> name) = 'string'
        THEN '''' || (attributes ->> name) ELSE attributes ->> name END
    $cell$
    """,
)
"""No table is new, so nothing is distributed. Exports that were there before were made with all scopes."""


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
