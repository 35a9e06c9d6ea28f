-- name: events
-- Deletes an account's events before a time; the counts of them stay. Reader: actions.purge.
DELETE FROM event WHERE account_id = $1 AND occurred_at < $2;

-- name: deliveries
-- Deletes what an account sent before a time; the counts of it stay. Reader: actions.purge.
DELETE FROM delivery WHERE account_id = $1 AND sent_at < $2;

-- name: gathered
-- Deletes messages to several people that an account sent before a time. Reader: actions.purge.
DELETE FROM gathered_message WHERE account_id = $1 AND sent_at < $2;

-- name: sign_ups
-- Deletes an account's sign-ups from before a time, confirmed or not. Reader: actions.purge.
DELETE FROM pending_sign_up WHERE account_id = $1 AND created_at < $2;

-- name: batches
-- Forgets an account's idempotency keys from before a time. Reader: actions.purge.
DELETE FROM prepared_batch WHERE account_id = $1 AND prepared_at < $2;

-- name: jobs
-- Deletes an account's jobs that ended before a time, with the errors of imports. Reader: actions.purge.
WITH gone AS (
  DELETE FROM job WHERE account_id = $1 AND updated_at < $2 AND status NOT IN ('QUEUED', 'RUNNING') RETURNING id
), errors AS (
  DELETE FROM import_error e USING gone g WHERE e.job_id = g.id
)
SELECT id FROM gone;

-- name: chores
-- Deletes jobs of the instance from before a time. Reader: actions.purge.
DELETE FROM job WHERE account_id IS NULL AND created_at < $1;

-- name: queue_log
-- Deletes what the queue noted of jobs before a time. Reader: actions.purge.
DELETE FROM pgqueuer.pgqueuer_log WHERE created < $1;

-- name: partitions
-- The partitions of the events, the default one included. Reader: actions.purge.
SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'event'::regclass ORDER BY 1;
