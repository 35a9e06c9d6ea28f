-- name: answer_on_one
-- Adds the next line of one subscriber, who is locked, and writes what stands after it. Reader: actions.answers.
WITH added AS (
  INSERT INTO permission_line (
    subscriber_id, server_time, account_id, actor, note, wording_id, merged_head, version,
    number, axis, from_value, to_value, reason, person_time, source, by_person, actor_salt, actor_digest, note_salt,
    note_digest, previous_hash, hash
  ) VALUES
    ($1, $2, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33,
      $34, $35, $36, $37, $38, $39, $40)
)
UPDATE subscriber SET
  changed_at = greatest(changed_at, $2), ledger_length = $3, ledger_head = $4,
  opens_value = $5, opens_reason = $6, opens_person_time = $7, opens_server_time = $8, opens_source = $9,
  opens_by_person = $10, opens_hash = $11, opens_withdrawal = $12,
  clicks_value = $13, clicks_reason = $14, clicks_person_time = $15, clicks_server_time = $16, clicks_source = $17,
  clicks_by_person = $18, clicks_hash = $19, clicks_withdrawal = $20
WHERE id = $1;

-- name: answer_on_both
-- The same with two lines, one of each axis; what they share is sent once. Reader: actions.answers.
WITH added AS (
  INSERT INTO permission_line (
    subscriber_id, server_time, account_id, actor, note, wording_id, merged_head, version,
    number, axis, from_value, to_value, reason, person_time, source, by_person, actor_salt, actor_digest, note_salt,
    note_digest, previous_hash, hash
  ) VALUES
    ($1, $2, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33,
      $34, $35, $36, $37, $38, $39, $40),
    ($1, $2, $21, $22, $23, $24, $25, $26, $41, $42, $43, $44, $45, $46, $47,
      $48, $49, $50, $51, $52, $53, $54)
)
UPDATE subscriber SET
  changed_at = greatest(changed_at, $2), ledger_length = $3, ledger_head = $4,
  opens_value = $5, opens_reason = $6, opens_person_time = $7, opens_server_time = $8, opens_source = $9,
  opens_by_person = $10, opens_hash = $11, opens_withdrawal = $12,
  clicks_value = $13, clicks_reason = $14, clicks_person_time = $15, clicks_server_time = $16, clicks_source = $17,
  clicks_by_person = $18, clicks_hash = $19, clicks_withdrawal = $20
WHERE id = $1;

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

-- name: count_of_subscribers
-- How many lines each of the subscribers has that have any. Reader: disclosure.ledger.
SELECT subscriber_id, count(*) AS count FROM permission_line
WHERE account_id = $1 AND subscriber_id = ANY ($2::uuid[]) GROUP BY subscriber_id;

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

-- name: feed_backwards
-- The same, newest first, ahead of a place. Reader: disclosure.ledger_feed.
SELECT * FROM permission_line
WHERE account_id = $1 AND (server_time, subscriber_id, number) < ($2::timestamptz, $3::uuid, $4::bigint)
  AND server_time < $5
ORDER BY server_time DESC, subscriber_id DESC, number DESC LIMIT $6;

-- name: count_of_account
-- How many settled lines an account has, up to one more than is said exactly. Reader: disclosure.ledger_feed.
SELECT count(*) FROM (
  SELECT FROM permission_line WHERE account_id = $1 AND server_time < $2 LIMIT 10001) AS counted;

-- name: oldest_transaction
-- How long ago the oldest open transaction of any Assent process began; null where none is open. A file that pours
-- from the database writes nothing into it. Reader: disclosure.settled.
SELECT max(clock_timestamp() - xact_start) AS age FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'assent%' AND pid <> pg_backend_pid()
  AND query NOT LIKE 'COPY (%';
