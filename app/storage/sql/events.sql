-- name: lock_gathered
-- Messages to several people by their keys, locked in a fixed order. Reader: actions.drain.
SELECT g.* FROM gathered_message g
WHERE g.subscriber_id = ANY ($1::uuid[]) AND g.id = ANY ($2::bigint[]) ORDER BY g.subscriber_id, g.id FOR UPDATE;

-- name: lock_deliveries
-- Deliveries by the keys that hits carry, locked in a fixed order. Reader: actions.drain.
SELECT d.* FROM delivery d
WHERE d.subscriber_id = ANY ($1::uuid[]) AND d.id = ANY ($2::bigint[]) ORDER BY d.subscriber_id, d.id FOR UPDATE;

-- name: recipients
-- Who got the messages to several people that hits name. Reader: actions.drain.
SELECT g.recipients FROM gathered_message g WHERE g.subscriber_id = ANY ($1::uuid[]) AND g.id = ANY ($2::bigint[]);

-- name: people
-- What stands for the people of hits, held in a fixed order until their events are written. Reader: actions.drain.
SELECT * FROM subscriber WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE;

-- name: make_batch
-- A place for the events of one batch, gone with its transaction. Reader: actions.drain.
CREATE TEMPORARY TABLE event_batch (
  subscriber_id uuid, occurred_at timestamptz, id uuid, account_id bigint, mailing_id bigint, delivery_id bigint,
  kind text, link integer, client_class text, rule text, rule_version integer, client_family text
) ON COMMIT DROP;

-- name: insert_batch
-- Writes a batch of events; an event that is there already stays. Reader: actions.drain.
INSERT INTO event (subscriber_id, occurred_at, id, account_id, mailing_id, delivery_id, kind, link, client_class,
                   rule, rule_version, client_family)
SELECT b.subscriber_id, b.occurred_at, b.id, b.account_id, b.mailing_id, b.delivery_id, b.kind, b.link,
  b.client_class, b.rule, b.rule_version, b.client_family
FROM event_batch b
ON CONFLICT (subscriber_id, occurred_at, id) DO NOTHING;

-- name: save_deliveries
-- Writes what deliveries have seen of opens and clicks. Reader: actions.drain.
UPDATE delivery d SET opens = n.opens, clicks = n.clicks, first_opened_at = n.first_opened_at,
  last_opened_at = n.last_opened_at, first_clicked_at = n.first_clicked_at,
  clicked_links = string_to_array(n.clicked_links, ',')::integer[]
FROM unnest($1::uuid[], $2::bigint[], $3::integer[], $4::integer[], $5::timestamptz[], $6::timestamptz[],
            $7::timestamptz[], $8::text[])
  AS n (subscriber_id, id, opens, clicks, first_opened_at, last_opened_at, first_clicked_at, clicked_links)
WHERE d.subscriber_id = n.subscriber_id AND d.id = n.id;

-- name: save_gathered
-- As save_deliveries, for messages to several people. Reader: actions.drain.
UPDATE gathered_message d SET opens = n.opens, clicks = n.clicks, first_opened_at = n.first_opened_at,
  last_opened_at = n.last_opened_at, first_clicked_at = n.first_clicked_at,
  clicked_links = string_to_array(n.clicked_links, ',')::integer[]
FROM unnest($1::uuid[], $2::bigint[], $3::integer[], $4::integer[], $5::timestamptz[], $6::timestamptz[],
            $7::timestamptz[], $8::text[])
  AS n (subscriber_id, id, opens, clicks, first_opened_at, last_opened_at, first_clicked_at, clicked_links)
WHERE d.subscriber_id = n.subscriber_id AND d.id = n.id;

-- name: add_rollup
-- Adds to the counts of personal events. Reader: actions.drain.
INSERT INTO event_rollup (mailing_id, hour, kind, link, client_class, n)
SELECT n.mailing_id, n.hour, n.kind, n.link, n.client_class, n.n
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::integer[], $5::text[], $6::bigint[])
  AS n (mailing_id, hour, kind, link, client_class, n)
ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (mailing_id, hour, kind, link, client_class) DO UPDATE SET n = event_rollup.n + excluded.n;

-- name: position
-- How far a segment of the journal is drained, locked. Reader: actions.drain.
SELECT position FROM ingest_segment WHERE segment_id = $1 FOR UPDATE;

-- name: start_segment
-- Begins a segment, unless another drain has. Reader: actions.drain.
INSERT INTO ingest_segment (segment_id, position, updated_at) VALUES ($1, 0, $2)
ON CONFLICT (segment_id) DO NOTHING;

-- name: advance
-- Moves on in a segment. Reader: actions.drain.
UPDATE ingest_segment SET position = $2, updated_at = $3 WHERE segment_id = $1;

-- name: forget_segment
-- Forgets a segment whose file is gone. Reader: actions.drain.
DELETE FROM ingest_segment WHERE segment_id = $1;
