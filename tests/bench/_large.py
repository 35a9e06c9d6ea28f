"""A large account: people who were mailed every other week for twenty weeks, and what they did.

    people       `rows`; of ten, seven said yes, one was never asked, one said no, one said yes and was measured anonymously
    mailings     20, a week apart; each went to every other person
    deliveries   10 · `rows`
    events       about 5 · `rows`: every second personal mail was opened, every second of those clicked

All of it is written by SQL, with the same counts beside it as preparing and draining write.
"""

from datetime import UTC, datetime, timedelta

import asyncpg

from app.storage.partitions import make_partitions
from tests.bench._filling import without_indexes

MAILINGS = 20
LINKS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PEOPLE = """
INSERT INTO subscriber (id, account_id, address_id, address, attributes, created_at, changed_at,
  opens_value, opens_reason, opens_person_time, opens_server_time, opens_source, opens_by_person, opens_hash,
  clicks_value, clicks_reason, clicks_person_time, clicks_server_time, clicks_source, clicks_by_person, clicks_hash,
  ledger_length, ledger_head)
SELECT p.id, $1, p.id, 'person' || p.n || '@mail' || p.n % 500 || '.example', jsonb_build_object('city', 'City ' || p.n % 97),
  $2::timestamptz - p.n * interval '1 second', $2, p.value, p.reason, $2, $2, 'IMPORT', false, '', p.value, p.reason, $2, $2,
  'IMPORT', false, '', 0, ''
FROM (
  SELECT n, md5(n::text)::uuid AS id, CASE n % 10 WHEN 8 THEN 'UNKNOWN' WHEN 9 THEN 'NO' ELSE 'YES' END AS value,
    CASE n % 10 WHEN 8 THEN 'NEVER_ASKED' WHEN 9 THEN 'DENIED' END AS reason
  FROM generate_series(1, $3::integer) AS n
) AS p
"""
_MAILINGS = """
INSERT INTO mailing (id, account_id, name, channel, created_at, settings_version)
SELECT n, $1::bigint, 'Week ' || n, 'CAMPAIGN', $2::timestamptz - (21 - n) * interval '7 days', 1
FROM generate_series(1, 20) AS n
"""
_LINKS = """
INSERT INTO link SELECT m, n, 'https://shop.example.com/' || n FROM generate_series(1, 20) AS m, generate_series(1, 5) AS n
"""
# What a person does is fixed by their number and the mailing's; the order of the statement is that of sending.
_DELIVERIES = """
INSERT INTO delivery (subscriber_id, id, account_id, mailing_id, message_id, sent_at, send_day, opens_mode, clicks_mode,
  settings_version, permission_based, gathered, content_id, in_audience_opens, in_audience_clicks, opens, clicks,
  first_opened_at, last_opened_at, first_clicked_at, clicked_links)
SELECT d.person, d.id, $2, $1, md5(d.id::text)::uuid, d.sent_at, 0, d.mode, d.mode, 1, true, false, 1,
  d.mode = 'ANONYMOUS', d.mode = 'ANONYMOUS', (d.did < 10)::integer, (d.did < 5)::integer,
  CASE WHEN d.did < 10 THEN d.opened_at END, CASE WHEN d.did < 10 THEN d.opened_at END,
  CASE WHEN d.did < 5 THEN d.opened_at + interval '1 minute' END,
  CASE WHEN d.did < 5 THEN ARRAY[d.n % 5 + 1] ELSE '{}' END
FROM (
  SELECT n, md5(n::text)::uuid AS person, $1::bigint * 100000000 + n AS id, $3::timestamptz AS sent_at,
    $3::timestamptz + n % 10000 * interval '1 minute' AS opened_at,
    CASE WHEN n % 10 < 7 THEN 'PERSONAL' WHEN n % 10 = 7 THEN 'ANONYMOUS' ELSE 'OFF' END AS mode,
    CASE WHEN n % 10 < 7 THEN (n::bigint * 7919 + $1::bigint * 104729) / 10 % 20 ELSE 19 END AS did
  FROM generate_series(1, $4::integer) AS n WHERE (n + $1::bigint) % 2 = 0
) AS d
"""
_EVENTS = """
INSERT INTO event (subscriber_id, occurred_at, id, account_id, mailing_id, delivery_id, kind, link, client_class, rule,
  rule_version, client_family, channel, user_id, written_at)
SELECT d.subscriber_id, CASE k.kind WHEN 'CLICKED' THEN d.first_clicked_at ELSE d.first_opened_at END,
  md5(k.kind || d.id)::uuid, d.account_id, d.mailing_id, d.id, k.kind,
  CASE k.kind WHEN 'CLICKED' THEN d.clicked_links[1] ELSE 0 END, 'HUMAN_LIKELY', 'ORDINARY_CLIENT', 1, 'Firefox', 'CAMPAIGN', 0,
  d.first_opened_at
FROM delivery d JOIN (VALUES ('FIRST_OPENING'), ('CLICKED')) AS k (kind)
  ON CASE k.kind WHEN 'CLICKED' THEN d.clicks ELSE d.opens END > 0
WHERE d.mailing_id = $1
"""
_COUNTED = """
INSERT INTO delivery_rollup (mailing_id, send_day, opens_mode, clicks_mode, gathered, sent, messages, delivered, bounced,
  audience_opens, audience_clicks, openers, clickers, clicked_openers)
SELECT mailing_id, 0, opens_mode, clicks_mode, false, count(*), count(*), 0, 0,
  count(*) FILTER (WHERE in_audience_opens), count(*) FILTER (WHERE in_audience_clicks), sum(opens), sum(clicks), sum(clicks)
FROM delivery WHERE mailing_id = $1 GROUP BY 1, 3, 4
"""
_CLICKERS = """
INSERT INTO link_rollup (mailing_id, send_day, link, audience, clickers)
SELECT mailing_id, 0, clicked_links[1], 0, count(*) FROM delivery WHERE mailing_id = $1 AND clicks > 0 GROUP BY 1, 3
"""
_HOURS = """
INSERT INTO event_rollup (account_id, channel, mailing_id, hour, kind, client_class, n)
SELECT account_id, channel, mailing_id, date_bin('1 hour', occurred_at, $2), kind, client_class, count(*)
FROM event WHERE mailing_id = $1 GROUP BY 1, 2, 3, 4, 5, 6
"""
_TOTALS = """
INSERT INTO event_total (mailing_id, kind, link, client_class, n)
SELECT mailing_id, kind, link, client_class, count(*) FROM event WHERE mailing_id = $1 GROUP BY 1, 2, 3, 4
"""


async def fill(owner: asyncpg.Connection, rows: int) -> None:
    """Writes the account's people, mailings, deliveries and events into an instance that has one account."""
    account = await owner.fetchval("SELECT id FROM account")
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for month in range(6):
        await make_partitions(owner, now - timedelta(days=30 * month))
    async with without_indexes(owner, "subscriber"):
        await owner.execute(_PEOPLE, account, now, rows)
    await owner.execute(_MAILINGS, account, now)
    await owner.execute(_LINKS)
    async with without_indexes(owner, "delivery"):
        for mailing in range(1, MAILINGS + 1):
            sent_at = now - timedelta(days=7 * (MAILINGS + 1 - mailing))
            await owner.execute(_DELIVERIES, mailing, account, sent_at, rows)
    async with without_indexes(owner, "event"):
        for mailing in range(1, MAILINGS + 1):
            await owner.execute(_EVENTS, mailing)
    for mailing in range(1, MAILINGS + 1):
        await owner.execute(_COUNTED, mailing)
        await owner.execute(_CLICKERS, mailing)
        await owner.execute(_HOURS, mailing, _EPOCH)
        await owner.execute(_TOTALS, mailing)
    await owner.execute(
        "VACUUM ANALYZE subscriber, delivery, event, event_rollup, event_total, delivery_rollup, link_rollup"
    )
