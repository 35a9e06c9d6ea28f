-- name: append
-- Adds one line; its number must follow the last. Reader: actions.answers.
INSERT INTO permission_line (
  subscriber_id, number, account_id, axis, from_value, to_value, reason, person_time, server_time, source,
  actor, actor_salt, actor_digest, note, note_salt, note_digest, by_person, wording_id, merged_head, previous_hash, hash, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22);

-- name: forwards
-- A page of one subscriber's lines, oldest first. Reader: disclosure.ledger.
SELECT * FROM permission_line
WHERE subscriber_id = $1 AND account_id = $2 AND number > $3 ORDER BY number LIMIT $4;

-- name: backwards
-- A page of one subscriber's lines, newest first. Reader: disclosure.ledger.
SELECT * FROM permission_line
WHERE subscriber_id = $1 AND account_id = $2 AND number < $3 ORDER BY number DESC LIMIT $4;

-- name: states_since
-- For subscribers that changed after a time: every value that stood on an axis from then on. Reader: actions.drain.
SELECT subscriber_id, axis, from_value, to_value, reason, person_time, server_time, source, by_person
FROM permission_line WHERE subscriber_id = ANY ($1::uuid[]) ORDER BY subscriber_id, number;

-- name: last_wording
-- The wording of one subscriber's last line on an axis. Reader: actions.merge.
SELECT wording_id FROM permission_line WHERE subscriber_id = $1 AND axis = $2 ORDER BY number DESC LIMIT 1;

-- name: by_keys
-- Lines by their keys. Reader: disclosure.ledger.
SELECT * FROM permission_line
WHERE account_id = $1 AND subscriber_id = ANY ($2::uuid[]) AND number = ANY ($3::bigint[]);

-- name: of_subscribers
-- A page of each subscriber's lines, oldest first. Reader: disclosure.ledger.
SELECT n.* FROM (
  SELECT p.*, row_number() OVER (PARTITION BY p.subscriber_id ORDER BY p.number) AS place FROM permission_line p
  WHERE p.account_id = $1 AND p.subscriber_id = ANY ($2::uuid[]) AND p.number > $3::bigint
) AS n WHERE n.place <= $4 ORDER BY n.subscriber_id, n.place;

-- name: of_subscribers_backwards
-- A page of each subscriber's lines, newest first. Reader: disclosure.ledger.
SELECT n.* FROM (
  SELECT p.*, row_number() OVER (PARTITION BY p.subscriber_id ORDER BY p.number DESC) AS place
  FROM permission_line p
  WHERE p.account_id = $1 AND p.subscriber_id = ANY ($2::uuid[]) AND p.number < $3::bigint
) AS n WHERE n.place <= $4 ORDER BY n.subscriber_id, n.place;

-- name: count_of_subscriber
-- How many lines a subscriber has, up to one more than is said exactly. Reader: disclosure.ledger.
SELECT count(*) FROM (
  SELECT FROM permission_line WHERE account_id = $1 AND subscriber_id = $2 LIMIT 10001) AS counted;

-- name: heads
-- The end of every chain of an account, those of merged and of erased people included, by subscriber.
-- Reader: actions.anchor, disclosure.ledger_proof.
SELECT s.id, s.ledger_length, s.ledger_head FROM subscriber s WHERE s.account_id = $1 AND s.ledger_length > 0
UNION ALL
SELECT t.subscriber_id, t.ledger_length, t.ledger_head FROM tombstone t WHERE t.account_id = $1 AND t.ledger_length > 0
UNION ALL
SELECT f.id, f.ledger_length, f.ledger_head FROM former_subscriber f WHERE f.account_id = $1 AND f.ledger_length > 0
ORDER BY 1;

-- name: of_account
-- Every line of an account, by subscriber and number. Reader: disclosure.ledger_proof.
SELECT * FROM permission_line WHERE account_id = $1 ORDER BY subscriber_id, number;

-- name: feed
-- A page of all lines of an account in the order of their server time, of those that are settled. Reader: disclosure.ledger_feed.
SELECT * FROM permission_line
WHERE account_id = $1 AND (server_time, subscriber_id, number) > ($2::timestamptz, $3::uuid, $4::bigint)
  AND server_time < $5
ORDER BY server_time, subscriber_id, number LIMIT $6;

-- name: count_of_account
-- How many settled lines an account has, up to one more than is said exactly. Reader: disclosure.ledger_feed.
SELECT count(*) FROM (
  SELECT FROM permission_line WHERE account_id = $1 AND server_time < $2 LIMIT 10001) AS counted;

-- name: oldest_transaction
-- How long ago the oldest open transaction of any Assent process began; null where none is open.
-- Reader: disclosure.ledger_feed.
SELECT max(clock_timestamp() - xact_start) AS age FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'assent%' AND pid <> pg_backend_pid();
