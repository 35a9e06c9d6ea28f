-- name: insert
-- Adds an export whose file is still to be made. Reader: actions.exports.
INSERT INTO export (id, account_id, kind, subscriber_id, asked_at, user_id, sees_people)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: wanted
-- What an export is to hold, and for whom; nothing where it was withdrawn meanwhile. Reader: actions.exports.
SELECT kind, subscriber_id, user_id, sees_people, part FROM export WHERE id = $1 AND account_id = $2 FOR UPDATE;

-- name: begin_part
-- Says which file an export is being written to. Reader: actions.exports.
UPDATE export SET part = $2 WHERE id = $1;

-- name: made
-- Says which file an export is; nothing where it was withdrawn meanwhile, or another worker makes it. Reader: actions.exports.
UPDATE export SET file = $2, made_at = $3, part = NULL WHERE id = $1 AND part = $2 RETURNING id;

-- name: by_ids
-- Exports of one account with their jobs' states. Reader: disclosure.exports, disclosure.jobs.
SELECT e.id, e.kind, e.file, e.made_at, e.user_id, e.sees_people, j.status FROM export e JOIN job j ON j.id = e.id
WHERE e.account_id = $1 AND e.id = ANY ($2::bigint[]);

-- name: hand_on
-- Lets exports follow a person who was merged into another. Reader: actions.merge.
UPDATE export SET subscriber_id = $2 WHERE subscriber_id = $1;

-- name: withdraw
-- Takes back all exports of one person; tells their files. Reader: actions.exports.
DELETE FROM export WHERE subscriber_id = $1 RETURNING file, part;

-- name: take_back
-- Takes back one export of an account; tells its files. Reader: actions.exports.
DELETE FROM export WHERE id = $1 AND account_id = $2 RETURNING file, part;

-- name: expire
-- Takes back exports that were made, or were asked for in vain, before a time; tells their files. Reader: actions.exports.
DELETE FROM export e WHERE e.made_at <= $1 OR (e.made_at IS NULL AND e.asked_at < $1 AND NOT EXISTS (
  SELECT FROM job j WHERE j.id = e.id AND j.status IN ('QUEUED', 'RUNNING')
)) RETURNING file, part;

-- name: live_files
-- The files that exports still are, or are being written to. Reader: actions.exports.
SELECT coalesce(part, file) AS file FROM export WHERE part IS NOT NULL OR file IS NOT NULL;

-- name: campaign_people
-- The people of a mailing as lines of a file, but for those who are counted anonymously. $3: whether the reader sees
-- people; $4: whether the mailing's events are theirs; $5: what a NO follows that no promise was kept with; $6: since when
-- addresses are shown, null where the account keeps none. An address is the newest that a person seems to have
-- come from themselves, on an axis that is shown.
-- Reader: disclosure.campaign_exports.
SELECT CASE WHEN $3::boolean AND p.address IS NOT NULL THEN csv_cell(p.address) ELSE 'Anonymized contact' END AS email,
  CASE WHEN NOT $3::boolean OR p.address IS NULL THEN 'Anonymized data'
    WHEN $6::timestamptz IS NOT NULL AND (p.opens_shown OR p.clicks_shown) THEN (
      SELECT csv_cell(host(k.ip)) FROM kept_address k
      JOIN event e ON e.subscriber_id = k.subscriber_id AND e.occurred_at = k.occurred_at AND e.id = k.event_id
      WHERE k.subscriber_id = p.subscriber_id AND k.delivery_id = p.delivery_id AND k.occurred_at >= $6::timestamptz
        AND e.client_class = 'HUMAN_LIKELY' AND CASE e.kind WHEN 'CLICKED' THEN p.clicks_shown ELSE p.opens_shown END
      ORDER BY k.occurred_at DESC, k.event_id DESC LIMIT 1) END AS ip,
  csv_time(p.sent_at) AS sent_at, csv_time(p.delivered_at) AS delivered_at,
  p.opens_shown::text AS measured_opens,
  CASE WHEN p.opens_shown THEN csv_time(p.first_opened_at) END AS first_opened_at,
  CASE WHEN p.opens_shown THEN p.opens ELSE 0 END AS opens,
  p.clicks_shown::text AS measured_clicks,
  CASE WHEN p.clicks_shown THEN p.clicks ELSE 0 END AS clicks,
  CASE WHEN p.clicks_shown AND p.clicked_links <> '{}' THEN (
    SELECT string_agg(csv_cell(l.url), ' ' ORDER BY c.place)
    FROM unnest(p.clicked_links) WITH ORDINALITY AS c (number, place)
    JOIN link l ON l.mailing_id = $2::bigint AND l.number = c.number) END AS links
FROM (
  SELECT d.subscriber_id, d.id AS delivery_id, s.address, d.sent_at, d.delivered_at, d.first_opened_at, d.opens,
    d.clicks, d.clicked_links,
    $3::boolean AND $4::boolean AND d.opens_mode = 'PERSONAL' AND NOT d.gathered AND s.id IS NOT NULL
      AND (s.opens_value <> 'NO' OR coalesce(s.opens_withdrawal, $5::text) = 'KEEP') AS opens_shown,
    $3::boolean AND $4::boolean AND d.clicks_mode = 'PERSONAL' AND NOT d.gathered AND s.id IS NOT NULL
      AND (s.clicks_value <> 'NO' OR coalesce(s.clicks_withdrawal, $5::text) = 'KEEP') AS clicks_shown
  FROM delivery d LEFT JOIN subscriber s ON s.id = d.subscriber_id
  WHERE d.account_id = $1::bigint AND d.mailing_id = $2::bigint
    AND ('PERSONAL' IN (d.opens_mode, d.clicks_mode) OR 'ANONYMOUS' NOT IN (d.opens_mode, d.clicks_mode))
) AS p;

-- name: first_sent
-- When the first mail of a mailing was sent, and when its first was delivered. Reader: disclosure.campaign_exports.
SELECT sent_at, delivered_at FROM (
  SELECT d.sent_at, NULL::timestamptz AS delivered_at FROM delivery d WHERE d.account_id = $1 AND d.mailing_id = $2
  ORDER BY d.id LIMIT 1) AS f
UNION ALL
SELECT NULL, delivered_at FROM (
  SELECT d.delivered_at FROM delivery d WHERE d.account_id = $1 AND d.mailing_id = $2 AND d.delivered_at IS NOT NULL
  ORDER BY d.id LIMIT 1) AS f;

-- name: first_seen
-- On which days the published numbers of an unlinked mailing were first seen. Reader: disclosure.campaign_exports.
SELECT send_day, first_day, n FROM unlinked_day WHERE mailing_id = $1 AND link = 0 AND n > 0;

-- name: log_of_people
-- The events of single people as lines of a file, as the log shows them; $4: of this mailing alone; $7: what a NO follows
-- that no promise was kept with. Reader: disclosure.event_log_exports for who sees people.
WITH template AS MATERIALIZED (
  SELECT m.id, encode(convert_to('Mailing:' || m.id::text, 'UTF8'), 'base64') AS name FROM mailing m
  WHERE m.account_id = $1::bigint AND m.channel = $2::text
)
SELECT e.kind, csv_time(e.occurred_at) AS occurred_at, csv_time(d.sent_at) AS sent_at, t.name AS template_id,
  csv_cell(s.address) AS email, d.message_id, csv_cell(l.url) AS link
FROM event e
JOIN template t ON t.id = e.mailing_id
JOIN delivery d ON d.subscriber_id = e.subscriber_id AND d.id = e.delivery_id
JOIN subscriber s ON s.id = e.subscriber_id
LEFT JOIN link l ON l.mailing_id = e.mailing_id AND l.number = e.link
WHERE e.account_id = $1::bigint AND e.channel = $2::text AND e.user_id = $3::bigint
  AND ($4::bigint IS NULL OR e.mailing_id = $4::bigint)
  AND e.occurred_at >= $5::timestamptz AND e.occurred_at < $6::timestamptz AND NOT d.gathered
  AND CASE e.kind WHEN 'CLICKED' THEN
      d.clicks_mode = 'PERSONAL' AND (s.clicks_value <> 'NO' OR coalesce(s.clicks_withdrawal, $7::text) = 'KEEP')
    ELSE d.opens_mode = 'PERSONAL' AND (s.opens_value <> 'NO' OR coalesce(s.opens_withdrawal, $7::text) = 'KEEP') END;

-- name: log_of_messages
-- The events of messages to several people, as the log's own queries bring them. Reader: disclosure.event_log_exports.
SELECT e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link, e.client_class, e.country
FROM gathered_message g JOIN event e ON e.subscriber_id = g.subscriber_id AND e.delivery_id = g.id
WHERE g.account_id = $1 AND e.account_id = g.account_id AND e.channel = $2 AND e.user_id = $3
  AND ($4::bigint IS NULL OR e.mailing_id = $4) AND e.occurred_at >= $5 AND e.occurred_at < $6;

-- name: log_size
-- About how many lines such a file has. Reader: disclosure.event_log_exports.
SELECT coalesce(sum(r.n), 0)::bigint AS n FROM event_rollup r
WHERE r.account_id = $1 AND r.channel = $2 AND ($3::bigint IS NULL OR r.mailing_id = $3)
  AND r.hour >= $4 AND r.hour < $5;

-- name: ledger_lines
-- Settled changes of permission of an account as lines of a file, in the order of their feed; $2: of these chains alone.
-- $5: whether the reader sees people. Reader: disclosure.ledger_exports.
SELECT csv_time(p.server_time) AS server_time,
  encode(convert_to('Subscriber:' || replace(p.subscriber_id::text, '-', ''), 'UTF8'), 'base64') AS subscriber_id,
  p.number, p.axis, p.from_value, p.to_value, p.reason, csv_time(p.person_time) AS person_time, p.source,
  CASE WHEN p.actor IS NULL THEN NULL WHEN $5::boolean THEN csv_cell(p.actor) ELSE 'Anonymized data' END AS actor,
  CASE WHEN p.wording_id IS NOT NULL THEN encode(convert_to('Wording:' || p.wording_id::text, 'UTF8'), 'base64') END AS wording_id,
  encode(p.merged_head, 'hex') AS merged_head, encode(p.previous_hash, 'hex') AS previous_hash,
  encode(p.hash, 'hex') AS hash
FROM permission_line p
WHERE p.account_id = $1::bigint AND ($2::uuid[] IS NULL OR p.subscriber_id = ANY ($2::uuid[]))
  AND p.server_time >= $3::timestamptz AND p.server_time < $4::timestamptz
ORDER BY p.server_time, p.subscriber_id, p.number;

-- name: ledger_size
-- How many lines such a file has. Reader: disclosure.ledger_exports.
SELECT count(*) FROM permission_line p
WHERE p.account_id = $1 AND ($2::uuid[] IS NULL OR p.subscriber_id = ANY ($2::uuid[]))
  AND p.server_time >= $3 AND p.server_time < $4;

-- name: chains
-- The chains of one person: those that merges have closed, and the own. Reader: disclosure.ledger_exports.
SELECT f.id FROM former_subscriber f WHERE f.account_id = $1 AND f.subscriber_id = $2 UNION ALL SELECT $2::uuid;

-- name: attribute_names
-- The names of everybody's attributes, those that most people have first. Reader: disclosure.subscriber_exports.
SELECT k.name COLLATE "C" AS name FROM subscriber s, jsonb_object_keys(s.attributes) AS k (name)
WHERE s.account_id = $1 GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $2;

-- name: some_attribute_names
-- The names of a thousand people's attributes. Reader: disclosure.subscriber_exports.
SELECT DISTINCT k.name COLLATE "C" AS name
FROM (SELECT f.attributes FROM subscriber f WHERE f.account_id = $1 LIMIT 1000) AS s, jsonb_object_keys(s.attributes) AS k (name)
ORDER BY 1 LIMIT $2;

-- name: other_attributes
-- How many people there are, and how many of them have attributes of other names. Reader: disclosure.subscriber_exports.
SELECT count(*) AS people, count(*) FILTER (WHERE s.attributes - $2::text[] <> '{}') AS others
FROM subscriber s WHERE s.account_id = $1;

-- name: subscribers
-- How many subscribers an account has, or a list of it. Reader: disclosure.subscriber_exports.
SELECT count(*) FROM subscriber s
WHERE s.account_id = $1 AND ($2::bigint IS NULL OR EXISTS (
  SELECT FROM membership m WHERE m.subscriber_id = s.id AND m.list_id = $2 AND m.status = 'SUBSCRIBED'));
