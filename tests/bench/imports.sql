-- A first import as somebody writes it by hand who knows PostgreSQL: from a staging table into the tables, with the
-- ids, salts, digests and seals that the ledger wants. Words behind a colon are constants.

-- Fields of a line's bytes, as the ledger defines them; used for the few lines of `form` alone.
CREATE FUNCTION pg_temp.field(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce('\x01' || int4send(octet_length(value)) || value, '\x00') $$;

CREATE FUNCTION pg_temp.middle(number bigint, axis text, value text, reason text, at timestamptz) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_temp.field(int8send(number)) || pg_temp.field(axis::bytea) || pg_temp.field('UNKNOWN')
    || pg_temp.field(value::bytea) || pg_temp.field(reason::bytea)
    || pg_temp.field(int8send((extract(epoch FROM at) * 1000000)::bigint))
    || pg_temp.field(int8send((extract(epoch FROM :now) * 1000000)::bigint))
    || pg_temp.field('IMPORT') || pg_temp.field('\x00') || '\x0100000020'
$$;

-- What everybody has in common who said the same; with the bytes between the subscriber and the actor's digest.
CREATE TEMPORARY TABLE form AS
SELECT f.*, pg_temp.middle(1, 'OPENS', f.value, f.reason, f.at) AS opens,
  pg_temp.middle(2, 'CLICKS', f.value, f.reason, f.at) AS clicks
FROM (
  SELECT DISTINCT permission, at, upper(permission) AS value, CASE permission WHEN 'no' THEN 'DENIED' END AS reason,
    CASE permission WHEN 'no' THEN :promise END AS promise
  FROM staging
) AS f;
ANALYZE form;

-- Everybody, with two sealed lines. OFFSET 0 keeps the server from reckoning an expression again where it is used twice.
CREATE TEMPORARY TABLE made AS
SELECT c.*, sha256(:ledger_outer || sha256(:ledger_inner || c.start || c.clicks || c.actor_digest_2 || '\x0100000020'
    || c.note_digest_2 || '\x0000' || '\x0100000020' || c.seal_1)) AS seal_2
FROM (
  SELECT b.*, sha256(:ledger_outer || sha256(:ledger_inner || b.start || b.opens || b.actor_digest_1 || '\x0100000020'
      || b.note_digest_1 || '\x0000' || '\x00')) AS seal_1
  FROM (
    SELECT a.*, encode(a.person, 'hex')::uuid AS id, :tag || '\x0100000010'::bytea || a.person AS start,
      sha256(a.actor_salt_1 || :actor) AS actor_digest_1, sha256(a.actor_salt_2 || :actor) AS actor_digest_2,
      sha256(a.note_salt_1 || a.source::bytea) AS note_digest_1, sha256(a.note_salt_2 || a.source::bytea) AS note_digest_2
    FROM (
      SELECT lower(btrim(s.email)) AS address, s.name, s.source, f.*,
        substring(sha256(:identity_outer || sha256(:identity_inner || lower(btrim(s.email))::bytea)) FOR 16) AS person,
        uuid_send(gen_random_uuid()) AS actor_salt_1, uuid_send(gen_random_uuid()) AS actor_salt_2,
        uuid_send(gen_random_uuid()) AS note_salt_1, uuid_send(gen_random_uuid()) AS note_salt_2
      FROM staging s JOIN form f USING (permission, at) OFFSET 0
    ) AS a OFFSET 0
  ) AS b OFFSET 0
) AS c ORDER BY c.id;

INSERT INTO subscriber (id, account_id, address_id, address, attributes, created_at, changed_at,
  opens_value, opens_reason, opens_person_time, opens_server_time, opens_source, opens_by_person, opens_hash, opens_withdrawal,
  clicks_value, clicks_reason, clicks_person_time, clicks_server_time, clicks_source, clicks_by_person, clicks_hash,
  clicks_withdrawal, ledger_length, ledger_head)
SELECT m.id, :account, m.id, m.address, jsonb_build_object('name', m.name), :now, :now,
  m.value, m.reason, m.at, :now, 'IMPORT', false, m.seal_1, m.promise,
  m.value, m.reason, m.at, :now, 'IMPORT', false, m.seal_2, m.promise, 2, m.seal_2
FROM made m;

INSERT INTO permission_line (subscriber_id, number, account_id, axis, from_value, to_value, reason, person_time, server_time,
  source, actor, actor_salt, actor_digest, note, note_salt, note_digest, by_person, previous_hash, hash, version)
SELECT m.id, n.number, :account, n.axis, 'UNKNOWN', m.value, m.reason, m.at, :now, 'IMPORT', convert_from(:actor, 'UTF8'),
  CASE n.number WHEN 1 THEN m.actor_salt_1 ELSE m.actor_salt_2 END,
  CASE n.number WHEN 1 THEN m.actor_digest_1 ELSE m.actor_digest_2 END, m.source,
  CASE n.number WHEN 1 THEN m.note_salt_1 ELSE m.note_salt_2 END,
  CASE n.number WHEN 1 THEN m.note_digest_1 ELSE m.note_digest_2 END, false,
  CASE n.number WHEN 2 THEN m.seal_1 END, CASE n.number WHEN 1 THEN m.seal_1 ELSE m.seal_2 END, 1
FROM made m CROSS JOIN (VALUES (1, 'OPENS'), (2, 'CLICKS')) AS n (number, axis);

INSERT INTO membership SELECT m.id, :list, :account, 'SUBSCRIBED', :now FROM made m;
