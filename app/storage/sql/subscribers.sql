-- name: aliases
-- Which of the given addresses belong to a subscriber who was not born with them. Reader: actions, disclosure.
SELECT address_id, subscriber_id FROM address_alias WHERE account_id = $1 AND address_id = ANY ($2::uuid[]);

-- name: insert
-- Adds subscribers that are not there yet; who is there already stays as they are, and nobody is added who was
-- erased. Reader: actions.
INSERT INTO subscriber (
  id, account_id, address_id, address, attributes, locale, created_at, changed_at,
  opens_value, opens_reason, opens_by_person, opens_hash, clicks_value, clicks_reason, clicks_by_person, clicks_hash,
  ledger_length, ledger_head
)
SELECT n.id, $1::bigint, n.address_id, n.address, '{}'::jsonb, $5::text, $6::timestamptz, $6::timestamptz,
  'UNKNOWN', 'NEVER_ASKED', false, ''::bytea, 'UNKNOWN', 'NEVER_ASKED', false, ''::bytea, 0, ''::bytea
FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS n (id, address_id, address)
WHERE NOT EXISTS (SELECT FROM tombstone t WHERE t.subscriber_id = n.id)
ORDER BY n.id
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: lock
-- The given subscribers, locked in a fixed order until the transaction ends, with the version of the settings in force.
-- Reader: actions (writes only).
SELECT s.*, v.settings_version FROM subscriber s CROSS JOIN (
  SELECT max(version) AS settings_version FROM settings_version WHERE account_id = $1
) AS v
WHERE s.account_id = $1 AND s.id = ANY ($2::uuid[]) ORDER BY s.id FOR UPDATE OF s;

-- name: expired
-- Whose YES on an axis was given at or before a time, or at no known time, by id. Reader: actions.expiry.
SELECT id FROM subscriber
WHERE account_id = $1 AND id > $3 AND (
    (opens_value = 'YES' AND (opens_person_time IS NULL OR opens_person_time <= $2))
    OR (clicks_value = 'YES' AND (clicks_person_time IS NULL OR clicks_person_time <= $2)))
ORDER BY id LIMIT $4;

-- name: by_ids
-- The given subscribers of one account. Reader: disclosure.subscribers, actions.drain.
SELECT * FROM subscriber WHERE account_id = $1 AND id = ANY ($2::uuid[]);

-- name: by_id_anywhere
-- One subscriber by id alone, for a link that names the person. Reader: disclosure.preferences, actions.
SELECT s.* FROM subscriber s WHERE s.id = $1
UNION ALL
SELECT s.* FROM subscriber s JOIN former_subscriber f ON f.subscriber_id = s.id WHERE f.id = $1
LIMIT 1;

-- name: by_address_ids_anywhere
-- The subscribers whom an address belongs to, in every account, by its id there. Reader: actions.preferences_link.
SELECT s.* FROM subscriber s WHERE s.id = ANY ($1::uuid[])
UNION ALL
SELECT s.* FROM subscriber s JOIN address_alias a ON a.subscriber_id = s.id WHERE a.address_id = ANY ($1::uuid[]);

-- name: page_by_email
-- A page of subscribers by address, beyond a place; all but ids, addresses and answers only where $7 asks. Reader: disclosure.subscribers with personal:read.
SELECT s.id, s.address, s.created_at, s.opens_value, s.clicks_value,
  CASE WHEN $7::boolean THEN s.attributes::text END AS attributes,
  CASE WHEN $7 THEN s.opens_reason END AS opens_reason,
  CASE WHEN $7 THEN s.opens_person_time END AS opens_person_time,
  CASE WHEN $7 THEN s.opens_server_time END AS opens_server_time,
  CASE WHEN $7 THEN s.opens_source END AS opens_source,
  CASE WHEN $7 THEN s.opens_by_person END AS opens_by_person,
  CASE WHEN $7 THEN s.opens_withdrawal END AS opens_withdrawal,
  CASE WHEN $7 THEN s.clicks_reason END AS clicks_reason,
  CASE WHEN $7 THEN s.clicks_person_time END AS clicks_person_time,
  CASE WHEN $7 THEN s.clicks_server_time END AS clicks_server_time,
  CASE WHEN $7 THEN s.clicks_source END AS clicks_source,
  CASE WHEN $7 THEN s.clicks_by_person END AS clicks_by_person,
  CASE WHEN $7 THEN s.clicks_withdrawal END AS clicks_withdrawal
FROM subscriber s
WHERE s.account_id = $1
  AND (s.address, s.id) > (coalesce($2::text, ''), coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))
  AND ($4::bigint IS NULL OR EXISTS (
    SELECT FROM membership m WHERE m.subscriber_id = s.id AND m.list_id = $4 AND m.status = 'SUBSCRIBED'))
  AND ($5::text IS NULL OR s.address LIKE $5)
ORDER BY s.address, s.id LIMIT $6;

-- name: page_by_email_backwards
-- The same, read from the end. Reader: disclosure.subscribers with personal:read.
SELECT s.id, s.address, s.created_at, s.opens_value, s.clicks_value,
  CASE WHEN $7::boolean THEN s.attributes::text END AS attributes,
  CASE WHEN $7 THEN s.opens_reason END AS opens_reason,
  CASE WHEN $7 THEN s.opens_person_time END AS opens_person_time,
  CASE WHEN $7 THEN s.opens_server_time END AS opens_server_time,
  CASE WHEN $7 THEN s.opens_source END AS opens_source,
  CASE WHEN $7 THEN s.opens_by_person END AS opens_by_person,
  CASE WHEN $7 THEN s.opens_withdrawal END AS opens_withdrawal,
  CASE WHEN $7 THEN s.clicks_reason END AS clicks_reason,
  CASE WHEN $7 THEN s.clicks_person_time END AS clicks_person_time,
  CASE WHEN $7 THEN s.clicks_server_time END AS clicks_server_time,
  CASE WHEN $7 THEN s.clicks_source END AS clicks_source,
  CASE WHEN $7 THEN s.clicks_by_person END AS clicks_by_person,
  CASE WHEN $7 THEN s.clicks_withdrawal END AS clicks_withdrawal
FROM subscriber s
WHERE s.account_id = $1 AND (s.address, s.id) < (
    coalesce($2::text, (SELECT max(c.address) FROM subscriber c WHERE c.account_id = $1)),
    coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  AND ($4::bigint IS NULL OR EXISTS (
    SELECT FROM membership m WHERE m.subscriber_id = s.id AND m.list_id = $4 AND m.status = 'SUBSCRIBED'))
  AND ($5::text IS NULL OR s.address LIKE $5)
ORDER BY s.address DESC, s.id DESC LIMIT $6;

-- name: page_by_creation
-- A page of subscribers by creation; all but ids, addresses and answers only where $7 asks. Reader: disclosure.subscribers.
SELECT s.id, s.address, s.created_at, s.opens_value, s.clicks_value,
  CASE WHEN $7::boolean THEN s.attributes::text END AS attributes,
  CASE WHEN $7 THEN s.opens_reason END AS opens_reason,
  CASE WHEN $7 THEN s.opens_person_time END AS opens_person_time,
  CASE WHEN $7 THEN s.opens_server_time END AS opens_server_time,
  CASE WHEN $7 THEN s.opens_source END AS opens_source,
  CASE WHEN $7 THEN s.opens_by_person END AS opens_by_person,
  CASE WHEN $7 THEN s.opens_withdrawal END AS opens_withdrawal,
  CASE WHEN $7 THEN s.clicks_reason END AS clicks_reason,
  CASE WHEN $7 THEN s.clicks_person_time END AS clicks_person_time,
  CASE WHEN $7 THEN s.clicks_server_time END AS clicks_server_time,
  CASE WHEN $7 THEN s.clicks_source END AS clicks_source,
  CASE WHEN $7 THEN s.clicks_by_person END AS clicks_by_person,
  CASE WHEN $7 THEN s.clicks_withdrawal END AS clicks_withdrawal
FROM subscriber s
WHERE s.account_id = $1 AND (s.created_at, s.id) > (
    coalesce($2::timestamptz, '-infinity'), coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))
  AND ($4::bigint IS NULL OR EXISTS (
    SELECT FROM membership m WHERE m.subscriber_id = s.id AND m.list_id = $4 AND m.status = 'SUBSCRIBED'))
  AND ($5::text IS NULL OR s.address LIKE $5)
ORDER BY s.created_at, s.id LIMIT $6;

-- name: page_by_creation_backwards
-- The same, read from the end. Reader: disclosure.subscribers.
SELECT s.id, s.address, s.created_at, s.opens_value, s.clicks_value,
  CASE WHEN $7::boolean THEN s.attributes::text END AS attributes,
  CASE WHEN $7 THEN s.opens_reason END AS opens_reason,
  CASE WHEN $7 THEN s.opens_person_time END AS opens_person_time,
  CASE WHEN $7 THEN s.opens_server_time END AS opens_server_time,
  CASE WHEN $7 THEN s.opens_source END AS opens_source,
  CASE WHEN $7 THEN s.opens_by_person END AS opens_by_person,
  CASE WHEN $7 THEN s.opens_withdrawal END AS opens_withdrawal,
  CASE WHEN $7 THEN s.clicks_reason END AS clicks_reason,
  CASE WHEN $7 THEN s.clicks_person_time END AS clicks_person_time,
  CASE WHEN $7 THEN s.clicks_server_time END AS clicks_server_time,
  CASE WHEN $7 THEN s.clicks_source END AS clicks_source,
  CASE WHEN $7 THEN s.clicks_by_person END AS clicks_by_person,
  CASE WHEN $7 THEN s.clicks_withdrawal END AS clicks_withdrawal
FROM subscriber s
WHERE s.account_id = $1 AND (s.created_at, s.id) < (
    coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  AND ($4::bigint IS NULL OR EXISTS (
    SELECT FROM membership m WHERE m.subscriber_id = s.id AND m.list_id = $4 AND m.status = 'SUBSCRIBED'))
  AND ($5::text IS NULL OR s.address LIKE $5)
ORDER BY s.created_at DESC, s.id DESC LIMIT $6;

-- name: columns_by_creation
-- A page of subscribers by creation, as one row that holds a column of values in each of its fields, and the settings in
-- force; addresses only where $2 asks, and nobody where permissions run out, since rows have to answer there. Times are
-- PostgreSQL's text of them. Reader: disclosure.columns.
WITH policy AS (
  SELECT v.document FROM settings_version v WHERE v.account_id = $1 ORDER BY v.version DESC LIMIT 1
)
SELECT array_agg(n.id::text ORDER BY n.created_at, n.id) AS ids,
  array_agg(n.address ORDER BY n.created_at, n.id) FILTER (WHERE $2::boolean) AS addresses,
  array_agg(n.created_at::text ORDER BY n.created_at, n.id) AS created_at,
  array_agg(n.opens_value ORDER BY n.created_at, n.id) AS opens,
  array_agg(n.clicks_value ORDER BY n.created_at, n.id) AS clicks,
  (SELECT document::text FROM policy) AS settings
FROM (
  SELECT s.id, s.address, s.created_at, s.opens_value, s.clicks_value FROM subscriber s
  WHERE (SELECT document ->> 'permission_lifetime_days' IS NULL FROM policy)
    AND s.account_id = $1 AND (s.created_at, s.id) > (
      coalesce($3::timestamptz, '-infinity'), coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
  ORDER BY s.created_at, s.id LIMIT $5
) AS n;

-- name: columns_by_creation_backwards
-- The same, in the same order, of those nearest to the end. Reader: disclosure.columns.
WITH policy AS (
  SELECT v.document FROM settings_version v WHERE v.account_id = $1 ORDER BY v.version DESC LIMIT 1
)
SELECT array_agg(n.id::text ORDER BY n.created_at, n.id) AS ids,
  array_agg(n.address ORDER BY n.created_at, n.id) FILTER (WHERE $2::boolean) AS addresses,
  array_agg(n.created_at::text ORDER BY n.created_at, n.id) AS created_at,
  array_agg(n.opens_value ORDER BY n.created_at, n.id) AS opens,
  array_agg(n.clicks_value ORDER BY n.created_at, n.id) AS clicks,
  (SELECT document::text FROM policy) AS settings
FROM (
  SELECT s.id, s.address, s.created_at, s.opens_value, s.clicks_value FROM subscriber s
  WHERE (SELECT document ->> 'permission_lifetime_days' IS NULL FROM policy)
    AND s.account_id = $1 AND (s.created_at, s.id) < (
      coalesce($3::timestamptz, 'infinity'), coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  ORDER BY s.created_at DESC, s.id DESC LIMIT $5
) AS n;

-- name: columns_filtered
-- The same of those whom a filter has; without filters planning this takes longer than running it. Reader: disclosure.columns.
WITH policy AS (
  SELECT v.document FROM settings_version v WHERE v.account_id = $1 ORDER BY v.version DESC LIMIT 1
)
SELECT array_agg(n.id::text ORDER BY n.created_at, n.id) AS ids,
  array_agg(n.address ORDER BY n.created_at, n.id) FILTER (WHERE $2::boolean) AS addresses,
  array_agg(n.created_at::text ORDER BY n.created_at, n.id) AS created_at,
  array_agg(n.opens_value ORDER BY n.created_at, n.id) AS opens,
  array_agg(n.clicks_value ORDER BY n.created_at, n.id) AS clicks,
  (SELECT document::text FROM policy) AS settings
FROM (
  SELECT s.id, s.address, s.created_at, s.opens_value, s.clicks_value FROM subscriber s
  WHERE (SELECT document ->> 'permission_lifetime_days' IS NULL FROM policy)
    AND s.account_id = $1 AND (s.created_at, s.id) > (
      coalesce($3::timestamptz, '-infinity'), coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
    AND ($6::bigint IS NULL OR EXISTS (
      SELECT FROM membership m WHERE m.subscriber_id = s.id AND m.list_id = $6 AND m.status = 'SUBSCRIBED'))
    AND ($7::text IS NULL OR s.address LIKE $7)
  ORDER BY s.created_at, s.id LIMIT $5
) AS n;

-- name: columns_filtered_backwards
-- The same, in the same order, of those nearest to the end. Reader: disclosure.columns.
WITH policy AS (
  SELECT v.document FROM settings_version v WHERE v.account_id = $1 ORDER BY v.version DESC LIMIT 1
)
SELECT array_agg(n.id::text ORDER BY n.created_at, n.id) AS ids,
  array_agg(n.address ORDER BY n.created_at, n.id) FILTER (WHERE $2::boolean) AS addresses,
  array_agg(n.created_at::text ORDER BY n.created_at, n.id) AS created_at,
  array_agg(n.opens_value ORDER BY n.created_at, n.id) AS opens,
  array_agg(n.clicks_value ORDER BY n.created_at, n.id) AS clicks,
  (SELECT document::text FROM policy) AS settings
FROM (
  SELECT s.id, s.address, s.created_at, s.opens_value, s.clicks_value FROM subscriber s
  WHERE (SELECT document ->> 'permission_lifetime_days' IS NULL FROM policy)
    AND s.account_id = $1 AND (s.created_at, s.id) < (
      coalesce($3::timestamptz, 'infinity'), coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    AND ($6::bigint IS NULL OR EXISTS (
      SELECT FROM membership m WHERE m.subscriber_id = s.id AND m.list_id = $6 AND m.status = 'SUBSCRIBED'))
    AND ($7::text IS NULL OR s.address LIKE $7)
  ORDER BY s.created_at DESC, s.id DESC LIMIT $5
) AS n;

-- name: count
-- How many subscribers a filter has, up to one more than is said exactly. Reader: disclosure.subscribers.
SELECT count(*) FROM (
  SELECT FROM subscriber s
  WHERE s.account_id = $1
    AND ($2::bigint IS NULL OR EXISTS (
      SELECT FROM membership m WHERE m.subscriber_id = s.id AND m.list_id = $2 AND m.status = 'SUBSCRIBED'))
    AND ($3::text IS NULL OR s.address LIKE $3)
  LIMIT 10001
) AS counted;

-- name: mark_asked
-- Remembers when people were last mailed a permission request. Reader: actions.request_permission.
UPDATE subscriber SET asked_at = $2 WHERE id = ANY ($1::uuid[]);

-- name: save_profile
-- Merges attributes and sets the locale where one is given. Reader: actions.upsert_subscriber.
UPDATE subscriber SET attributes = attributes || $2::jsonb, locale = coalesce($3, locale) WHERE id = $1;

-- name: without_hurry
-- Lets the statements of a transaction take an hour. Reader: disclosure.policy_impact.
SELECT set_config('statement_timeout', '3600000', true);

-- name: answers
-- How many subscribers stand at which answers; a YES that is no younger than $2 (then $3) has run out.
-- Reader: disclosure.policy_impact.
SELECT opens_value, opens_reason, clicks_value, clicks_reason,
  opens_value = 'YES' AND $2::timestamptz IS NOT NULL AND coalesce(opens_person_time <= $2, true) AS opens_before,
  opens_value = 'YES' AND $3::timestamptz IS NOT NULL AND coalesce(opens_person_time <= $3, true) AS opens_after,
  clicks_value = 'YES' AND $2::timestamptz IS NOT NULL AND coalesce(clicks_person_time <= $2, true) AS clicks_before,
  clicks_value = 'YES' AND $3::timestamptz IS NOT NULL AND coalesce(clicks_person_time <= $3, true) AS clicks_after,
  count(*) AS people
FROM subscriber WHERE account_id = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
