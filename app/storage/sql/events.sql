-- name: make_batch
-- A place for the events of one batch, gone with its transaction. Reader: actions.drain.
CREATE TEMPORARY TABLE event_batch (
  subscriber_id uuid, occurred_at timestamptz, id uuid, delivery_id bigint, account_id bigint, mailing_id bigint,
  kind text, link integer, client_class text, rule text, rule_version integer, client_family text, country text
) ON COMMIT DROP;

-- name: insert_batch
-- Writes a batch of events that arrive at $2, each into the log of its mailing, and counts those that were new, by
-- hours from $1 on and in all. Counts that earlier events move with them ($3 to $8) are added in the same breath, so
-- that whoever counts locks counts once, in one order. Reader: actions.drain.
WITH added AS (
  INSERT INTO event (subscriber_id, occurred_at, id, account_id, mailing_id, delivery_id, kind, link, client_class,
                     rule, rule_version, client_family, country, channel, user_id, written_at)
  SELECT b.subscriber_id, b.occurred_at, b.id, b.account_id, b.mailing_id, b.delivery_id, b.kind, b.link,
    b.client_class, b.rule, b.rule_version, b.client_family, b.country, m.channel,
    CASE WHEN m.channel = 'ONE_TO_ONE' THEN coalesce(m.user_id, 0) ELSE 0 END, $2::timestamptz
  FROM event_batch b JOIN mailing m ON m.id = b.mailing_id
  ON CONFLICT (subscriber_id, occurred_at, id) DO NOTHING
  RETURNING account_id, channel, mailing_id, occurred_at, kind, link, client_class
), changed AS (
  SELECT a.account_id, a.channel, a.mailing_id, date_bin('1 hour', a.occurred_at, $1::timestamptz) AS hour, a.kind,
    a.link, a.client_class, count(*) AS n
  FROM added a GROUP BY 1, 2, 3, 4, 5, 6, 7
  UNION ALL
  SELECT m.account_id, m.channel, k.mailing_id, k.hour, k.kind, k.link, k.client_class, k.n
  FROM unnest($3::bigint[], $4::timestamptz[], $5::text[], $6::integer[], $7::text[], $8::bigint[])
    AS k (mailing_id, hour, kind, link, client_class, n)
  JOIN mailing m ON m.id = k.mailing_id
), totals AS (
  INSERT INTO event_total (mailing_id, kind, link, client_class, n)
  SELECT c.mailing_id, c.kind, c.link, c.client_class, sum(c.n)
  FROM changed c GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (mailing_id, kind, link, client_class) DO UPDATE SET n = event_total.n + excluded.n
)
INSERT INTO event_rollup (account_id, channel, mailing_id, hour, kind, client_class, n)
SELECT c.account_id, c.channel, c.mailing_id, c.hour, c.kind, c.client_class, sum(c.n)
FROM changed c GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 3, 4, 5, 6
ON CONFLICT (mailing_id, hour, kind, client_class) DO UPDATE SET n = event_rollup.n + excluded.n;

-- name: add_rollup
-- Adds to the counts of personal events, by hour and in all. Reader: actions.withdrawal.
WITH changed AS (
  SELECT m.account_id, m.channel, k.mailing_id, k.hour, k.kind, k.link, k.client_class, k.n
  FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::integer[], $5::text[], $6::bigint[])
    AS k (mailing_id, hour, kind, link, client_class, n)
  JOIN mailing m ON m.id = k.mailing_id
), totals AS (
  INSERT INTO event_total (mailing_id, kind, link, client_class, n)
  SELECT c.mailing_id, c.kind, c.link, c.client_class, sum(c.n)
  FROM changed c GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (mailing_id, kind, link, client_class) DO UPDATE SET n = event_total.n + excluded.n
)
INSERT INTO event_rollup (account_id, channel, mailing_id, hour, kind, client_class, n)
SELECT c.account_id, c.channel, c.mailing_id, c.hour, c.kind, c.client_class, sum(c.n)
FROM changed c GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 3, 4, 5, 6
ON CONFLICT (mailing_id, hour, kind, client_class) DO UPDATE SET n = event_rollup.n + excluded.n;

-- name: positions
-- How far each part of a segment of the journal is drained. Reader: actions.drain.
SELECT part, position FROM ingest_segment WHERE segment_id = $1;

-- name: hold_position
-- How far a part of a segment is drained, locked; where nobody has begun, it is begun. Reader: actions.drain.
INSERT INTO ingest_segment (segment_id, part, position, updated_at) VALUES ($1, $2, 0, $3)
ON CONFLICT (segment_id, part) DO UPDATE SET updated_at = excluded.updated_at RETURNING position;

-- name: advance
-- Moves on in a part of a segment. Reader: actions.drain.
UPDATE ingest_segment SET position = $3 WHERE segment_id = $1 AND part = $2;

-- name: forget_segment
-- Forgets a segment whose file is gone. Reader: actions.drain.
DELETE FROM ingest_segment WHERE segment_id = $1;

-- name: clicks_of
-- The clicks on deliveries, as they were recorded. Reader: actions.drain.
SELECT e.subscriber_id, e.delivery_id, e.id, e.occurred_at, e.mailing_id, e.kind, e.link, e.client_class
FROM event e JOIN unnest($1::uuid[], $2::bigint[]) AS k (subscriber_id, delivery_id)
  ON e.subscriber_id = k.subscriber_id AND e.delivery_id = k.delivery_id
WHERE e.kind = 'CLICKED';

-- name: reclassify
-- Gives events another class, with the rule that says so. Reader: actions.drain.
UPDATE event e SET client_class = n.client_class, rule = n.rule, rule_version = n.rule_version
FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::integer[])
  AS n (subscriber_id, occurred_at, id, client_class, rule, rule_version)
WHERE e.subscriber_id = n.subscriber_id AND e.occurred_at = n.occurred_at AND e.id = n.id;
