-- name: deliveries
-- How many deliveries mailings have, by mode. Reader: disclosure.campaign_exports.
SELECT * FROM delivery_rollup WHERE mailing_id = ANY ($1::bigint[]);

-- name: counts
-- What was counted of an account's mailings ($2), as JSON, a row for each mailing and part: one round trip instead of ten.
-- Who got what always; what anybody did only if $3; of anonymous hits each day by itself, machines' left out, if $4; of
-- personal ones each link and class by itself if $5, else those of machines and those of people (UNKNOWN).
-- The inner SELECT hides how many mailings are asked for, so that one plan serves all. Reader: disclosure.reports.
WITH own AS MATERIALIZED (
  SELECT m.* FROM mailing m WHERE m.account_id = $1 AND m.id = ANY ((SELECT $2::bigint[])::bigint[])
)
SELECT 'mailing' AS part, o.id AS mailing_id, to_json(o) AS found FROM own o
UNION ALL
SELECT 'policy', o.id, json_build_object(
  'k', max((v.document ->> 'minimum_audience')::integer),
  'ever_counts_late', bool_or(v.document ->> 'late_refusal' = 'COUNT'),
  'always_counts_late', bool_and(v.document ->> 'late_refusal' = 'COUNT'),
  'totals_only', bool_or((v.document ->> 'anonymous_totals_only')::boolean))
FROM own o JOIN settings_version v ON v.account_id = o.account_id AND v.version >= o.settings_version GROUP BY o.id
UNION ALL
SELECT 'deliveries', r.mailing_id, json_agg(r) FROM own o JOIN delivery_rollup r ON r.mailing_id = o.id
GROUP BY r.mailing_id
UNION ALL
SELECT 'links', l.mailing_id, json_object_agg(l.number, l.url ORDER BY l.number)
FROM own o JOIN link l ON l.mailing_id = o.id GROUP BY l.mailing_id
UNION ALL
SELECT 'of_links', r.mailing_id, json_agg(r) FROM own o JOIN link_rollup r ON r.mailing_id = o.id
GROUP BY r.mailing_id
UNION ALL
SELECT 'templates', t.mailing_id, json_agg(t) FROM (
  SELECT DISTINCT c.mailing_id, c.links, c.anonymous_links FROM own o JOIN mailing_content c ON c.mailing_id = o.id
) AS t GROUP BY t.mailing_id
UNION ALL
SELECT 'events', h.mailing_id, json_agg(h) FROM (
  SELECT e.mailing_id, e.kind, CASE WHEN $5::boolean THEN e.link ELSE 0 END AS link,
    CASE WHEN $5 OR e.client_class = 'SCANNER' THEN e.client_class ELSE 'UNKNOWN' END AS client_class,
    sum(e.n)::bigint AS n
  FROM own o JOIN event_total e ON e.mailing_id = o.id WHERE $3::boolean GROUP BY 1, 2, 3, 4
) AS h GROUP BY h.mailing_id
UNION ALL
SELECT 'tallies', t.mailing_id, json_agg(t) FROM (
  SELECT a.mailing_id, a.send_day, a.kind, a.link, a.client_class, CASE WHEN $4::boolean THEN a.day END AS day,
    sum(a.shown)::bigint AS shown
  FROM own o JOIN anonymous_tally a ON a.mailing_id = o.id
  WHERE $3 AND a.shown > 0 AND NOT ($4 AND (a.kind = 'LOADED_BY_PROXY' OR a.client_class = 'SCANNER'))
  GROUP BY 1, 2, 3, 4, 5, 6
) AS t GROUP BY t.mailing_id
UNION ALL
SELECT 'seen', s.mailing_id, json_agg(s) FROM (
  SELECT u.mailing_id, u.send_day, sum(u.n)::bigint AS n FROM own o JOIN unlinked_day u ON u.mailing_id = o.id
  WHERE $3 AND u.link = 0 GROUP BY 1, 2
) AS s GROUP BY s.mailing_id
UNION ALL
SELECT 'unlinked', w.mailing_id, json_agg(w.send_day) FROM own o JOIN unlinked_window w ON w.mailing_id = o.id
WHERE $3 AND NOT w.mixed GROUP BY w.mailing_id;

-- name: hits_by_time
-- Personal hits of mailings by buckets of a width ($2) from $3 on, machines' left out. Reader: disclosure.reports.
SELECT mailing_id, date_bin($2::interval, hour, $3::timestamptz) AS at, kind, sum(n)::bigint AS n FROM event_rollup
WHERE mailing_id = ANY ($1::bigint[]) AND kind <> 'LOADED_BY_PROXY' AND client_class <> 'SCANNER'
GROUP BY mailing_id, at, kind;
