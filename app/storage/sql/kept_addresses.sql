-- name: keepers
-- The accounts that keep addresses. Reader: actions.kept_addresses.
SELECT id FROM account WHERE keep_ip;

-- name: hold_keepers
-- Those of these accounts that keep addresses, held so until the transaction ends. Reader: actions.kept_addresses.
SELECT id FROM account WHERE id = ANY ($1::bigint[]) AND keep_ip ORDER BY id FOR SHARE;

-- name: choose
-- Says whether an account keeps addresses from now on. Reader: actions.kept_addresses.
UPDATE account SET keep_ip = $2 WHERE id = $1;

-- name: insert
-- Keeps the addresses of hits with their events' keys; times in microseconds from $7 on. Reader: actions.kept_addresses.
INSERT INTO kept_address (subscriber_id, occurred_at, event_id, account_id, delivery_id, ip)
SELECT n.subscriber_id, $7::timestamptz + n.at * interval '1 microsecond', n.event_id, n.account_id, n.delivery_id, n.ip
FROM unnest($1::text::uuid[], $2::text::bigint[], $3::text::uuid[], $4::text::bigint[], $5::text::bigint[],
            $6::text::inet[]) AS n (subscriber_id, at, event_id, account_id, delivery_id, ip)
ON CONFLICT (subscriber_id, occurred_at, event_id) DO NOTHING;

-- name: of_events
-- The addresses of an account's events since a time, by their keys. Reader: disclosure.event_log_people.
SELECT k.subscriber_id, k.occurred_at, k.event_id, host(k.ip) AS ip
FROM unnest($3::uuid[], $4::timestamptz[], $5::uuid[]) AS n (subscriber_id, occurred_at, event_id)
JOIN kept_address k ON k.subscriber_id = n.subscriber_id AND k.occurred_at = n.occurred_at AND k.event_id = n.event_id
WHERE k.account_id = $1 AND k.occurred_at >= $2;

-- name: hand_on
-- Gives one subscriber the addresses that were kept of another. Reader: actions.merge.
INSERT INTO kept_address (subscriber_id, occurred_at, event_id, account_id, delivery_id, ip)
SELECT $2::uuid, k.occurred_at, k.event_id, k.account_id, k.delivery_id, k.ip FROM kept_address k
WHERE k.subscriber_id = $1 ON CONFLICT (subscriber_id, occurred_at, event_id) DO NOTHING;

-- name: forget_person
-- Deletes the addresses that were kept of one person. Reader: actions.merge, actions.erase.
DELETE FROM kept_address WHERE subscriber_id = $1;

-- name: forget_account
-- Deletes an account's addresses from before a time. Reader: actions.purge.
DELETE FROM kept_address WHERE account_id = $1 AND occurred_at < $2;

-- name: forget_all
-- Deletes all addresses of an account. Reader: actions.kept_addresses.
DELETE FROM kept_address WHERE account_id = $1;

-- name: forget_left
-- Deletes the addresses of accounts that keep none any more. Reader: actions.purge.
DELETE FROM kept_address k USING account a WHERE a.id = k.account_id AND NOT a.keep_ip;

-- name: forget_old
-- Deletes addresses from before a time, whosever they are. Reader: actions.purge.
DELETE FROM kept_address k USING account a WHERE a.id = k.account_id AND k.occurred_at < $1;
