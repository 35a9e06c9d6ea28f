-- name: insert
-- Adds deliveries; one that is there already (the same idempotency key) stays as it is. Reader: actions.prepare_messages.
INSERT INTO delivery (
  subscriber_id, id, account_id, mailing_id, message_id, user_id, sent_at, send_day, opens_mode, clicks_mode,
  settings_version, permission_based, gathered, content_id, in_audience_opens, in_audience_clicks
)
SELECT n.subscriber_id, n.id, $1::bigint, $2::bigint, n.message_id, $3::bigint, $4::timestamptz, $5::integer,
  n.opens_mode, n.clicks_mode, $6::integer, $7::boolean, n.gathered, $8::bigint, n.in_opens, n.in_clicks
FROM unnest($9::uuid[], $10::bigint[], $11::uuid[], $12::text[], $13::text[], $14::boolean[], $15::boolean[],
            $16::boolean[])
  AS n (subscriber_id, id, message_id, opens_mode, clicks_mode, gathered, in_opens, in_clicks)
ORDER BY n.subscriber_id, n.id
ON CONFLICT (subscriber_id, id) DO NOTHING
RETURNING subscriber_id, id;

-- name: add_rollup
-- Adds to the counts of sent, delivered and bounced deliveries and of audiences. Reader: actions.
INSERT INTO delivery_rollup (
  mailing_id, send_day, opens_mode, clicks_mode, gathered, sent, messages, delivered, bounced, audience_opens,
  audience_clicks, openers, clickers, clicked_openers
)
SELECT n.mailing_id, n.send_day, n.opens_mode, n.clicks_mode, n.gathered, n.sent, n.messages, n.delivered,
  n.bounced, n.audience_opens, n.audience_clicks, n.openers, n.clickers, n.clicked_openers
FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[])
  AS n (mailing_id, send_day, opens_mode, clicks_mode, gathered, sent, messages, delivered, bounced,
        audience_opens, audience_clicks, openers, clickers, clicked_openers)
ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (mailing_id, send_day, opens_mode, clicks_mode, gathered) DO UPDATE SET
  sent = delivery_rollup.sent + excluded.sent,
  messages = delivery_rollup.messages + excluded.messages,
  delivered = delivery_rollup.delivered + excluded.delivered,
  bounced = delivery_rollup.bounced + excluded.bounced,
  audience_opens = delivery_rollup.audience_opens + excluded.audience_opens,
  audience_clicks = delivery_rollup.audience_clicks + excluded.audience_clicks,
  openers = delivery_rollup.openers + excluded.openers,
  clickers = delivery_rollup.clickers + excluded.clickers,
  clicked_openers = delivery_rollup.clicked_openers + excluded.clicked_openers;

-- name: add_link_rollup
-- Adds to the audience and the clickers of links. Reader: actions.
INSERT INTO link_rollup (mailing_id, send_day, link, audience, clickers)
SELECT n.mailing_id, n.send_day, n.link, n.audience, n.clickers
FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::bigint[], $5::bigint[])
  AS n (mailing_id, send_day, link, audience, clickers)
ORDER BY 1, 2, 3
ON CONFLICT (mailing_id, send_day, link) DO UPDATE SET
  audience = link_rollup.audience + excluded.audience, clickers = link_rollup.clickers + excluded.clickers;

-- name: in_audience
-- Who is counted in a mailing's anonymous audience already. Reader: actions.prepare_messages.
SELECT subscriber_id, bool_or(in_audience_opens) AS opens, bool_or(in_audience_clicks) AS clicks
FROM delivery
WHERE subscriber_id = ANY ($1::uuid[]) AND mailing_id = $2 AND send_day = $3 AND bounced_at IS NULL
GROUP BY subscriber_id;

-- name: by_keys
-- Deliveries by their keys. Reader: actions.prepare_messages, disclosure.deliveries.
SELECT d.* FROM delivery d
WHERE d.account_id = $1 AND d.subscriber_id = ANY ($2::uuid[]) AND d.id = ANY ($3::bigint[]);

-- name: lock
-- Deliveries by their keys, locked in a fixed order. Reader: actions.record_deliveries.
SELECT d.* FROM delivery d
WHERE d.account_id = $1 AND d.subscriber_id = ANY ($2::uuid[]) AND d.id = ANY ($3::bigint[])
ORDER BY d.subscriber_id, d.id FOR UPDATE;

-- name: contents
-- The links that the anonymous recipients of templates could click. Reader: actions.record_deliveries.
SELECT mailing_id, id, anonymous_links FROM mailing_content
WHERE mailing_id = ANY ($1::bigint[]) AND id = ANY ($2::bigint[]);

-- name: set_outcome
-- Writes when deliveries arrived or bounced. Reader: actions.record_deliveries.
UPDATE delivery d SET delivered_at = n.delivered_at, bounced_at = n.bounced_at
FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
  AS n (subscriber_id, id, delivered_at, bounced_at)
WHERE d.subscriber_id = n.subscriber_id AND d.id = n.id;

-- name: insert_gathered
-- Adds messages that went to several people at once. Reader: actions.prepare_messages.
INSERT INTO gathered_message (
  subscriber_id, id, account_id, mailing_id, recipients, sent_at, send_day, opens_mode, clicks_mode,
  settings_version, permission_based
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (subscriber_id, id) DO NOTHING;

-- name: of_mailing
-- A page of one mailing's deliveries, newest first. Reader: disclosure.deliveries.
SELECT d.subscriber_id, d.id, d.mailing_id, d.message_id, d.sent_at, d.delivered_at, d.bounced_at, d.opens_mode, d.clicks_mode,
  d.gathered, d.opens, d.clicks, d.first_opened_at, d.last_opened_at, d.clicked_links
FROM delivery d
WHERE d.account_id = $1 AND d.mailing_id = $2 AND (d.id, d.subscriber_id) < ($3, $4::uuid)
ORDER BY d.id DESC, d.subscriber_id DESC LIMIT $5;

-- name: count_of_subscribers
-- How many deliveries each of the subscribers has that have any. Reader: disclosure.deliveries.
SELECT subscriber_id, count(*) AS count FROM delivery
WHERE account_id = $1 AND subscriber_id = ANY ($2::uuid[]) GROUP BY subscriber_id;

-- name: count_of_mailing
-- How many deliveries a mailing has, up to one more than is said exactly. Reader: disclosure.deliveries.
SELECT count(*) FROM (SELECT FROM delivery WHERE account_id = $1 AND mailing_id = $2 LIMIT 10001) AS counted;

-- name: overview
-- What one subscriber was sent and did, of mailings that the reader may see. Reader: disclosure.subscribers.
SELECT d.subscriber_id, count(*) AS sent, count(*) FILTER (WHERE d.bounced_at IS NULL) AS delivered,
  coalesce(sum(d.opens) FILTER (WHERE d.opens_mode = 'PERSONAL' AND NOT d.gathered), 0) AS opens,
  coalesce(sum(d.clicks) FILTER (WHERE d.clicks_mode = 'PERSONAL' AND NOT d.gathered), 0) AS clicks,
  count(*) FILTER (WHERE d.opens_mode = 'PERSONAL' AND NOT d.gathered) AS measured_opens,
  count(*) FILTER (WHERE d.clicks_mode = 'PERSONAL' AND NOT d.gathered) AS measured_clicks
FROM delivery d JOIN mailing m ON m.id = d.mailing_id
WHERE d.account_id = $1 AND d.subscriber_id = ANY ($2::uuid[])
  AND (m.channel <> 'ONE_TO_ONE' OR m.user_id = $3)
GROUP BY d.subscriber_id;

-- name: claim_batch
-- Remembers the base of a batch under its idempotency key, unless there is one. Reader: actions.prepare_messages.
INSERT INTO prepared_batch (account_id, mailing_id, key, base, digest, prepared_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account_id, mailing_id, key) DO NOTHING;

-- name: batch_base
-- What is kept under an idempotency key. Reader: actions.prepare_messages.
SELECT base, digest FROM prepared_batch WHERE account_id = $1 AND mailing_id = $2 AND key = $3;

-- name: of_subscribers
-- A page of each subscriber's deliveries, newest first. Reader: disclosure.deliveries.
SELECT n.* FROM (
  SELECT d.subscriber_id, d.id, d.mailing_id, d.message_id, d.sent_at, d.delivered_at, d.bounced_at, d.opens_mode, d.clicks_mode,
    d.gathered, d.opens, d.clicks, d.first_opened_at, d.last_opened_at, d.clicked_links,
    row_number() OVER (PARTITION BY d.subscriber_id ORDER BY d.id DESC) AS place FROM delivery d
  WHERE d.account_id = $1 AND d.subscriber_id = ANY ($2::uuid[]) AND d.id < $3
) AS n WHERE n.place <= $4 ORDER BY n.subscriber_id, n.place;

-- name: of_subscribers_backwards
-- A page of each subscriber's deliveries, oldest first. Reader: disclosure.deliveries.
SELECT n.* FROM (
  SELECT d.subscriber_id, d.id, d.mailing_id, d.message_id, d.sent_at, d.delivered_at, d.bounced_at, d.opens_mode, d.clicks_mode,
    d.gathered, d.opens, d.clicks, d.first_opened_at, d.last_opened_at, d.clicked_links,
    row_number() OVER (PARTITION BY d.subscriber_id ORDER BY d.id) AS place FROM delivery d
  WHERE d.account_id = $1 AND d.subscriber_id = ANY ($2::uuid[]) AND d.id > $3
) AS n WHERE n.place <= $4 ORDER BY n.subscriber_id, n.place;

-- name: columns_of_subscribers
-- A page of each subscriber's deliveries, newest first, as one row that holds a column of values in each of its fields,
-- subscriber by subscriber; `more` names those who have more than $4. An aggregate takes rows in the order of the
-- sub-select below it, and sorting for each of them would take half the time. Times are PostgreSQL's text of them.
-- Reader: disclosure.columns.
SELECT array_agg(n.subscriber_id::text) FILTER (WHERE n.place <= $4) AS subscriber_ids,
  array_agg(n.id) FILTER (WHERE n.place <= $4) AS ids,
  array_agg(n.mailing_id) FILTER (WHERE n.place <= $4) AS mailing_ids,
  array_agg(n.sent_at::text) FILTER (WHERE n.place <= $4) AS sent_at,
  array_agg(n.delivered_at::text) FILTER (WHERE n.place <= $4) AS delivered_at,
  array_agg(n.bounced_at::text) FILTER (WHERE n.place <= $4) AS bounced_at,
  array_agg(n.opens_mode) FILTER (WHERE n.place <= $4) AS opens_mode,
  array_agg(n.clicks_mode) FILTER (WHERE n.place <= $4) AS clicks_mode,
  array_agg(n.subscriber_id::text) FILTER (WHERE n.place > $4) AS more
FROM (
  SELECT p.* FROM (
    SELECT d.subscriber_id, d.id, d.mailing_id, d.sent_at, d.delivered_at, d.bounced_at, d.opens_mode, d.clicks_mode,
      row_number() OVER (PARTITION BY d.subscriber_id ORDER BY d.id DESC) AS place FROM delivery d
    WHERE d.account_id = $1 AND d.subscriber_id = ANY ($2::uuid[]) AND d.id < $3
  ) AS p WHERE p.place <= $4::bigint + 1 ORDER BY p.subscriber_id, p.id DESC
) AS n;

-- name: columns_of_subscribers_backwards
-- The same, in the same order, of the deliveries nearest to the end of the list. Reader: disclosure.columns.
SELECT array_agg(n.subscriber_id::text) FILTER (WHERE n.place <= $4) AS subscriber_ids,
  array_agg(n.id) FILTER (WHERE n.place <= $4) AS ids,
  array_agg(n.mailing_id) FILTER (WHERE n.place <= $4) AS mailing_ids,
  array_agg(n.sent_at::text) FILTER (WHERE n.place <= $4) AS sent_at,
  array_agg(n.delivered_at::text) FILTER (WHERE n.place <= $4) AS delivered_at,
  array_agg(n.bounced_at::text) FILTER (WHERE n.place <= $4) AS bounced_at,
  array_agg(n.opens_mode) FILTER (WHERE n.place <= $4) AS opens_mode,
  array_agg(n.clicks_mode) FILTER (WHERE n.place <= $4) AS clicks_mode,
  array_agg(n.subscriber_id::text) FILTER (WHERE n.place > $4) AS more
FROM (
  SELECT p.* FROM (
    SELECT d.subscriber_id, d.id, d.mailing_id, d.sent_at, d.delivered_at, d.bounced_at, d.opens_mode, d.clicks_mode,
      row_number() OVER (PARTITION BY d.subscriber_id ORDER BY d.id) AS place FROM delivery d
    WHERE d.account_id = $1 AND d.subscriber_id = ANY ($2::uuid[]) AND d.id > $3
  ) AS p WHERE p.place <= $4::bigint + 1 ORDER BY p.subscriber_id, p.id DESC
) AS n;

-- name: of_mailing_backwards
-- A page of one mailing's deliveries, oldest first. Reader: disclosure.deliveries.
SELECT d.subscriber_id, d.id, d.mailing_id, d.message_id, d.sent_at, d.delivered_at, d.bounced_at, d.opens_mode, d.clicks_mode,
  d.gathered, d.opens, d.clicks, d.first_opened_at, d.last_opened_at, d.clicked_links
FROM delivery d
WHERE d.account_id = $1 AND d.mailing_id = $2 AND (d.id, d.subscriber_id) > ($3, $4::uuid)
ORDER BY d.id, d.subscriber_id LIMIT $5;

-- name: links_had
-- The links that people have in anonymous mails of a mailing already. Reader: actions.frozen, actions.record_deliveries.
SELECT d.subscriber_id, c.anonymous_links
FROM delivery d JOIN mailing_content c ON c.mailing_id = d.mailing_id AND c.id = d.content_id
WHERE d.subscriber_id = ANY ($1::uuid[]) AND d.mailing_id = $2 AND d.send_day = $3 AND d.id <> ALL ($4::bigint[])
  AND d.clicks_mode = 'ANONYMOUS' AND d.bounced_at IS NULL;
