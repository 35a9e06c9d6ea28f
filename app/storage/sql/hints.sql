-- name: send
-- Hints to whoever waits, in every process, that something of a topic has changed. Reader: actions.jobs.
SELECT pg_notify('assent_hint', $1);
