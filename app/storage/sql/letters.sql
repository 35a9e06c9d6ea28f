-- name: insert
-- Adds a letter that waits to be mailed. Reader: actions.letters.
INSERT INTO letter (id, account_id, kind, subscriber_id, address_id, language, sign_up_id, job_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: by_id
-- One letter that waits; it holds ids and no address. Reader: actions.letters.
SELECT id, account_id, kind, subscriber_id, address_id, language, sign_up_id, job_id, created_at, attempts
FROM letter WHERE id = $1;

-- name: failed
-- Counts an attempt that failed, and says how many there were. Reader: actions.letters.
UPDATE letter SET attempts = attempts + 1 WHERE id = $1 RETURNING attempts;

-- name: delete
-- Forgets a letter whose fate is known. Reader: actions.letters.
DELETE FROM letter WHERE id = $1 RETURNING id;

-- name: count
-- Counts what became of a letter. Reader: actions.letters.
INSERT INTO letter_count (day, kind, fate, count) VALUES ($1, $2, $3, 1)
ON CONFLICT (day, kind, fate) DO UPDATE SET count = letter_count.count + excluded.count;

-- name: asking
-- Those of these people to whom a question is on its way. Reader: actions.request_permission.
SELECT DISTINCT subscriber_id FROM letter WHERE subscriber_id = ANY ($1::uuid[]) AND kind = 'ASK' AND account_id = $2;

-- name: of_job
-- Whether letters of a job still wait. Reader: actions.request_permission.
SELECT EXISTS (SELECT FROM letter WHERE job_id = $1) AS waiting;

-- name: forgotten
-- Letters that no worker ended in time, for whatever reason. Reader: actions.letters.
SELECT id, account_id, kind, subscriber_id, address_id, language, sign_up_id, job_id, created_at, attempts
FROM letter WHERE created_at < $1 ORDER BY id LIMIT 1000;

-- name: delete_counts
-- Forgets the counts of days before one. Reader: actions.letters.
DELETE FROM letter_count WHERE day < $1;

-- name: health
-- How many letters have failed at least once and wait, and how many ended without being sent since a day.
-- Reader: disclosure.health.
SELECT (SELECT count(*) FROM letter WHERE attempts > 0) AS waiting,
  (SELECT coalesce(sum(count), 0) FROM letter_count WHERE day >= $1 AND fate IN ('REFUSED', 'GIVEN_UP'))::bigint AS lost;
