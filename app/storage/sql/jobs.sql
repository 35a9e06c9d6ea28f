-- name: insert
-- Adds a job that waits for its turn. Reader: actions.jobs.
INSERT INTO job (id, account_id, kind, status, arguments, made_by, created_at, updated_at)
VALUES ($1, $2, $3, 'QUEUED', $4::jsonb, $5, $6, $6);

-- name: insert_chore
-- Adds a job of the instance, unless one of its kind was done since a time, or has been at it since another.
-- Reader: actions.chores.
INSERT INTO job (id, kind, status, arguments, made_by, created_at, updated_at)
SELECT $1, $2::text, 'QUEUED', '{}'::jsonb, 'clock', $3::timestamptz, $3::timestamptz WHERE NOT EXISTS (
  SELECT FROM job j WHERE j.account_id IS NULL AND j.kind = $2::text AND (
    (j.status = 'DONE' AND j.created_at >= $4) OR (j.status IN ('QUEUED', 'RUNNING') AND j.created_at >= $5)
  )
) RETURNING id;

-- name: failed_chores
-- Which kinds of jobs of the instance failed the last time. Reader: disclosure.health.
SELECT kind FROM (
  SELECT DISTINCT ON (kind) kind, status FROM job
  WHERE account_id IS NULL AND status IN ('DONE', 'FAILED') ORDER BY kind, id DESC
) AS last WHERE status = 'FAILED' ORDER BY kind;

-- name: begin
-- Begins a job, or goes on with one whose process died; one that has ended stays so. Reader: actions.jobs.
UPDATE job SET status = 'RUNNING', updated_at = $2 WHERE id = $1 AND status IN ('QUEUED', 'RUNNING')
RETURNING id, account_id, kind, arguments, made_by;

-- name: lock
-- A job as it stands, locked for one step; nothing where it runs no more. Reader: actions.jobs.
SELECT position, counts FROM job WHERE id = $1 AND status = 'RUNNING' FOR UPDATE;

-- name: lock_whole
-- A job that runs, with what it was asked to do, locked for one count. Reader: actions.request_permission.
SELECT position, counts, arguments FROM job WHERE id = $1 AND status = 'RUNNING' FOR UPDATE;

-- name: naming
-- Jobs of an account that have not ended and name one of these people, locked. Reader: actions.erase.
SELECT id, arguments FROM job
WHERE account_id = $1 AND status IN ('QUEUED', 'RUNNING') AND arguments -> 'people' ?| $2::text[] ORDER BY id FOR UPDATE;

-- name: set_arguments
-- Changes what a job is to do. Reader: actions.erase.
UPDATE job SET arguments = $2::jsonb WHERE id = $1;

-- name: save
-- Writes how far a job is, in the transaction of what it did. Reader: actions.jobs.
UPDATE job SET position = $2, progress = coalesce($3, progress), counts = $4::jsonb, updated_at = $5 WHERE id = $1;

-- name: finish
-- Ends a job that has not ended, and forgets whom it named. Reader: actions.jobs.
UPDATE job SET status = $2, message = $3, progress = CASE WHEN $2::text = 'DONE' THEN 1 ELSE progress END, updated_at = $4,
  arguments = arguments - 'people'
WHERE id = $1 AND status IN ('QUEUED', 'RUNNING')
RETURNING id;

-- name: cancel
-- Stops one of the account's jobs after its present step, and forgets whom it named. Reader: actions.jobs.
UPDATE job SET status = 'CANCELLED', updated_at = $3, arguments = arguments - 'people' WHERE id = $1 AND account_id = $2 AND status IN ('QUEUED', 'RUNNING')
RETURNING id;

-- name: by_ids
-- Jobs of one account. Reader: disclosure.jobs.
SELECT id, kind, status, progress, counts, message FROM job WHERE account_id = $1 AND id = ANY ($2::bigint[]);
