"""Identities over time: who became whom, which NO stays on an address, and since when an address is somebody's.

Reference tables, written once per change of address: former_subscriber, address_refusal.
From here on `address_alias` speaks of addresses only, and `former_subscriber` of ids only.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T03:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Identities over time"

STATEMENTS = """
CREATE TABLE former_subscriber (
  id uuid PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id), subscriber_id uuid NOT NULL,
  merged_at timestamptz NOT NULL, ledger_length integer NOT NULL, ledger_head bytea NOT NULL
);
CREATE INDEX former_subscriber_now ON former_subscriber (subscriber_id, id);
CREATE TABLE address_refusal (
  address_id uuid NOT NULL, axis text NOT NULL CHECK (axis IN ('OPENS', 'CLICKS')),
  account_id bigint NOT NULL REFERENCES account (id), reason text, person_time timestamptz,
  server_time timestamptz, source text, by_person boolean NOT NULL, line_hash bytea NOT NULL,
  left_by uuid NOT NULL, left_at timestamptz NOT NULL, PRIMARY KEY (address_id, axis)
);
CREATE INDEX address_refusal_left ON address_refusal (left_by);
ALTER TABLE subscriber ADD COLUMN address_since timestamptz;
"""

DISTRIBUTE = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    PERFORM create_reference_table('former_subscriber');
    PERFORM create_reference_table('address_refusal');
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
