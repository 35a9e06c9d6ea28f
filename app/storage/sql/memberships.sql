-- name: of_subscribers
-- The lists that subscribers are on, or were. Reader: disclosure.subscribers, actions.
SELECT m.subscriber_id, m.list_id, m.status, l.name FROM membership m JOIN mailing_list l ON l.id = m.list_id
WHERE m.account_id = $1 AND m.subscriber_id = ANY ($2::uuid[]) ORDER BY m.subscriber_id, m.list_id;

-- name: set_status
-- Puts one subscriber on lists with a status, or changes it. Reader: actions.
INSERT INTO membership (subscriber_id, list_id, account_id, status, changed_at)
SELECT $1::uuid, n.list_id, $2::bigint, $4::text, $5::timestamptz FROM unnest($3::bigint[]) AS n (list_id)
ON CONFLICT (subscriber_id, list_id) DO UPDATE SET status = excluded.status, changed_at = excluded.changed_at;

-- name: bounce
-- Ends the places of people whose mailbox refused a mailing, on its list, or on all where it names none. Reader: actions.record_deliveries.
UPDATE membership m SET status = 'BOUNCED', changed_at = $3
FROM unnest($1::uuid[], $2::bigint[]) AS n (subscriber_id, list_id)
WHERE m.subscriber_id = n.subscriber_id AND (n.list_id IS NULL OR m.list_id = n.list_id) AND m.status = 'SUBSCRIBED';

-- name: give_up
-- Takes one subscriber's places away that were moved to another. Reader: actions.merge.
DELETE FROM membership WHERE subscriber_id = $1 AND list_id = ANY ($2::bigint[]);

-- name: leave
-- Takes one subscriber off a list, or off all of them where none is named. Reader: actions.leave_lists.
UPDATE membership SET status = 'UNSUBSCRIBED', changed_at = $3
WHERE subscriber_id = $1 AND ($2::bigint IS NULL OR list_id = $2) AND status IN ('SUBSCRIBED', 'UNCONFIRMED')
RETURNING list_id;

-- name: page_of_list
-- A page of the people on a list, by id. Reader: actions.request_permission.
SELECT m.subscriber_id FROM membership m
WHERE m.account_id = $1 AND m.list_id = $2 AND m.status = 'SUBSCRIBED' AND m.subscriber_id > $3
ORDER BY m.subscriber_id LIMIT $4;

-- name: count_of_list
-- How many people are on a list. Reader: actions.request_permission.
SELECT count(*) FROM membership WHERE account_id = $1 AND list_id = $2 AND status = 'SUBSCRIBED';
