-- name: events_of_channel
-- A page of the personal events of an account's channel, newest first; $3 is the user of one-to-one mail, else 0.
-- Reader: disclosure.event_log_people.
SELECT e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link, e.client_class, e.country FROM event e
WHERE e.account_id = $1 AND e.channel = $2 AND e.user_id = $3 AND (e.occurred_at, e.id) < ($4, $5::uuid)
  AND e.occurred_at >= $6
ORDER BY e.occurred_at DESC, e.id DESC LIMIT $7;

-- name: events_of_mailing
-- A page of the personal events of one mailing, newest first. Reader: disclosure.event_log_people.
SELECT e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link, e.client_class, e.country FROM event e
WHERE e.account_id = $1 AND e.mailing_id = $2 AND (e.occurred_at, e.id) < ($3, $4::uuid) AND e.occurred_at >= $5
ORDER BY e.occurred_at DESC, e.id DESC LIMIT $6;

-- name: events_of_channel_backwards
-- As events_of_channel, oldest first, up to $6. Reader: disclosure.event_log_people.
SELECT e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link, e.client_class,
  e.country FROM event e
WHERE e.account_id = $1 AND e.channel = $2 AND e.user_id = $3 AND (e.occurred_at, e.id) > ($4, $5::uuid)
  AND e.occurred_at < $6
ORDER BY e.occurred_at, e.id LIMIT $7;

-- name: events_of_mailing_backwards
-- As events_of_mailing, oldest first, up to $5. Reader: disclosure.event_log_people.
SELECT e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link, e.client_class,
  e.country FROM event e
WHERE e.account_id = $1 AND e.mailing_id = $2 AND (e.occurred_at, e.id) > ($3, $4::uuid) AND e.occurred_at < $5
ORDER BY e.occurred_at, e.id LIMIT $6;

-- name: events_of_deliveries
-- A page of the events of each of these deliveries, each behind a place of its own, newest first.
-- Reader: disclosure.event_log_deliveries.
SELECT n.* FROM (
  SELECT e.account_id, e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link,
    e.client_class, e.country,
    row_number() OVER (PARTITION BY e.subscriber_id, e.delivery_id ORDER BY e.occurred_at DESC, e.id DESC) AS place
  FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[], $5::uuid[]) AS k (subscriber_id, id, at, event_id)
  JOIN event e ON e.subscriber_id = k.subscriber_id AND e.delivery_id = k.id
  WHERE (e.occurred_at, e.id) < (k.at, k.event_id)
) AS n WHERE n.account_id = $1 AND n.place <= $6 ORDER BY n.subscriber_id, n.delivery_id, n.place;

-- name: events_of_deliveries_backwards
-- The same, oldest first. Reader: disclosure.event_log_deliveries.
SELECT n.* FROM (
  SELECT e.account_id, e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link,
    e.client_class, e.country,
    row_number() OVER (PARTITION BY e.subscriber_id, e.delivery_id ORDER BY e.occurred_at, e.id) AS place
  FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[], $5::uuid[]) AS k (subscriber_id, id, at, event_id)
  JOIN event e ON e.subscriber_id = k.subscriber_id AND e.delivery_id = k.id
  WHERE (e.occurred_at, e.id) > (k.at, k.event_id)
) AS n WHERE n.account_id = $1 AND n.place <= $6 ORDER BY n.subscriber_id, n.delivery_id, n.place;

-- name: deliveries
-- The deliveries that events belong to. Reader: disclosure.event_log_people.
SELECT d.subscriber_id, d.id, d.message_id, d.sent_at, d.opens_mode, d.clicks_mode, d.gathered
FROM unnest($2::uuid[], $3::bigint[]) AS k (subscriber_id, id)
JOIN delivery d ON d.subscriber_id = k.subscriber_id AND d.id = k.id
WHERE d.account_id = $1;

-- name: gathered
-- The messages to several people that events belong to. Reader: disclosure.event_log_people.
SELECT g.subscriber_id, g.id, g.recipients, g.sent_at, g.opens_mode, g.clicks_mode
FROM unnest($2::uuid[], $3::bigint[]) AS k (subscriber_id, id)
JOIN gathered_message g ON g.subscriber_id = k.subscriber_id AND g.id = k.id
WHERE g.account_id = $1;

-- name: people
-- Whose events are, with what they say now of opens and clicks, and what was promised to those who said no.
-- Reader: disclosure.event_log_people, disclosure.notifications.
SELECT id, address, opens_value, opens_withdrawal, clicks_value, clicks_withdrawal FROM subscriber
WHERE account_id = $1 AND id = ANY ($2::uuid[]);

-- name: links
-- The targets that events name by their numbers. Reader: disclosure.event_log_people.
SELECT l.mailing_id, l.number, l.url FROM unnest($1::bigint[], $2::integer[]) AS k (mailing_id, number)
JOIN link l ON l.mailing_id = k.mailing_id AND l.number = k.number;

-- name: day_of_channel
-- The newest day, up to $3, that something is counted on in a channel; of personal hits before $4, if $5.
-- Reader: disclosure.event_log_days.
SELECT max(t.day) AS day FROM anonymous_tally t WHERE t.account_id = $1 AND t.channel = $2 AND t.day <= $3
UNION ALL
SELECT (extract(epoch FROM max(r.hour))::bigint / 86400)::integer FROM event_rollup r
WHERE r.account_id = $1 AND r.channel = $2 AND r.hour < $4 AND $5::boolean;

-- name: day_of_mailing
-- As day_of_channel, of one mailing. Reader: disclosure.event_log_days.
SELECT max(t.day) AS day FROM anonymous_tally t WHERE t.mailing_id = $1 AND t.day <= $2
UNION ALL
SELECT (extract(epoch FROM max(r.hour))::bigint / 86400)::integer FROM event_rollup r
WHERE r.mailing_id = $1 AND r.hour < $3 AND $4::boolean;

-- name: day_of_channel_backwards
-- The oldest day, from $3 on, that something is counted on in a channel; of personal hits from $4 on, if $5.
-- Reader: disclosure.event_log_days.
SELECT min(t.day) AS day FROM anonymous_tally t WHERE t.account_id = $1 AND t.channel = $2 AND t.day >= $3
UNION ALL
SELECT (extract(epoch FROM min(r.hour))::bigint / 86400)::integer FROM event_rollup r
WHERE r.account_id = $1 AND r.channel = $2 AND r.hour >= $4 AND $5::boolean;

-- name: day_of_mailing_backwards
-- As day_of_channel_backwards, of one mailing. Reader: disclosure.event_log_days.
SELECT min(t.day) AS day FROM anonymous_tally t WHERE t.mailing_id = $1 AND t.day >= $2
UNION ALL
SELECT (extract(epoch FROM min(r.hour))::bigint / 86400)::integer FROM event_rollup r
WHERE r.mailing_id = $1 AND r.hour >= $3 AND $4::boolean;

-- name: counts_of_channel
-- Of what a day's anonymous hits in a channel may have rows, where they are $4 in all, and, if $7, what was counted of
-- personal ones; machines that were recognised are left out, as in every total. Reader: disclosure.event_log_days.
SELECT t.mailing_id, t.send_day, t.kind, sum(t.shown)::bigint AS n FROM anonymous_tally t
WHERE t.account_id = $1 AND t.channel = $2 AND t.day = $3 AND t.client_class <> 'SCANNER'
GROUP BY t.mailing_id, t.send_day, t.kind HAVING sum(t.shown) >= $4::bigint
UNION ALL
SELECT r.mailing_id, -1, r.kind, sum(r.n)::bigint FROM event_rollup r
WHERE r.account_id = $1 AND r.channel = $2 AND r.hour >= $5 AND r.hour < $6 AND r.client_class <> 'SCANNER'
  AND $7::boolean
GROUP BY r.mailing_id, r.kind HAVING sum(r.n) > 0;

-- name: counts_of_mailing
-- As counts_of_channel, of one mailing. Reader: disclosure.event_log_days.
SELECT t.mailing_id, t.send_day, t.kind, sum(t.shown)::bigint AS n FROM anonymous_tally t
WHERE t.mailing_id = $1 AND t.day = $2 AND t.client_class <> 'SCANNER'
GROUP BY t.mailing_id, t.send_day, t.kind HAVING sum(t.shown) >= $3::bigint
UNION ALL
SELECT r.mailing_id, -1, r.kind, sum(r.n)::bigint FROM event_rollup r
WHERE r.mailing_id = $1 AND r.hour >= $4 AND r.hour < $5 AND r.client_class <> 'SCANNER' AND $6::boolean
GROUP BY r.mailing_id, r.kind HAVING sum(r.n) > 0;

-- name: tallies_of_day
-- A day's anonymous hits on each link of mailings, machines that were recognised left out.
-- Reader: disclosure.event_log_days.
SELECT t.mailing_id, t.send_day, t.kind, t.link, t.day, sum(t.shown)::bigint AS shown FROM anonymous_tally t
WHERE t.mailing_id = ANY ($1::bigint[]) AND t.day = $2 AND t.client_class <> 'SCANNER'
GROUP BY t.mailing_id, t.send_day, t.kind, t.link, t.day;

-- name: first_openings
-- How many unlinked numbers of pixels were first seen on a day, beside how many there were at all, of mailings'
-- send days on which all anonymous mails had numbers. Reader: disclosure.event_log_days.
SELECT u.mailing_id, u.send_day, sum(u.n)::bigint AS n,
  coalesce(sum(u.n) FILTER (WHERE u.first_day = $2), 0)::bigint AS on_day
FROM unlinked_day u JOIN unlinked_window w ON w.mailing_id = u.mailing_id AND w.send_day = u.send_day AND NOT w.mixed
WHERE u.mailing_id = ANY ($1::bigint[]) AND u.link = 0
GROUP BY u.mailing_id, u.send_day;

-- name: arrived
-- The events of an account in the order in which they arrived, behind a place. Reader: disclosure.live_events.
SELECT e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link, e.client_class, e.country, e.channel,
  e.user_id, e.written_at
FROM event e
WHERE e.account_id = $1 AND e.written_at >= $2 AND (e.written_at, e.id) > ($2, $3::uuid) AND e.written_at < $4
ORDER BY e.written_at, e.id LIMIT $5;

-- name: became_final
-- The events of an account's one-to-one mail that can be told of behind a place: whichever is later, their arrival or the
-- time after which their class is final ($6 after the hit). $5 is so long before the place that none can be missed.
-- Reader: disclosure.notifications_live.
SELECT n.* FROM (
  SELECT e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link, e.client_class, e.country, e.user_id,
    greatest(e.written_at, e.occurred_at + $6::interval) AS told_at
  FROM event e WHERE e.account_id = $1 AND e.channel = 'ONE_TO_ONE' AND e.written_at > $5 AND e.written_at < $4
) AS n WHERE (n.told_at, n.id) > ($2, $3::uuid) AND n.told_at < $4 ORDER BY n.told_at, n.id LIMIT $7;

-- name: by_keys
-- Events of one user's one-to-one mail by their keys. Reader: disclosure.notifications.
SELECT e.subscriber_id, e.delivery_id, e.occurred_at, e.id, e.mailing_id, e.kind, e.link, e.client_class, e.country
FROM unnest($3::uuid[], $4::timestamptz[], $5::uuid[]) AS k (subscriber_id, occurred_at, id)
JOIN event e ON e.subscriber_id = k.subscriber_id AND e.occurred_at = k.occurred_at AND e.id = k.id
WHERE e.account_id = $1 AND e.channel = 'ONE_TO_ONE' AND e.user_id = $2;

-- name: narrow
-- The answers of people that allowed tracking, but not to be told of: from when until when they stood; no end where they
-- still do. Reader: disclosure.notifications.
SELECT l.subscriber_id, l.axis, l.server_time AS since, (
    SELECT min(n.server_time) FROM permission_line n
    WHERE n.subscriber_id = l.subscriber_id AND n.axis = l.axis AND n.number > l.number
  ) AS until
FROM permission_line l JOIN wording w ON w.id = l.wording_id
WHERE l.account_id = $1 AND l.subscriber_id = ANY ($2::uuid[]) AND l.to_value = 'YES'
  AND NOT w.purposes @> ARRAY['NOTIFY'];
