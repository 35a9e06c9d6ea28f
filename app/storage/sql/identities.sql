-- name: successors
-- Who the holders of former ids have become. Reader: actions, disclosure.
SELECT id, subscriber_id FROM former_subscriber WHERE id = ANY ($1::text::uuid[]);

-- name: formers
-- Which former ids belong to subscribers, with the length and the head of each closed chain. Reader: disclosure.identities.
SELECT id, subscriber_id, merged_at, ledger_length, ledger_head FROM former_subscriber
WHERE account_id = $1 AND subscriber_id = ANY ($2::uuid[]) ORDER BY subscriber_id, merged_at, id;

-- name: hand_on
-- Former ids follow their subscriber into another one. Reader: actions.merge.
UPDATE former_subscriber SET subscriber_id = $2 WHERE subscriber_id = $1;

-- name: add_former
-- Remembers who somebody became, and how their chain ended. Reader: actions.merge.
INSERT INTO former_subscriber (id, account_id, subscriber_id, merged_at, ledger_length, ledger_head)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: set_alias
-- Says whose an address is from now on. Reader: actions.merge, actions.change_email.
INSERT INTO address_alias (address_id, account_id, subscriber_id) VALUES ($1, $2, $3)
ON CONFLICT (address_id) DO UPDATE SET subscriber_id = excluded.subscriber_id;

-- name: take_address
-- Gives a subscriber another address. Reader: actions.change_email.
UPDATE subscriber SET address_id = $2, address = $3, address_since = $4, changed_at = greatest(changed_at, $4) WHERE id = $1;

-- name: take_profile
-- Fills in what a subscriber's profile lacks from another one, and remembers that something changed. Reader: actions.merge.
UPDATE subscriber SET attributes = $2::jsonb || attributes, locale = coalesce(locale, $3), changed_at = greatest(changed_at, $4) WHERE id = $1;

-- name: remove
-- Takes subscribers out whose identity went elsewhere. Reader: actions.merge, actions.people.
DELETE FROM subscriber WHERE id = ANY ($1::uuid[]);

-- name: refusals
-- The NOs that stay on addresses which nobody has. Reader: actions.people, disclosure.decisions.
SELECT * FROM address_refusal WHERE account_id = $1 AND address_id = ANY ($2::uuid[]) ORDER BY address_id, axis;

-- name: keep_refusal
-- Leaves a NO on an address that is left. Reader: actions.people.
INSERT INTO address_refusal (address_id, axis, account_id, reason, person_time, server_time, source, by_person,
                             line_hash, left_by, left_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (address_id, axis) DO UPDATE SET reason = excluded.reason, person_time = excluded.person_time,
  server_time = excluded.server_time, source = excluded.source, by_person = excluded.by_person,
  line_hash = excluded.line_hash, left_by = excluded.left_by, left_at = excluded.left_at;

-- name: drop_refusals
-- Takes the NOs off addresses that somebody has now, who carries them. Reader: actions.people.
DELETE FROM address_refusal WHERE address_id = ANY ($1::uuid[]);

-- name: lock_deliveries
-- What one subscriber was sent, locked in a fixed order. Reader: actions.merge.
SELECT d.* FROM delivery d WHERE d.subscriber_id = $1 ORDER BY d.id FOR UPDATE;

-- name: audiences_of
-- In which anonymous audiences of mailings one subscriber is counted. Reader: actions.merge.
SELECT mailing_id, send_day, bool_or(in_audience_opens) AS opens, bool_or(in_audience_clicks) AS clicks
FROM delivery WHERE subscriber_id = $1 AND mailing_id = ANY ($2::bigint[]) AND bounced_at IS NULL
GROUP BY mailing_id, send_day;

-- name: copy_deliveries
-- Gives one subscriber what another was sent; who is in an audience already joins it no second time. Reader: actions.merge.
INSERT INTO delivery (
  subscriber_id, id, account_id, mailing_id, message_id, user_id, sent_at, send_day, delivered_at, bounced_at,
  opens_mode, clicks_mode, settings_version, permission_based, gathered, content_id, in_audience_opens,
  in_audience_clicks, opens, clicks, first_opened_at, last_opened_at, first_clicked_at, clicked_links
)
SELECT $2::uuid, d.id, d.account_id, d.mailing_id, d.message_id, d.user_id, d.sent_at, d.send_day, d.delivered_at,
  d.bounced_at, d.opens_mode, d.clicks_mode, d.settings_version, d.permission_based, d.gathered, d.content_id,
  d.in_audience_opens AND NOT (d.id = ANY ($3::bigint[])), d.in_audience_clicks AND NOT (d.id = ANY ($4::bigint[])),
  d.opens, d.clicks, d.first_opened_at, d.last_opened_at, d.first_clicked_at, d.clicked_links
FROM delivery d WHERE d.subscriber_id = $1
ON CONFLICT (subscriber_id, id) DO NOTHING;

-- name: drop_deliveries
-- Takes away what was moved. Reader: actions.merge.
DELETE FROM delivery WHERE subscriber_id = $1;

-- name: copy_events
-- Gives one subscriber what another did. Reader: actions.merge.
INSERT INTO event (subscriber_id, occurred_at, id, account_id, mailing_id, delivery_id, kind, link, client_class,
                   rule, rule_version, client_family, country, channel, user_id, written_at)
SELECT $2::uuid, e.occurred_at, e.id, e.account_id, e.mailing_id, e.delivery_id, e.kind, e.link, e.client_class,
  e.rule, e.rule_version, e.client_family, e.country, e.channel, e.user_id, e.written_at
FROM event e WHERE e.subscriber_id = $1
ON CONFLICT (subscriber_id, occurred_at, id) DO NOTHING;

-- name: drop_events
-- Takes away what was moved. Reader: actions.merge.
DELETE FROM event WHERE subscriber_id = $1;
