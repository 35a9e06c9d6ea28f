-- name: deliveries
-- Everything that one person was sent, with what is known of it. Reader: disclosure.access.
SELECT d.*, m.name AS mailing, m.channel FROM delivery d JOIN mailing m ON m.id = d.mailing_id
WHERE d.subscriber_id = $1 AND d.account_id = $2 ORDER BY d.id;

-- name: page_of_deliveries
-- A page of what one person was sent, newest first. Reader: disclosure.recorded.
SELECT d.id, d.mailing_id, d.sent_at, d.opens_mode, d.clicks_mode, d.gathered, d.opens, d.first_opened_at, d.clicks,
  d.clicked_links, m.name AS mailing
FROM delivery d JOIN mailing m ON m.id = d.mailing_id
WHERE d.subscriber_id = $1 AND d.account_id = $2 AND d.id < $3 ORDER BY d.id DESC LIMIT $4;

-- name: events
-- Everything that one person did, as it was recorded. Reader: disclosure.access.
SELECT e.*, host(k.ip) AS ip FROM event e LEFT JOIN kept_address k
  ON k.subscriber_id = e.subscriber_id AND k.occurred_at = e.occurred_at AND k.event_id = e.id
WHERE e.subscriber_id = $1 AND e.account_id = $2 ORDER BY e.occurred_at, e.id;

-- name: sign_ups
-- The forms that were sent in for one person, confirmed or not. Reader: disclosure.access.
SELECT form_id, opens, clicks, wording_id, created_at, confirmed_at FROM pending_sign_up
WHERE subscriber_id = $1 AND account_id = $2 ORDER BY created_at, id;
