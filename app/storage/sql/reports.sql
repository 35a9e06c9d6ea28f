-- name: deliveries
-- How many deliveries mailings have, by mode. Reader: disclosure.reports.
SELECT * FROM delivery_rollup WHERE mailing_id = ANY ($1::bigint[]);

-- name: events
-- Personal hits of mailings, by kind, link and class. Reader: disclosure.reports.
SELECT mailing_id, kind, link, client_class, n FROM event_total WHERE mailing_id = ANY ($1::bigint[]);

-- name: tallies
-- What is published of anonymous hits. Reader: disclosure.reports.
SELECT mailing_id, send_day, kind, link, client_class, sum(shown)::bigint AS shown FROM anonymous_tally
WHERE mailing_id = ANY ($1::bigint[]) AND shown > 0 GROUP BY mailing_id, send_day, kind, link, client_class;

-- name: tallies_by_day
-- The same for each day of hits, machines' left out. Reader: disclosure.reports.
SELECT mailing_id, send_day, kind, link, day, client_class, shown FROM anonymous_tally
WHERE mailing_id = ANY ($1::bigint[]) AND shown > 0 AND kind <> 'LOADED_BY_PROXY' AND client_class <> 'SCANNER';

-- name: seen
-- How many unlinked numbers are published as seen. Reader: disclosure.reports.
SELECT mailing_id, send_day, link, count(*) AS n FROM unlinked_seen
WHERE mailing_id = ANY ($1::bigint[]) AND shown GROUP BY mailing_id, send_day, link;

-- name: clickers
-- How many deliveries clicked each link. Reader: disclosure.reports.
SELECT mailing_id, link, sum(clickers)::bigint AS n FROM link_rollup
WHERE mailing_id = ANY ($1::bigint[]) GROUP BY mailing_id, link;

-- name: unlinked
-- Which send days of mailings had unlinked numbers in all of their anonymous mails. Reader: disclosure.reports.
SELECT mailing_id, send_day FROM unlinked_window WHERE mailing_id = ANY ($1::bigint[]) AND NOT mixed;

-- name: templates
-- Which links stood together in templates of mailings. Reader: disclosure.reports.
SELECT DISTINCT mailing_id, links, anonymous_links FROM mailing_content WHERE mailing_id = ANY ($1::bigint[]);

-- name: hits_by_time
-- Personal hits of mailings by buckets of a width ($2) from $3 on, machines' left out. Reader: disclosure.reports.
SELECT mailing_id, date_bin($2::interval, hour, $3::timestamptz) AS at, kind, sum(n)::bigint AS n FROM event_rollup
WHERE mailing_id = ANY ($1::bigint[]) AND kind <> 'LOADED_BY_PROXY' AND client_class <> 'SCANNER'
GROUP BY mailing_id, at, kind;
