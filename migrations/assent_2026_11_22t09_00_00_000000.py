"""What was counted of a mailing in all, apart from when: a report asks for figures, and hours are asked for by timelines.

`event_total` counts by link, `event_rollup` by hour, and both by kind and class. Nobody asks for the hours of one link,
so they are not kept any more; what was counted by then is added up into both.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Totals of events"

ALONE = "LOCK TABLE event, event_rollup IN ACCESS EXCLUSIVE MODE"
"""Other machines may drain meanwhile, as they did before. What they count between two looks at the same rows would be in
one sum or in none, so they wait, and find what they lock in the order in which they lock it themselves."""
TOTALS = (
    "CREATE TABLE event_total (mailing_id bigint NOT NULL, kind text NOT NULL, link integer NOT NULL, "
    "client_class text NOT NULL, n bigint NOT NULL, PRIMARY KEY (mailing_id, kind, link, client_class))",
    """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    RETURN;
  END IF;
  PERFORM create_distributed_table('event_total', 'mailing_id', colocate_with => 'delivery_rollup');
END $$
""",
    "INSERT INTO event_total (mailing_id, kind, link, client_class, n) "
    "SELECT mailing_id, kind, link, client_class, sum(n) FROM event_rollup GROUP BY 1, 2, 3, 4",
)
HOURS = (
    "CREATE TEMPORARY TABLE hours ON COMMIT DROP AS "
    "SELECT account_id, channel, mailing_id, hour, kind, client_class, sum(n)::bigint AS n "
    "FROM event_rollup GROUP BY 1, 2, 3, 4, 5, 6",
    "TRUNCATE event_rollup",
    "ALTER TABLE event_rollup DROP CONSTRAINT event_rollup_pkey",
    "ALTER TABLE event_rollup DROP COLUMN link",
    "ALTER TABLE event_rollup ADD CONSTRAINT event_rollup_pkey PRIMARY KEY (mailing_id, hour, kind, client_class)",
    "INSERT INTO event_rollup (account_id, channel, mailing_id, hour, kind, client_class, n) "
    "SELECT account_id, channel, mailing_id, hour, kind, client_class, n FROM hours",
)
STATEMENTS = (ALONE, *TOTALS, *HOURS)


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
