-- name: tombstones
-- Which of these subscribers of an account were erased. Reader: actions.people, actions.import_batches, disclosure.decisions.
SELECT subscriber_id, erased_at FROM tombstone WHERE account_id = $1 AND subscriber_id = ANY ($2::uuid[]);

-- name: tombstone_anywhere
-- Whether the person that a sealed link names was erased, found through aliases too.
-- Reader: actions.preferences, disclosure.preferences.
SELECT t.subscriber_id FROM tombstone t WHERE t.subscriber_id = $1
UNION ALL
SELECT t.subscriber_id FROM tombstone t JOIN address_alias a ON a.subscriber_id = t.subscriber_id
WHERE a.address_id = $1
LIMIT 1;

-- name: lock_tombstone
-- The tombstone of one subscriber, locked until the transaction ends. Reader: actions.people.
SELECT erased_at FROM tombstone WHERE subscriber_id = $1 AND account_id = $2 FOR UPDATE;

-- name: bury
-- Leaves of a subscriber the id, the NO that it stands for, and the end of the ledger. Reader: actions.erase.
INSERT INTO tombstone (subscriber_id, account_id, erased_at, ledger_length, ledger_head) VALUES ($1, $2, $3, $4, $5);

-- name: bury_former
-- Leaves a tombstone for each id that a subscriber had before a merge, with the end of its closed ledger.
-- Reader: actions.erase.
INSERT INTO tombstone (subscriber_id, account_id, erased_at, ledger_length, ledger_head)
SELECT f.id, f.account_id, $2::timestamptz, f.ledger_length, f.ledger_head
FROM former_subscriber f WHERE f.subscriber_id = $1 RETURNING subscriber_id;

-- name: delete_former
-- Forgets the ids that one subscriber had. Reader: actions.erase.
DELETE FROM former_subscriber WHERE subscriber_id = $1;

-- name: forget_leaver
-- Keeps the NOs on addresses that one subscriber left, and forgets who left them. Reader: actions.erase.
UPDATE address_refusal SET left_by = $2 WHERE left_by = $1;

-- name: erase_texts
-- Drops the texts and salts of the ledger of somebody who has a tombstone; runs as the owner. Reader: actions.erase.
SELECT erase_ledger_texts($1);

-- name: sent
-- What one subscriber was sent, locked. Reader: actions.erase.
SELECT id, message_id, gathered FROM delivery WHERE subscriber_id = $1 AND account_id = $2 ORDER BY id FOR UPDATE;

-- name: detach
-- Copies deliveries to ids that belong to nobody, without what they have seen. Reader: actions.erase.
INSERT INTO delivery (
  subscriber_id, id, account_id, mailing_id, message_id, user_id, sent_at, send_day, delivered_at, bounced_at,
  opens_mode, clicks_mode, settings_version, permission_based, gathered, content_id, in_audience_opens,
  in_audience_clicks
)
SELECT n.nobody, d.id, d.account_id, d.mailing_id, CASE WHEN d.gathered THEN d.message_id ELSE n.nobody END, d.user_id,
  d.sent_at, d.send_day, d.delivered_at, d.bounced_at, d.opens_mode, d.clicks_mode, d.settings_version,
  d.permission_based, d.gathered, d.content_id, d.in_audience_opens, d.in_audience_clicks
FROM delivery d JOIN unnest($2::bigint[], $3::uuid[]) AS n (id, nobody) ON n.id = d.id
WHERE d.subscriber_id = $1;

-- name: forget_recipient
-- Puts nobody in one person's place among the recipients of messages to several people. Reader: actions.erase.
UPDATE gathered_message SET recipients = array_replace(recipients, $1::uuid, $2::uuid)
WHERE subscriber_id = ANY ($3::uuid[]) AND id = ANY ($4::bigint[]);

-- name: delete_deliveries
-- Deletes what one subscriber was sent. Reader: actions.erase.
DELETE FROM delivery WHERE subscriber_id = $1;

-- name: delete_events
-- Deletes what one subscriber did. Reader: actions.erase.
DELETE FROM event WHERE subscriber_id = $1;

-- name: delete_memberships
-- Takes one subscriber off all lists, without a trace. Reader: actions.erase.
DELETE FROM membership WHERE subscriber_id = $1;

-- name: delete_sign_ups
-- Deletes one subscriber's sign-ups. Reader: actions.erase.
DELETE FROM pending_sign_up WHERE subscriber_id = $1;

-- name: delete_letters
-- Deletes the letters that wait to be mailed to one subscriber. Reader: actions.erase.
DELETE FROM letter WHERE subscriber_id = $1;

-- name: delete_subscriber
-- Deletes one subscriber. Reader: actions.erase.
DELETE FROM subscriber WHERE id = $1;

-- name: reborn
-- Adds a subscriber at an address whose person was erased and has come back. Reader: actions.people.
INSERT INTO subscriber (
  id, account_id, address_id, address, attributes, created_at, changed_at,
  opens_value, opens_reason, opens_by_person, opens_hash, clicks_value, clicks_reason, clicks_by_person, clicks_hash,
  ledger_length, ledger_head
) VALUES ($1, $2, $3, $4, '{}'::jsonb, $5, $5, 'UNKNOWN', 'NEVER_ASKED', false, ''::bytea,
  'UNKNOWN', 'NEVER_ASKED', false, ''::bytea, 0, ''::bytea);

-- name: lead
-- Lets an address lead to another subscriber. Reader: actions.people.
INSERT INTO address_alias (address_id, account_id, subscriber_id) VALUES ($1, $2, $3)
ON CONFLICT (address_id) DO UPDATE SET subscriber_id = excluded.subscriber_id;
