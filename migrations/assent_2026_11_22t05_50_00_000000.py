"""Letters that wait to be mailed, and the fields and wordings of sign-up forms.

Local: letter, which names a person by ids alone and lives a day at most, and letter_count, which names nobody.
Forms (a reference table) get fields of their own, and a wording in each of their languages.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T05:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Letters, fields of forms"

STATEMENTS = (
    """
    CREATE TABLE letter (
      id bigint PRIMARY KEY, account_id bigint NOT NULL, kind text NOT NULL CHECK (kind IN ('LINK', 'CONFIRM', 'ASK')),
      subscriber_id uuid NOT NULL, address_id uuid NOT NULL, language text NOT NULL, sign_up_id uuid, job_id bigint,
      created_at timestamptz NOT NULL, attempts integer NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX letter_subscriber ON letter (subscriber_id)",
    "CREATE INDEX letter_job ON letter (job_id) WHERE job_id IS NOT NULL",
    """
    CREATE TABLE letter_count (
      day date NOT NULL, kind text NOT NULL, fate text NOT NULL, count bigint NOT NULL, PRIMARY KEY (day, kind, fate)
    )
    """,
    "ALTER TABLE form ADD COLUMN fields jsonb NOT NULL DEFAULT '[]'",
    "ALTER TABLE form ADD COLUMN translations bigint[] NOT NULL DEFAULT ARRAY[]::bigint[]",
    "ALTER TABLE form ADD COLUMN former_wordings bigint[] NOT NULL DEFAULT ARRAY[]::bigint[]",
    "CREATE INDEX wording_account ON wording (account_id, id)",
    "CREATE INDEX wording_hash ON wording (account_id, hash)",
)


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
