-- name: send
-- Hints to whoever waits, in every process, that something of these topics has changed.
-- Reader: actions.jobs, actions.drain.
SELECT pg_notify('assent_hint', t.topic) FROM unnest($1::text[]) AS t (topic);
