-- name: audiences
-- How many people are counted anonymously on each axis of mailings, and how many anonymous mails of it bounced.
-- Reader: actions.drain, actions.publish.
SELECT mailing_id, send_day, sum(audience_opens)::bigint AS opens, sum(audience_clicks)::bigint AS clicks,
  coalesce(sum(bounced) FILTER (WHERE opens_mode = 'ANONYMOUS'), 0)::bigint AS opens_bounced,
  coalesce(sum(bounced) FILTER (WHERE clicks_mode = 'ANONYMOUS'), 0)::bigint AS clicks_bounced
FROM delivery_rollup WHERE mailing_id = ANY ($1::bigint[]) GROUP BY mailing_id, send_day;

-- name: link_audiences
-- How many people had a link in their anonymous mail. Reader: actions.drain.
SELECT mailing_id, send_day, link, audience FROM link_rollup WHERE mailing_id = ANY ($1::bigint[]);

-- name: late_audiences
-- Who was sent PERSONAL mail, says no by now, and is counted anonymously since: where the settings frozen on the
-- delivery count late refusals and allow it, and who is in the audience by another mail is not counted again.
-- Reader: actions.drain, disclosure.reports.
SELECT d.mailing_id, d.send_day,
  count(DISTINCT d.subscriber_id) FILTER (
    WHERE d.opens_mode = 'PERSONAL' AND s.opens_value = 'NO' AND v.document ->> 'refused_opens' = 'ANONYMOUS'
      AND NOT EXISTS (
        SELECT FROM delivery a WHERE a.subscriber_id = d.subscriber_id AND a.mailing_id = d.mailing_id
          AND a.send_day = d.send_day AND a.in_audience_opens AND a.bounced_at IS NULL)) AS opens,
  count(DISTINCT d.subscriber_id) FILTER (
    WHERE d.clicks_mode = 'PERSONAL' AND s.clicks_value = 'NO' AND v.document ->> 'refused_clicks' = 'ANONYMOUS'
      AND NOT EXISTS (
        SELECT FROM delivery a WHERE a.subscriber_id = d.subscriber_id AND a.mailing_id = d.mailing_id
          AND a.send_day = d.send_day AND a.in_audience_clicks AND a.bounced_at IS NULL)) AS clicks
FROM delivery d
JOIN subscriber s ON s.id = d.subscriber_id
JOIN settings_version v ON v.account_id = d.account_id AND v.version = d.settings_version
WHERE d.mailing_id = ANY ($1::bigint[]) AND NOT d.gathered AND d.bounced_at IS NULL
  AND (s.opens_value = 'NO' OR s.clicks_value = 'NO') AND v.document ->> 'late_refusal' = 'COUNT'
GROUP BY d.mailing_id, d.send_day;

-- name: late_link_audiences
-- As late_audiences, for each link that those people's mails had. Reader: actions.drain, disclosure.reports.
SELECT d.mailing_id, d.send_day, l.link, count(DISTINCT d.subscriber_id) AS people
FROM delivery d
JOIN subscriber s ON s.id = d.subscriber_id
JOIN settings_version v ON v.account_id = d.account_id AND v.version = d.settings_version
JOIN mailing_content c ON c.mailing_id = d.mailing_id AND c.id = d.content_id,
unnest(c.links) AS l (link)
WHERE d.mailing_id = ANY ($1::bigint[]) AND NOT d.gathered AND d.bounced_at IS NULL
  AND d.clicks_mode = 'PERSONAL' AND s.clicks_value = 'NO'
  AND v.document ->> 'late_refusal' = 'COUNT' AND v.document ->> 'refused_clicks' = 'ANONYMOUS'
  AND NOT EXISTS (
    SELECT FROM delivery a WHERE a.subscriber_id = d.subscriber_id AND a.mailing_id = d.mailing_id
      AND a.send_day = d.send_day AND a.in_audience_clicks AND a.bounced_at IS NULL)
GROUP BY d.mailing_id, d.send_day, l.link;

-- name: policies
-- What holds for each mailing over all settings since it was made, always the side that protects more: the largest
-- minimum audience, whether any or every version counts late refusals, whether any shows totals only.
-- Reader: actions.drain.
SELECT n.mailing_id, max((v.document ->> 'minimum_audience')::integer) AS k,
  bool_or(v.document ->> 'late_refusal' = 'COUNT') AS ever_counts_late,
  bool_and(v.document ->> 'late_refusal' = 'COUNT') AS always_counts_late,
  bool_or((v.document ->> 'anonymous_totals_only')::boolean) AS totals_only
FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS n (mailing_id, account_id, version)
JOIN settings_version v ON v.account_id = n.account_id AND v.version >= n.version
GROUP BY n.mailing_id;

-- name: add_tally
-- Adds anonymous hits to their counters. Reader: actions.drain.
INSERT INTO anonymous_tally (account_id, channel, mailing_id, send_day, kind, link, day, client_class, n, shown)
SELECT m.account_id, m.channel, n.mailing_id, n.send_day, n.kind, n.link, n.day, n.client_class, n.n, 0
FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::integer[], $5::integer[], $6::text[], $7::bigint[])
  AS n (mailing_id, send_day, kind, link, day, client_class, n)
JOIN mailing m ON m.id = n.mailing_id
ORDER BY 3, 4, 5, 6, 7, 8
ON CONFLICT (mailing_id, send_day, kind, link, day, client_class) DO UPDATE SET n = anonymous_tally.n + excluded.n;

-- name: add_seen
-- Adds numbers of unlinked mails that were seen, under their window's secret. Reader: actions.drain.
INSERT INTO unlinked_seen (mailing_id, send_day, link, tag, first_day, n, shown)
SELECT n.mailing_id, n.send_day, n.link, n.tag, n.first_day, n.n, false
FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::bytea[], $5::integer[], $6::bigint[])
  AS n (mailing_id, send_day, link, tag, first_day, n)
ORDER BY 1, 2, 3, 4
ON CONFLICT (mailing_id, send_day, link, tag) DO UPDATE SET n = unlinked_seen.n + excluded.n;

-- name: windows
-- The secrets of windows that are still open. Reader: actions.drain.
SELECT mailing_id, send_day, secret FROM unlinked_window WHERE mailing_id = ANY ($1::bigint[]) AND closes_on > $2 AND secret IS NOT NULL;

-- name: open_window
-- Opens a window at the first send; later sends neither extend nor reopen it. It is mixed where more people are in the
-- audience by then than the $5 who come with it. Reader: actions.frozen.
INSERT INTO unlinked_window (mailing_id, send_day, secret, closes_on, mixed)
SELECT $1::bigint, $2::integer, $3::bytea, $4::integer, coalesce(sum(r.audience_opens) > $5::bigint, false)
FROM delivery_rollup r WHERE r.mailing_id = $1 AND r.send_day = $2
ON CONFLICT (mailing_id, send_day) DO NOTHING;

-- name: mix_window
-- Notes that people without numbers join those of a window, if there is one. Reader: actions.frozen.
UPDATE unlinked_window SET mixed = true WHERE mailing_id = $1 AND send_day = $2 AND NOT mixed;

-- name: ended_windows
-- Windows that are over and whose secret is to go. Reader: actions.publish.
SELECT mailing_id, send_day FROM unlinked_window WHERE closes_on <= $1 AND secret IS NOT NULL;

-- name: close_window
-- Forgets a window's secret; that there was one stays known. Reader: actions.publish.
UPDATE unlinked_window SET secret = NULL WHERE mailing_id = $1 AND send_day = $2;

-- name: take_seen
-- Takes the numbers of a window out, locked in the order in which they are added, to be put back without what linked
-- them. Reader: actions.publish.
WITH held AS (
  SELECT s.link, s.tag FROM unlinked_seen s WHERE s.mailing_id = $1 AND s.send_day = $2
  ORDER BY s.link, s.tag FOR UPDATE
)
DELETE FROM unlinked_seen s USING held h
WHERE s.mailing_id = $1 AND s.send_day = $2 AND s.link = h.link AND s.tag = h.tag
RETURNING s.link, s.first_day, s.n, s.shown;

-- name: put_seen
-- Puts days and counts back under tags that mean nothing. Reader: actions.publish.
INSERT INTO unlinked_seen (mailing_id, send_day, link, tag, first_day, n, shown)
SELECT $1::bigint, $2::integer, n.link, n.tag, n.first_day, n.n, n.shown
FROM unnest($3::integer[], $4::bytea[], $5::integer[], $6::bigint[], $7::boolean[])
  AS n (link, tag, first_day, n, shown);

-- name: unpublished
-- Counters that readers do not see as they are now, with what is shown of them, and of all counters of their mailing and
-- axis together. Reader: actions.publish.
SELECT c.mailing_id, c.send_day, c.link, c.shown, c.shown_in_all FROM (
  SELECT t.mailing_id, t.send_day, t.link, sum(t.shown)::bigint AS shown, bool_or(t.shown <> t.n) AS moves,
    sum(sum(t.shown)) OVER (PARTITION BY t.mailing_id, t.link = 0)::bigint AS shown_in_all
  FROM anonymous_tally t
  WHERE t.mailing_id IN (SELECT u.mailing_id FROM anonymous_tally u WHERE u.shown <> u.n)
  GROUP BY t.mailing_id, t.send_day, t.link
) AS c WHERE c.moves;

-- name: published_audiences
-- How many had joined the people of counters, and of totals (send day -1), when they were last published, and since which
-- day they wait. Reader: actions.publish.
SELECT mailing_id, send_day, link, people, waits_since FROM published_audience WHERE mailing_id = ANY ($1::bigint[]);

-- name: publish_tallies
-- Lets readers see these counters of one mailing as they are now, locked in the order in which hits are added.
-- Reader: actions.publish.
WITH held AS (
  SELECT t.send_day, t.kind, t.link, t.day, t.client_class FROM anonymous_tally t
  JOIN unnest($2::integer[], $3::integer[]) AS k (send_day, link) ON t.send_day = k.send_day AND t.link = k.link
  WHERE t.mailing_id = $1 AND t.shown <> t.n
  ORDER BY t.send_day, t.kind, t.link, t.day, t.client_class FOR UPDATE OF t
)
UPDATE anonymous_tally t SET shown = t.n FROM held h
WHERE t.mailing_id = $1 AND t.send_day = h.send_day AND t.kind = h.kind AND t.link = h.link AND t.day = h.day
  AND t.client_class = h.client_class;

-- name: publish_seen
-- Lets readers see the unlinked numbers counted so far under these counters of one mailing, locked in the order in which
-- they are added, and counts them by the day of their first hit. Reader: actions.publish.
WITH held AS (
  SELECT s.send_day, s.link, s.tag FROM unlinked_seen s
  JOIN unnest($2::integer[], $3::integer[]) AS k (send_day, link) ON s.send_day = k.send_day AND s.link = k.link
  WHERE s.mailing_id = $1 AND NOT s.shown ORDER BY s.send_day, s.link, s.tag FOR UPDATE OF s
), newly AS (
  UPDATE unlinked_seen s SET shown = true FROM held h
  WHERE s.mailing_id = $1 AND s.send_day = h.send_day AND s.link = h.link AND s.tag = h.tag
  RETURNING s.mailing_id, s.send_day, s.link, s.first_day
)
INSERT INTO unlinked_day (mailing_id, send_day, link, first_day, n)
SELECT w.mailing_id, w.send_day, w.link, w.first_day, count(*)
FROM newly w GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (mailing_id, send_day, link, first_day) DO UPDATE SET n = unlinked_day.n + excluded.n;

-- name: note_audiences
-- Remembers how many have joined the people of counters and totals, now that they are published. Reader: actions.publish.
INSERT INTO published_audience (mailing_id, send_day, link, people)
SELECT n.mailing_id, n.send_day, n.link, n.people
FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::bigint[]) AS n (mailing_id, send_day, link, people)
ORDER BY 1, 2, 3
ON CONFLICT (mailing_id, send_day, link) DO UPDATE SET people = excluded.people, waits_since = NULL;

-- name: note_waiting
-- Remembers since which day counters and totals wait, unless they waited before. Reader: actions.publish.
UPDATE published_audience p SET waits_since = $4
FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS k (mailing_id, send_day, link)
WHERE p.mailing_id = k.mailing_id AND p.send_day = k.send_day AND p.link = k.link AND p.waits_since IS NULL;

-- name: hold_timed_job
-- Waits until nobody does a timed job, and lets nobody begin it until the transaction ends. Reader: actions.publish.
INSERT INTO timed_job (name, done_in) VALUES ($1, -1) ON CONFLICT (name) DO UPDATE SET done_in = timed_job.done_in;

-- name: claim_interval
-- Takes a timed job's interval, unless somebody has had it. Reader: actions.publish, actions.chores.
INSERT INTO timed_job (name, done_in) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET done_in = excluded.done_in WHERE timed_job.done_in < excluded.done_in
RETURNING done_in;
