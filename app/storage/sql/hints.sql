-- name: send
-- Hints to whoever waits, in every process, that something of a topic has changed. Reader: storage.hints.
SELECT pg_notify('assent_hint', $1);
