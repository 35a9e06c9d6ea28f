-- name: lock_deliveries
-- Deliveries by the keys that hits carry, locked in a fixed order; those that are alike in one row. Reader: actions.drain.
SELECT account_id, mailing_id, send_day, opens_mode, clicks_mode, settings_version, permission_based,
  NULL::uuid[] AS recipients,
  string_agg(uuid_send(subscriber_id) || int8send(id) || int4send(opens) || int4send(clicks)
    || timestamptz_send(coalesce(first_opened_at, '-infinity'))
    || timestamptz_send(coalesce(last_opened_at, '-infinity'))
    || timestamptz_send(coalesce(first_clicked_at, '-infinity')), ''::bytea) AS packed,
  array_agg(array_to_string(clicked_links, ';')) AS links
FROM (
  SELECT d.subscriber_id, d.id, d.account_id, d.mailing_id, d.send_day, d.opens_mode, d.clicks_mode,
    d.settings_version, d.permission_based, d.opens, d.clicks, d.first_opened_at, d.last_opened_at,
    d.first_clicked_at, d.clicked_links
  FROM delivery d JOIN unnest($1::text::uuid[], $2::text::bigint[]) AS k (subscriber_id, id)
    ON d.subscriber_id = k.subscriber_id AND d.id = k.id
  ORDER BY d.subscriber_id, d.id FOR UPDATE OF d
) AS held GROUP BY account_id, mailing_id, send_day, opens_mode, clicks_mode, settings_version, permission_based;

-- name: lock_gathered
-- As lock_deliveries, for messages to several people. Reader: actions.drain.
SELECT account_id, mailing_id, send_day, opens_mode, clicks_mode, settings_version, permission_based, recipients,
  string_agg(uuid_send(subscriber_id) || int8send(id) || int4send(opens) || int4send(clicks)
    || timestamptz_send(coalesce(first_opened_at, '-infinity'))
    || timestamptz_send(coalesce(last_opened_at, '-infinity'))
    || timestamptz_send(coalesce(first_clicked_at, '-infinity')), ''::bytea) AS packed,
  array_agg(array_to_string(clicked_links, ';')) AS links
FROM (
  SELECT g.subscriber_id, g.id, g.account_id, g.mailing_id, g.send_day, g.opens_mode, g.clicks_mode,
    g.settings_version, g.permission_based, g.recipients, g.opens, g.clicks, g.first_opened_at, g.last_opened_at,
    g.first_clicked_at, g.clicked_links
  FROM gathered_message g JOIN unnest($1::text::uuid[], $2::text::bigint[]) AS k (subscriber_id, id)
    ON g.subscriber_id = k.subscriber_id AND g.id = k.id
  ORDER BY g.subscriber_id, g.id FOR UPDATE OF g
) AS held
GROUP BY account_id, mailing_id, send_day, opens_mode, clicks_mode, settings_version, permission_based, recipients;

-- name: recipients
-- Who got the messages to several people that hits name. Reader: actions.drain.
SELECT g.recipients FROM gathered_message g WHERE g.subscriber_id = ANY ($1::text::uuid[]);

-- name: steady_people
-- The people of hits, held in a fixed order until their events are written; those who said nothing since $2, alike in one row. Reader: actions.drain.
SELECT opens_value, opens_by_person, clicks_value, clicks_by_person,
  string_agg(uuid_send(id) || timestamptz_send(coalesce(opens_person_time, '-infinity'))
    || timestamptz_send(coalesce(clicks_person_time, '-infinity')), ''::bytea) AS packed
FROM (
  SELECT id, changed_at, opens_value, opens_person_time, opens_by_person, clicks_value, clicks_person_time,
    clicks_by_person
  -- Without OFFSET those who said something new would be left out before they are locked, and locked later, out of order.
  FROM subscriber WHERE id = ANY ($1::text::uuid[]) ORDER BY id OFFSET 0 FOR SHARE
) AS held WHERE changed_at < $2 GROUP BY opens_value, opens_by_person, clicks_value, clicks_by_person;

-- name: people
-- What stands for people of hits, held in a fixed order until their events are written. Reader: actions.drain.
SELECT id, changed_at, ledger_length, opens_value, opens_person_time, opens_by_person, clicks_value,
  clicks_person_time, clicks_by_person
FROM subscriber WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE;

-- name: save_deliveries
-- Writes what deliveries have seen of opens and clicks; times in microseconds from $9 on. Reader: actions.drain.
UPDATE delivery d SET opens = n.opens, clicks = n.clicks, first_opened_at = n.first_opened_at,
  last_opened_at = n.last_opened_at, first_clicked_at = n.first_clicked_at, clicked_links = n.clicked_links
FROM (
  SELECT k.subscriber_id, k.id, k.opens, k.clicks,
    $9::timestamptz + k.first_opened * interval '1 microsecond' AS first_opened_at,
    $9::timestamptz + k.last_opened * interval '1 microsecond' AS last_opened_at,
    $9::timestamptz + k.first_clicked * interval '1 microsecond' AS first_clicked_at,
    string_to_array(k.clicked_links, ';')::integer[] AS clicked_links
  FROM unnest($1::text::uuid[], $2::text::bigint[], $3::text::integer[], $4::text::integer[], $5::text::bigint[],
              $6::text::bigint[], $7::text::bigint[], $8::text::text[])
    AS k (subscriber_id, id, opens, clicks, first_opened, last_opened, first_clicked, clicked_links)
) AS n
WHERE d.subscriber_id = n.subscriber_id AND d.id = n.id;

-- name: save_gathered
-- As save_deliveries, for messages to several people. Reader: actions.drain.
UPDATE gathered_message d SET opens = n.opens, clicks = n.clicks, first_opened_at = n.first_opened_at,
  last_opened_at = n.last_opened_at, first_clicked_at = n.first_clicked_at, clicked_links = n.clicked_links
FROM (
  SELECT k.subscriber_id, k.id, k.opens, k.clicks,
    $9::timestamptz + k.first_opened * interval '1 microsecond' AS first_opened_at,
    $9::timestamptz + k.last_opened * interval '1 microsecond' AS last_opened_at,
    $9::timestamptz + k.first_clicked * interval '1 microsecond' AS first_clicked_at,
    string_to_array(k.clicked_links, ';')::integer[] AS clicked_links
  FROM unnest($1::text::uuid[], $2::text::bigint[], $3::text::integer[], $4::text::integer[], $5::text::bigint[],
              $6::text::bigint[], $7::text::bigint[], $8::text::text[])
    AS k (subscriber_id, id, opens, clicks, first_opened, last_opened, first_clicked, clicked_links)
) AS n
WHERE d.subscriber_id = n.subscriber_id AND d.id = n.id;
