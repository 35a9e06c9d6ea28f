-- name: insert
-- Adds an export whose file is still to be made. Reader: actions.exports.
INSERT INTO export (id, account_id, kind, subscriber_id, asked_at) VALUES ($1, $2, $3, $4, $5);

-- name: wanted
-- What an export is to hold; nothing where it was withdrawn meanwhile. Reader: actions.exports.
SELECT kind, subscriber_id FROM export WHERE id = $1 AND account_id = $2;

-- name: made
-- Says which file an export is; nothing where it was withdrawn meanwhile. Reader: actions.exports.
UPDATE export SET file = $2, made_at = $3 WHERE id = $1 RETURNING id;

-- name: by_ids
-- Exports of one account with their jobs' states. Reader: disclosure.exports.
SELECT e.id, e.kind, e.file, e.made_at, j.status FROM export e JOIN job j ON j.id = e.id
WHERE e.account_id = $1 AND e.id = ANY ($2::bigint[]);

-- name: hand_on
-- Lets exports follow a person who was merged into another. Reader: actions.merge.
UPDATE export SET subscriber_id = $2 WHERE subscriber_id = $1;

-- name: withdraw
-- Takes back all exports of one person; tells their files. Reader: actions.exports.
DELETE FROM export WHERE subscriber_id = $1 RETURNING file;

-- name: expire
-- Takes back exports that were made, or were asked for in vain, before a time; tells their files. Reader: actions.exports.
DELETE FROM export e WHERE e.made_at <= $1 OR (e.made_at IS NULL AND e.asked_at < $1 AND NOT EXISTS (
  SELECT FROM job j WHERE j.id = e.id AND j.status IN ('QUEUED', 'RUNNING')
)) RETURNING file;

-- name: live_files
-- The files that exports still are. Reader: actions.exports.
SELECT file FROM export WHERE file IS NOT NULL;
