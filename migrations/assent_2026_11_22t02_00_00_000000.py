"""The first schema, after the sharding rules: one SQL for PostgreSQL and Citus.

Sharded by subscriber_id, colocated: subscriber, membership, permission_line, delivery, gathered_message, event.
Sharded by mailing_id, colocated: the rollups, anonymous tallies and seen-sets.
Reference tables (small, everywhere): account, settings_version, mailing_list, mailing, link, mailing_content,
address_alias, wording, form.
Local: app_user, api_token, ingest_segment, prepared_batch, timed_job, pending_sign_up.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The first schema"

REFERENCE = """
CREATE TABLE account (
  id bigint PRIMARY KEY, name text NOT NULL, created_at timestamptz NOT NULL,
  identity_key bytea NOT NULL, ledger_key bytea NOT NULL
);
CREATE TABLE settings_version (
  account_id bigint NOT NULL REFERENCES account (id), version integer NOT NULL, at timestamptz NOT NULL,
  actor text NOT NULL, document jsonb NOT NULL, PRIMARY KEY (account_id, version)
);
CREATE TABLE mailing_list (
  id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id), name text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX mailing_list_account ON mailing_list (account_id, id);
CREATE TABLE mailing (
  id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id), name text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('CAMPAIGN', 'TRANSACTIONAL', 'ONE_TO_ONE', 'RELAY')),
  list_id bigint, user_id bigint, opens text, clicks text, permission_based boolean,
  protected boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL, settings_version integer NOT NULL
);
CREATE INDEX mailing_account ON mailing (account_id, id);
CREATE TABLE link (
  mailing_id bigint NOT NULL REFERENCES mailing (id), number integer NOT NULL, url text NOT NULL,
  PRIMARY KEY (mailing_id, number), UNIQUE (mailing_id, url)
);
CREATE TABLE mailing_content (
  mailing_id bigint NOT NULL REFERENCES mailing (id), id bigint NOT NULL, links integer[] NOT NULL,
  anonymous_links integer[] NOT NULL, PRIMARY KEY (mailing_id, id)
);
CREATE TABLE address_alias (
  address_id uuid PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id), subscriber_id uuid NOT NULL
);
CREATE TABLE wording (
  id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id), locale text NOT NULL,
  text text NOT NULL, purposes text[] NOT NULL, hash bytea NOT NULL, created_at timestamptz NOT NULL
);
CREATE TABLE form (
  id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id), name text NOT NULL, list_id bigint,
  asks text NOT NULL CHECK (asks IN ('NOTHING', 'BOTH_TOGETHER', 'EACH_AXIS')), double_opt_in boolean NOT NULL,
  wording_id bigint, allowed_origins text[] NOT NULL, allowed_redirects text[] NOT NULL, locales text[] NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX form_account ON form (account_id, id);
"""

LOCAL = """
CREATE TABLE app_user (
  id bigint PRIMARY KEY, account_id bigint NOT NULL, name text NOT NULL, email text,
  track_opens boolean NOT NULL DEFAULT false, track_clicks boolean NOT NULL DEFAULT false,
  notify boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL
);
CREATE INDEX app_user_account ON app_user (account_id, id);
CREATE TABLE api_token (
  id bigint PRIMARY KEY, account_id bigint NOT NULL, user_id bigint, name text NOT NULL, secret_hash bytea NOT NULL,
  scopes text[] NOT NULL, created_at timestamptz NOT NULL, expires_at timestamptz, revoked_at timestamptz,
  UNIQUE (secret_hash)
);
CREATE TABLE ingest_segment (
  segment_id uuid PRIMARY KEY, position bigint NOT NULL, updated_at timestamptz NOT NULL
);
CREATE TABLE prepared_batch (
  account_id bigint NOT NULL, mailing_id bigint NOT NULL, key text NOT NULL, base bigint NOT NULL,
  digest bytea NOT NULL, prepared_at timestamptz NOT NULL, PRIMARY KEY (account_id, mailing_id, key)
);
CREATE TABLE timed_job (
  name text PRIMARY KEY, done_in bigint NOT NULL
);
CREATE TABLE pending_sign_up (
  id uuid PRIMARY KEY, account_id bigint NOT NULL, form_id bigint NOT NULL, subscriber_id uuid NOT NULL,
  opens text NOT NULL, clicks text NOT NULL, wording_id bigint, created_at timestamptz NOT NULL,
  confirmed_at timestamptz
);
"""

BY_SUBSCRIBER = """
CREATE TABLE subscriber (
  id uuid PRIMARY KEY, account_id bigint NOT NULL REFERENCES account (id), address_id uuid NOT NULL,
  address text NOT NULL, attributes jsonb NOT NULL, locale text, created_at timestamptz NOT NULL,
  opens_value text NOT NULL, opens_reason text, opens_person_time timestamptz, opens_server_time timestamptz,
  opens_source text, opens_by_person boolean NOT NULL, opens_hash bytea NOT NULL,
  clicks_value text NOT NULL, clicks_reason text, clicks_person_time timestamptz, clicks_server_time timestamptz,
  clicks_source text, clicks_by_person boolean NOT NULL, clicks_hash bytea NOT NULL,
  changed_at timestamptz NOT NULL, ledger_length integer NOT NULL, ledger_head bytea NOT NULL
);
CREATE INDEX subscriber_by_address ON subscriber (account_id, address, id);
CREATE INDEX subscriber_by_creation ON subscriber (account_id, created_at, id);
CREATE TABLE membership (
  subscriber_id uuid NOT NULL, list_id bigint NOT NULL, account_id bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('UNCONFIRMED', 'SUBSCRIBED', 'UNSUBSCRIBED', 'BOUNCED')),
  changed_at timestamptz NOT NULL, PRIMARY KEY (subscriber_id, list_id)
);
CREATE INDEX membership_list ON membership (list_id, subscriber_id);
CREATE TABLE permission_line (
  subscriber_id uuid NOT NULL, number integer NOT NULL, account_id bigint NOT NULL,
  axis text NOT NULL CHECK (axis IN ('OPENS', 'CLICKS')), from_value text NOT NULL, to_value text NOT NULL,
  reason text, person_time timestamptz, server_time timestamptz NOT NULL, source text NOT NULL,
  actor text, actor_salt bytea, actor_digest bytea, note text, note_salt bytea, note_digest bytea,
  by_person boolean NOT NULL, wording_id bigint, merged_head bytea, previous_hash bytea, hash bytea NOT NULL,
  version smallint NOT NULL, PRIMARY KEY (subscriber_id, number)
);
CREATE TABLE delivery (
  subscriber_id uuid NOT NULL, id bigint NOT NULL, account_id bigint NOT NULL, mailing_id bigint NOT NULL,
  message_id uuid NOT NULL, user_id bigint, sent_at timestamptz NOT NULL, send_day integer NOT NULL,
  delivered_at timestamptz, bounced_at timestamptz, opens_mode text NOT NULL, clicks_mode text NOT NULL,
  settings_version integer NOT NULL, permission_based boolean NOT NULL, gathered boolean NOT NULL,
  content_id bigint NOT NULL, in_audience_opens boolean NOT NULL, in_audience_clicks boolean NOT NULL,
  opens integer NOT NULL DEFAULT 0, clicks integer NOT NULL DEFAULT 0, first_opened_at timestamptz,
  last_opened_at timestamptz, first_clicked_at timestamptz, clicked_links integer[] NOT NULL DEFAULT '{{}}',
  PRIMARY KEY (subscriber_id, id)
);
CREATE INDEX delivery_mailing ON delivery (mailing_id, id, subscriber_id);
CREATE TABLE gathered_message (
  subscriber_id uuid NOT NULL, id bigint NOT NULL, account_id bigint NOT NULL, mailing_id bigint NOT NULL,
  recipients uuid[] NOT NULL, sent_at timestamptz NOT NULL, send_day integer NOT NULL, opens_mode text NOT NULL,
  clicks_mode text NOT NULL, settings_version integer NOT NULL, permission_based boolean NOT NULL,
  opens integer NOT NULL DEFAULT 0, clicks integer NOT NULL DEFAULT 0, first_opened_at timestamptz,
  last_opened_at timestamptz, first_clicked_at timestamptz, clicked_links integer[] NOT NULL DEFAULT '{{}}',
  PRIMARY KEY (subscriber_id, id)
);
CREATE TABLE event (
  subscriber_id uuid NOT NULL, occurred_at timestamptz NOT NULL, id uuid NOT NULL, account_id bigint NOT NULL,
  mailing_id bigint NOT NULL, delivery_id bigint NOT NULL, kind text NOT NULL, link integer NOT NULL,
  client_class text NOT NULL, rule text NOT NULL, rule_version integer NOT NULL, client_family text NOT NULL,
  PRIMARY KEY (subscriber_id, occurred_at, id)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX event_delivery ON event (subscriber_id, delivery_id, occurred_at);
CREATE INDEX event_mailing ON event (mailing_id, occurred_at, id);
CREATE TABLE event_other PARTITION OF event DEFAULT;
"""

BY_MAILING = """
CREATE TABLE delivery_rollup (
  mailing_id bigint NOT NULL, send_day integer NOT NULL, opens_mode text NOT NULL, clicks_mode text NOT NULL,
  gathered boolean NOT NULL, sent bigint NOT NULL, messages bigint NOT NULL, delivered bigint NOT NULL, bounced bigint NOT NULL,
  audience_opens bigint NOT NULL, audience_clicks bigint NOT NULL, openers bigint NOT NULL, clickers bigint NOT NULL,
  clicked_openers bigint NOT NULL, PRIMARY KEY (mailing_id, send_day, opens_mode, clicks_mode, gathered)
);
CREATE TABLE link_rollup (
  mailing_id bigint NOT NULL, send_day integer NOT NULL, link integer NOT NULL, audience bigint NOT NULL,
  clickers bigint NOT NULL, PRIMARY KEY (mailing_id, send_day, link)
);
CREATE TABLE event_rollup (
  mailing_id bigint NOT NULL, hour timestamptz NOT NULL, kind text NOT NULL, link integer NOT NULL,
  client_class text NOT NULL, n bigint NOT NULL, PRIMARY KEY (mailing_id, hour, kind, link, client_class)
);
CREATE TABLE anonymous_tally (
  mailing_id bigint NOT NULL, send_day integer NOT NULL, kind text NOT NULL, link integer NOT NULL,
  day integer NOT NULL, client_class text NOT NULL, n bigint NOT NULL, shown bigint NOT NULL,
  PRIMARY KEY (mailing_id, send_day, kind, link, day, client_class)
);
CREATE INDEX anonymous_tally_unshown ON anonymous_tally (mailing_id) WHERE shown <> n;
CREATE TABLE unlinked_window (
  mailing_id bigint NOT NULL, send_day integer NOT NULL, secret bytea, closes_on integer NOT NULL,
  PRIMARY KEY (mailing_id, send_day)
);
CREATE TABLE unlinked_seen (
  mailing_id bigint NOT NULL, send_day integer NOT NULL, link integer NOT NULL, tag bytea NOT NULL,
  first_day integer NOT NULL, n bigint NOT NULL, shown boolean NOT NULL, PRIMARY KEY (mailing_id, send_day, link, tag)
);
CREATE INDEX unlinked_seen_unshown ON unlinked_seen (mailing_id) WHERE NOT shown;
"""

DISTRIBUTE = """
DO $$
DECLARE
  named text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    RETURN;
  END IF;
  FOREACH named IN ARRAY ARRAY['account', 'settings_version', 'mailing_list', 'mailing', 'link', 'mailing_content',
                               'address_alias', 'wording', 'form'] LOOP
    PERFORM create_reference_table(named);
  END LOOP;
  PERFORM create_distributed_table('subscriber', 'id');
  FOREACH named IN ARRAY ARRAY['membership', 'permission_line', 'delivery', 'gathered_message', 'event'] LOOP
    PERFORM create_distributed_table(named, 'subscriber_id', colocate_with => 'subscriber');
  END LOOP;
  PERFORM create_distributed_table('delivery_rollup', 'mailing_id');
  FOREACH named IN ARRAY ARRAY['link_rollup', 'event_rollup', 'anonymous_tally', 'unlinked_window',
                               'unlinked_seen'] LOOP
    PERFORM create_distributed_table(named, 'mailing_id', colocate_with => 'delivery_rollup');
  END LOOP;
END $$
"""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def run() -> None:
    await RawTable.raw("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    for part in (REFERENCE, LOCAL, BY_SUBSCRIBER, BY_MAILING):
        for statement in part.split(";\n"):
            if statement.strip():
                await RawTable.raw(statement)
    await RawTable.raw(DISTRIBUTE)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="assent", description=DESCRIPTION)
    manager.add_raw(run)
    return manager
