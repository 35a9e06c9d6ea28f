"""Where hits came from: the country of an event, and the addresses that accounts keep, apart from their events.

An address stands in a table of its own, so that it goes after 30 days, or when its account stops keeping any, without
a look at the events, which stay. The account's word of now stands beside its versioned settings for workers to look at.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T09:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Kept addresses, and countries of events"

STATEMENTS = (
    "ALTER TABLE event ADD COLUMN country text NOT NULL DEFAULT ''",
    "ALTER TABLE account ADD COLUMN keep_ip boolean NOT NULL DEFAULT false",
    "UPDATE account SET keep_ip = coalesce((SELECT (v.document ->> 'keep_ip')::boolean FROM settings_version v "
    "WHERE v.account_id = account.id ORDER BY v.version DESC LIMIT 1), false)",
    "CREATE INDEX account_keeping ON account (id) WHERE keep_ip",
    "CREATE TABLE kept_address (subscriber_id uuid NOT NULL, occurred_at timestamptz NOT NULL, event_id uuid NOT NULL, "
    "account_id bigint NOT NULL, delivery_id bigint NOT NULL, ip inet NOT NULL, "
    "PRIMARY KEY (subscriber_id, occurred_at, event_id))",
    "CREATE INDEX kept_address_age ON kept_address (account_id, occurred_at)",
)
"""Mails of before carry no word of it in their tokens, so nothing is kept of their hits, whatever the settings say."""
DISTRIBUTE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    RETURN;
  END IF;
  PERFORM create_distributed_table('kept_address', 'subscriber_id', colocate_with => 'subscriber');
END $$
"""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def run() -> None:
    await RawTable.raw("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    for statement in (*STATEMENTS, DISTRIBUTE):
        await RawTable.raw(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="assent", description=DESCRIPTION)
    manager.add_raw(run)
    return manager
