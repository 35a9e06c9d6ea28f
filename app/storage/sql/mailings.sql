-- name: insert
-- Adds a mailing. Reader: actions.create_mailing.
INSERT INTO mailing (id, account_id, name, channel, list_id, user_id, opens, clicks, permission_based, created_at,
                     settings_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: by_ids
-- The given mailings of one account. Reader: actions, disclosure.mailings.
SELECT m.*, l.name AS list_name FROM mailing m LEFT JOIN mailing_list l ON l.id = m.list_id
WHERE m.account_id = $1 AND m.id = ANY ($2::bigint[]);

-- name: anywhere
-- Mailings by id alone, with their account, for hits that carry a sealed id. Reader: actions.drain, actions.publish.
SELECT id, account_id, channel, user_id, settings_version FROM mailing WHERE id = ANY ($1::bigint[]);

-- name: hold
-- One mailing, held by a dispatch until its transaction ends; dispatches do not wait for each other. Reader: actions.
SELECT * FROM mailing WHERE account_id = $1 AND id = $2 FOR KEY SHARE;

-- name: lock
-- One mailing, locked against other changes until the transaction ends; dispatches go on. Reader: actions.
SELECT * FROM mailing WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE;

-- name: lock_undispatched
-- One mailing, locked against dispatches too; fails at once where one holds it. Reader: actions.lift_protection.
SELECT * FROM mailing WHERE account_id = $1 AND id = $2 FOR UPDATE NOWAIT;

-- name: unprotect
-- Lifts a mailing's protection until it is sent again. Reader: actions.lift_protection.
UPDATE mailing SET protected = false WHERE id = $1;

-- name: protect
-- Protects a mailing, as its first send does. Reader: actions.prepare_messages.
UPDATE mailing SET protected = true WHERE id = $1 AND NOT protected;

-- name: set_tracking
-- Changes what a mailing states about tracking. Reader: actions.
UPDATE mailing SET opens = $2, clicks = $3, permission_based = $4, name = $5, list_id = $6 WHERE id = $1;

-- name: links
-- The numbered links of mailings. Reader: disclosure.mailings, actions.
SELECT mailing_id, number, url FROM link WHERE mailing_id = ANY ($1::bigint[]) ORDER BY mailing_id, number;

-- name: add_links
-- Numbers the targets that a mailing has not yet; the caller holds the mailing's lock. Reader: actions.
INSERT INTO link (mailing_id, number, url)
SELECT $1::bigint, n.number, n.url FROM unnest($2::integer[], $3::text[]) AS n (number, url);

-- name: add_content
-- Remembers which links a template has for PERSONAL and for ANONYMOUS recipients. Reader: actions.frozen.
INSERT INTO mailing_content (mailing_id, id, links, anonymous_links) VALUES ($1, $2, $3, $4)
ON CONFLICT (mailing_id, id) DO UPDATE SET
  links = CASE WHEN cardinality(excluded.links) > 0 THEN excluded.links ELSE mailing_content.links END,
  anonymous_links = CASE WHEN cardinality(excluded.anonymous_links) > 0 THEN excluded.anonymous_links
                    ELSE mailing_content.anonymous_links END;

-- name: filtered
-- A page of mailings, newest first. Tracked means that any delivery was frozen above OFF. Reader: disclosure.mailings.
SELECT m.*, l.name AS list_name FROM mailing m LEFT JOIN mailing_list l ON l.id = m.list_id
WHERE m.account_id = $1 AND m.id < $6 AND ($2::text IS NULL OR m.channel = $2)
  AND ($3::text IS NULL OR m.name ILIKE $3)
  AND ($4::boolean IS NULL OR $4 = EXISTS (
    SELECT FROM delivery_rollup r
    WHERE r.mailing_id = m.id AND r.sent > 0 AND (r.opens_mode <> 'OFF' OR r.clicks_mode <> 'OFF')))
  AND ($5::bigint IS NULL OR m.channel <> 'ONE_TO_ONE' OR m.user_id = $5)
ORDER BY m.id DESC LIMIT $7;

-- name: filtered_backwards
-- The same page from its end, oldest first. Reader: disclosure.mailings.
SELECT m.*, l.name AS list_name FROM mailing m LEFT JOIN mailing_list l ON l.id = m.list_id
WHERE m.account_id = $1 AND m.id > $6 AND ($2::text IS NULL OR m.channel = $2)
  AND ($3::text IS NULL OR m.name ILIKE $3)
  AND ($4::boolean IS NULL OR $4 = EXISTS (
    SELECT FROM delivery_rollup r
    WHERE r.mailing_id = m.id AND r.sent > 0 AND (r.opens_mode <> 'OFF' OR r.clicks_mode <> 'OFF')))
  AND ($5::bigint IS NULL OR m.channel <> 'ONE_TO_ONE' OR m.user_id = $5)
ORDER BY m.id LIMIT $7;

-- name: count_filtered
-- How many mailings a filter has, up to one more than is said exactly. Reader: disclosure.mailings.
SELECT count(*) FROM (
  SELECT FROM mailing m
  WHERE m.account_id = $1 AND ($2::text IS NULL OR m.channel = $2) AND ($3::text IS NULL OR m.name ILIKE $3)
    AND ($4::boolean IS NULL OR $4 = EXISTS (
      SELECT FROM delivery_rollup r
      WHERE r.mailing_id = m.id AND r.sent > 0 AND (r.opens_mode <> 'OFF' OR r.clicks_mode <> 'OFF')))
    AND ($5::bigint IS NULL OR m.channel <> 'ONE_TO_ONE' OR m.user_id = $5)
  LIMIT 10001) AS counted;

-- name: chosen
-- The ids of mailings by what is asked of them, oldest first; what is NULL asks for nothing. A user's own one-to-one
-- mailings and nobody else's. Reader: disclosure.reports.
SELECT m.id FROM mailing m
WHERE m.account_id = $1 AND ($2::bigint[] IS NULL OR m.id = ANY ($2)) AND ($3::text IS NULL OR m.channel = $3)
  AND ($4::timestamptz IS NULL OR m.created_at >= $4) AND ($5::timestamptz IS NULL OR m.created_at < $5)
  AND ($6::bigint IS NULL OR m.channel <> 'ONE_TO_ONE' OR m.user_id = $6)
ORDER BY m.id LIMIT $7;
