-- name: make_batch
-- The place where a batch of imported people waits before it is written. Reader: actions.import_batches.
CREATE TEMPORARY TABLE import_batch (
  id uuid, address text, attributes text, known boolean,
  opens_value text, opens_reason text, opens_person_time timestamptz, opens_server_time timestamptz,
  opens_source text, opens_by_person boolean, opens_hash bytea,
  clicks_value text, clicks_reason text, clicks_person_time timestamptz, clicks_server_time timestamptz,
  clicks_source text, clicks_by_person boolean, clicks_hash bytea, ledger_length integer, ledger_head bytea
) ON COMMIT DROP;

-- name: known
-- Which of these ids, given as the text of an array, are a subscriber's, lead to another one, or were erased.
-- Reader: actions.import_fresh.
WITH n AS (SELECT unnest($2::text::uuid[]) AS id)
SELECT n.id FROM n JOIN subscriber s ON s.id = n.id
UNION ALL
SELECT n.id FROM n JOIN address_alias a ON a.address_id = n.id WHERE a.account_id = $1
UNION ALL
SELECT n.id FROM n JOIN tombstone t ON t.subscriber_id = n.id WHERE t.account_id = $1;

-- name: gone
-- Whether one of these ids, given as the text of an array, leads to another one or was erased.
-- Reader: actions.import_fresh.
WITH n AS (SELECT unnest($2::text::uuid[]) AS id)
SELECT n.id FROM n JOIN address_alias a ON a.address_id = n.id WHERE a.account_id = $1
UNION ALL
SELECT n.id FROM n JOIN tombstone t ON t.subscriber_id = n.id WHERE t.account_id = $1
LIMIT 1;

-- name: insert_new
-- Adds the people of a batch who are not there yet, as their rows say; tells who was added. Reader: actions.import_batches.
INSERT INTO subscriber (
  id, account_id, address_id, address, attributes, created_at, changed_at,
  opens_value, opens_reason, opens_person_time, opens_server_time, opens_source, opens_by_person, opens_hash,
  clicks_value, clicks_reason, clicks_person_time, clicks_server_time, clicks_source, clicks_by_person, clicks_hash,
  ledger_length, ledger_head
)
SELECT b.id, $1::bigint, b.id, b.address, b.attributes::jsonb, $2::timestamptz, $2::timestamptz,
  b.opens_value, b.opens_reason, b.opens_person_time, b.opens_server_time, b.opens_source, b.opens_by_person, b.opens_hash,
  b.clicks_value, b.clicks_reason, b.clicks_person_time, b.clicks_server_time, b.clicks_source, b.clicks_by_person,
  b.clicks_hash, b.ledger_length, b.ledger_head
FROM import_batch b WHERE NOT b.known ORDER BY b.id
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: update_known
-- Writes what stands of people who were there, after the lines of a batch. Reader: actions.import_batches.
UPDATE subscriber s SET
  attributes = s.attributes || b.attributes::jsonb,
  changed_at = CASE WHEN b.ledger_length > s.ledger_length THEN greatest(s.changed_at, $1::timestamptz) ELSE s.changed_at END,
  opens_value = b.opens_value, opens_reason = b.opens_reason, opens_person_time = b.opens_person_time,
  opens_server_time = b.opens_server_time, opens_source = b.opens_source, opens_by_person = b.opens_by_person,
  opens_hash = b.opens_hash,
  clicks_value = b.clicks_value, clicks_reason = b.clicks_reason, clicks_person_time = b.clicks_person_time,
  clicks_server_time = b.clicks_server_time, clicks_source = b.clicks_source, clicks_by_person = b.clicks_by_person,
  clicks_hash = b.clicks_hash, ledger_length = b.ledger_length, ledger_head = b.ledger_head,
  opens_withdrawal = CASE WHEN b.opens_value = 'NO' THEN s.opens_withdrawal END,
  clicks_withdrawal = CASE WHEN b.clicks_value = 'NO' THEN s.clicks_withdrawal END
FROM import_batch b WHERE b.known AND s.id = b.id;

-- name: left_list
-- Who of these people left a list, or was taken off it. Reader: actions.import_batches.
SELECT subscriber_id FROM membership
WHERE list_id = $1 AND subscriber_id = ANY ($2::uuid[]) AND status IN ('UNSUBSCRIBED', 'BOUNCED');

-- name: on_no_list
-- Who of these people was on lists and is on none any more. Reader: actions.import_batches.
SELECT subscriber_id FROM membership WHERE subscriber_id = ANY ($1::uuid[])
GROUP BY subscriber_id HAVING bool_or(status IN ('UNSUBSCRIBED', 'BOUNCED')) AND NOT bool_or(status = 'SUBSCRIBED');

-- name: join_list
-- Puts people on a list; who left it, or was taken off it, stays off. Reader: actions.import_batches.
INSERT INTO membership (subscriber_id, list_id, account_id, status, changed_at)
SELECT n.id, $2::bigint, $3::bigint, 'SUBSCRIBED', $4::timestamptz FROM unnest($1::uuid[]) AS n (id) ORDER BY n.id
ON CONFLICT (subscriber_id, list_id) DO UPDATE SET status = excluded.status, changed_at = excluded.changed_at
WHERE membership.status = 'UNCONFIRMED';

-- name: errors
-- A page of the flaws of one import of the account, by row. Reader: disclosure.imports.
SELECT e.row_number, e.ordinal, e.column_name, e.code, e.message
FROM import_error e JOIN job j ON j.id = e.job_id
WHERE j.account_id = $1 AND j.id = $2 AND (e.row_number, e.ordinal) > ($3::bigint, $4::integer)
ORDER BY e.row_number, e.ordinal LIMIT $5;

-- name: live_files
-- The files that imports which have not ended still need. Reader: actions.imports.
SELECT arguments ->> 'file' AS file FROM job WHERE kind = 'import' AND status IN ('QUEUED', 'RUNNING');

-- name: promise
-- Keeps with each NO of a batch what was promised about what was recorded before; where none is given, what was stays.
-- Reader: actions.import_batches.
UPDATE subscriber s SET
  opens_withdrawal = coalesce(n.opens, s.opens_withdrawal), clicks_withdrawal = coalesce(n.clicks, s.clicks_withdrawal)
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n (id, opens, clicks) WHERE s.id = n.id;
