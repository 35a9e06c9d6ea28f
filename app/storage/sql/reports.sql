-- name: deliveries
-- How many deliveries mailings have, by mode. Reader: disclosure.reports.
SELECT * FROM delivery_rollup WHERE mailing_id = ANY ($1::bigint[]);

-- name: events
-- Personal hits of mailings, by kind, link and class. Reader: disclosure.reports.
SELECT mailing_id, kind, link, client_class, sum(n)::bigint AS n FROM event_rollup
WHERE mailing_id = ANY ($1::bigint[]) GROUP BY mailing_id, kind, link, client_class;

-- name: tallies
-- What is published of anonymous hits. Reader: disclosure.reports.
SELECT mailing_id, send_day, kind, link, day, client_class, shown FROM anonymous_tally
WHERE mailing_id = ANY ($1::bigint[]) AND shown > 0;

-- name: seen
-- How many unlinked numbers are published as seen. Reader: disclosure.reports.
SELECT mailing_id, send_day, link, count(*) AS n FROM unlinked_seen
WHERE mailing_id = ANY ($1::bigint[]) AND shown GROUP BY mailing_id, send_day, link;

-- name: clickers
-- How many deliveries clicked each link. Reader: disclosure.reports.
SELECT mailing_id, link, sum(clickers)::bigint AS n FROM link_rollup
WHERE mailing_id = ANY ($1::bigint[]) GROUP BY mailing_id, link;

-- name: unlinked
-- Which send days of mailings had unlinked numbers. Reader: disclosure.reports.
SELECT mailing_id, send_day FROM unlinked_window WHERE mailing_id = ANY ($1::bigint[]);
