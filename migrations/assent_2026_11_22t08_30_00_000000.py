"""The log of events: which log an event stands in and when it arrived there, and day by day what is published.

An event stands in the log of its account and channel; one-to-one mail in a log of its user, so that a page of any of
them begins at its index entry. `user_id` is 0 where the mailing is nobody's own. Numbers of unlinked mails are counted
by the day they were first seen on when they are published, so that nobody has to count them again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T08:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The log of events"

EVENTS = (
    "ALTER TABLE event ADD COLUMN channel text",
    "ALTER TABLE event ADD COLUMN user_id bigint",
    "ALTER TABLE event ADD COLUMN written_at timestamptz",
    "UPDATE event SET channel = m.channel, written_at = event.occurred_at, "
    "user_id = CASE WHEN m.channel = 'ONE_TO_ONE' THEN coalesce(m.user_id, 0) ELSE 0 END "
    "FROM mailing m WHERE m.id = event.mailing_id",
    "ALTER TABLE event ALTER COLUMN channel SET NOT NULL",
    "ALTER TABLE event ALTER COLUMN user_id SET NOT NULL",
    "ALTER TABLE event ALTER COLUMN written_at SET NOT NULL",
    "CREATE INDEX event_log ON event (account_id, channel, user_id, occurred_at, id)",
    "CREATE INDEX event_arrival ON event (account_id, written_at)",
    "CREATE INDEX event_notice ON event (account_id, written_at) WHERE channel = 'ONE_TO_ONE'",
)
COUNTS = (
    "ALTER TABLE event_rollup ADD COLUMN account_id bigint",
    "ALTER TABLE event_rollup ADD COLUMN channel text",
    "UPDATE event_rollup SET account_id = m.account_id, channel = m.channel FROM mailing m "
    "WHERE m.id = event_rollup.mailing_id",
    "ALTER TABLE event_rollup ALTER COLUMN account_id SET NOT NULL",
    "ALTER TABLE event_rollup ALTER COLUMN channel SET NOT NULL",
    "CREATE INDEX event_rollup_log ON event_rollup (account_id, channel, hour)",
    "ALTER TABLE anonymous_tally ADD COLUMN account_id bigint",
    "ALTER TABLE anonymous_tally ADD COLUMN channel text",
    "UPDATE anonymous_tally SET account_id = m.account_id, channel = m.channel FROM mailing m "
    "WHERE m.id = anonymous_tally.mailing_id",
    "ALTER TABLE anonymous_tally ALTER COLUMN account_id SET NOT NULL",
    "ALTER TABLE anonymous_tally ALTER COLUMN channel SET NOT NULL",
    "CREATE INDEX anonymous_tally_log ON anonymous_tally (account_id, channel, day)",
    "CREATE INDEX anonymous_tally_mailing ON anonymous_tally (mailing_id, day)",
    "CREATE TABLE unlinked_day (mailing_id bigint NOT NULL, send_day integer NOT NULL, link integer NOT NULL, "
    "first_day integer NOT NULL, n bigint NOT NULL, PRIMARY KEY (mailing_id, send_day, link, first_day))",
    "INSERT INTO unlinked_day (mailing_id, send_day, link, first_day, n) "
    "SELECT mailing_id, send_day, link, first_day, count(*) FROM unlinked_seen WHERE shown GROUP BY 1, 2, 3, 4",
)
DISTRIBUTE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    RETURN;
  END IF;
  PERFORM create_distributed_table('unlinked_day', 'mailing_id', colocate_with => 'delivery_rollup');
END $$
"""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def run() -> None:
    await RawTable.raw("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    for statement in (*EVENTS, *COUNTS, DISTRIBUTE):
        await RawTable.raw(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="assent", description=DESCRIPTION)
    manager.add_raw(run)
    return manager
