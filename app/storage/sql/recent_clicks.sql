-- name: of_deliveries
-- The clicks on deliveries since a time, with the tags of their networks. Reader: actions.drain.
SELECT c.subscriber_id, c.delivery_id, c.event_id, c.occurred_at, c.link, c.network
FROM recent_click c JOIN unnest($1::text::uuid[], $2::text::bigint[]) AS k (subscriber_id, delivery_id)
  ON c.subscriber_id = k.subscriber_id AND c.delivery_id = k.delivery_id
WHERE c.occurred_at >= $3;

-- name: remember
-- Keeps clicks for as long as rules over several hits look back; times in microseconds from $7 on. Reader: actions.drain.
INSERT INTO recent_click (subscriber_id, delivery_id, event_id, occurred_at, link, network)
SELECT n.subscriber_id, n.delivery_id, n.event_id, $7::timestamptz + n.at * interval '1 microsecond', n.link, n.network
FROM unnest($1::text::uuid[], $2::text::bigint[], $3::text::uuid[], $4::text::bigint[], $5::text::integer[],
            $6::text::bigint[])
  AS n (subscriber_id, delivery_id, event_id, at, link, network)
ON CONFLICT (subscriber_id, delivery_id, event_id) DO NOTHING;

-- name: forget
-- Deletes clicks from before a time. Reader: actions.drain.
DELETE FROM recent_click WHERE occurred_at < $1;

-- name: forget_person
-- Deletes the clicks of one person. Reader: actions.withdrawal, actions.merge, storage.erasure.
DELETE FROM recent_click WHERE subscriber_id = $1;
