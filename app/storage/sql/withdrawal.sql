-- name: recorded
-- What one person was sent that was frozen PERSONAL on an axis, locked. Reader: actions.withdrawal.
SELECT d.* FROM delivery d
WHERE d.subscriber_id = $1 AND d.account_id = $2 AND NOT d.gathered
  AND ((d.opens_mode = 'PERSONAL' AND $3::boolean) OR (d.clicks_mode = 'PERSONAL' AND $4::boolean))
ORDER BY d.id FOR UPDATE;

-- name: sever_opens
-- Takes back what deliveries have seen of opens; they read as if never measured. Reader: actions.withdrawal.
UPDATE delivery SET opens_mode = 'OFF', opens = 0, first_opened_at = NULL, last_opened_at = NULL
WHERE subscriber_id = $1 AND id = ANY ($2::bigint[]);

-- name: sever_clicks
-- Takes back what deliveries have seen of clicks; they read as if never measured. Reader: actions.withdrawal.
UPDATE delivery SET clicks_mode = 'OFF', clicks = 0, first_clicked_at = NULL, clicked_links = '{}'::integer[]
WHERE subscriber_id = $1 AND id = ANY ($2::bigint[]);

-- name: delete_events
-- Deletes one person's events of these kinds with the addresses that were kept of them, and says what they were counted as.
-- Reader: actions.withdrawal.
WITH gone AS (
  DELETE FROM event WHERE subscriber_id = $1 AND account_id = $2 AND kind = ANY ($3::text[])
  RETURNING id, mailing_id, occurred_at, kind, link, client_class
), forgotten AS (
  DELETE FROM kept_address k USING gone g
  WHERE k.subscriber_id = $1 AND k.occurred_at = g.occurred_at AND k.event_id = g.id
)
SELECT g.mailing_id, g.occurred_at, g.kind, g.link, g.client_class FROM gone g;
