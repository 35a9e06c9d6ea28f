"""Rights of people and the proof of the ledger: anchors, tombstones, and what was promised with a NO.

Sharded by subscriber_id: tombstone, which keeps of an erased person the id, the NO, and the head of the ledger.
Local: ledger_anchor, a row a day and account.
`erase_ledger_texts` runs as the owner, since the application may not change the ledger: it drops the texts and salts
of somebody who has a tombstone, and nothing else.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T03:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Anchors, tombstones, withdrawal"

STATEMENTS = (
    """
    CREATE TABLE tombstone (
      subscriber_id uuid PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id),
      erased_at timestamptz NOT NULL, ledger_length integer NOT NULL, ledger_head bytea NOT NULL
    )
    """,
    """
    CREATE TABLE ledger_anchor (
      account_id bigint NOT NULL, number integer NOT NULL, at timestamptz NOT NULL, subscribers bigint NOT NULL,
      lines bigint NOT NULL, digest bytea NOT NULL, previous_seal bytea, seal bytea NOT NULL,
      PRIMARY KEY (account_id, number)
    )
    """,
    """
    ALTER TABLE subscriber
      ADD COLUMN opens_withdrawal text CHECK (opens_withdrawal IN ('KEEP', 'HIDE', 'SEVER'))
    """,
    """
    ALTER TABLE subscriber
      ADD COLUMN clicks_withdrawal text CHECK (clicks_withdrawal IN ('KEEP', 'HIDE', 'SEVER'))
    """,
    "ALTER TABLE pending_sign_up ADD COLUMN address text",
    """
    CREATE FUNCTION erase_ledger_texts(erased uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $erase$
      UPDATE public.permission_line SET actor = NULL, actor_salt = NULL, note = NULL, note_salt = NULL
      WHERE subscriber_id = erased
        AND EXISTS (SELECT FROM public.tombstone t WHERE t.subscriber_id = erased)
    $erase$
    """,
    "REVOKE EXECUTE ON FUNCTION erase_ledger_texts(uuid) FROM PUBLIC",
)

DISTRIBUTE = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    PERFORM create_distributed_table('tombstone', 'subscriber_id', colocate_with => 'subscriber');
  END IF;
END $$
"""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def run() -> None:
    await RawTable.raw("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    for statement in STATEMENTS:
        await RawTable.raw(statement)
    await RawTable.raw(DISTRIBUTE)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="assent", description=DESCRIPTION)
    manager.add_raw(run)
    return manager
