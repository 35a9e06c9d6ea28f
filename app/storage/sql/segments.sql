-- name: insert
-- Adds a segment. Reader: actions.segments.
INSERT INTO segment (id, account_id, name, include_unmeasured, version, document, created_at, changed_at)
VALUES ($1, $2, $3, $4, 1, $5, $6, $6);

-- name: lock
-- One segment, locked against other changes until the transaction ends. Reader: actions.segments.
SELECT * FROM segment WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE;

-- name: update
-- Writes the next version of a segment. Reader: actions.segments.
UPDATE segment SET name = $3, include_unmeasured = $4, document = $5, changed_at = $6, version = version + 1
WHERE account_id = $1 AND id = $2;

-- name: delete
-- Deletes a segment. Reader: actions.segments.
DELETE FROM segment WHERE account_id = $1 AND id = $2 RETURNING id;

-- name: by_ids
-- The given segments of one account. Reader: disclosure.segments, actions.request_permission.
SELECT * FROM segment WHERE account_id = $1 AND id = ANY ($2::bigint[]);

-- name: page
-- A page of segments, oldest first. Reader: disclosure.segments.
SELECT * FROM segment WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: page_backwards
-- The same page of segments, newest first, from its end. Reader: disclosure.segments.
SELECT * FROM segment WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: count
-- How many segments an account has, up to one more than is said exactly. Reader: disclosure.segments.
SELECT count(*) FROM (SELECT FROM segment WHERE account_id = $1 LIMIT 10001) AS counted;

-- name: define
-- Says of which type an attribute is from now on. Reader: actions.segments.
INSERT INTO attribute_definition (account_id, name, type, changed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, name) DO UPDATE SET type = excluded.type, changed_at = excluded.changed_at;

-- name: definitions
-- The types of an account's attributes. Reader: actions.segments, disclosure.segments.
SELECT name, type FROM attribute_definition WHERE account_id = $1;

-- name: next_people
-- The subscribers of an account after one of them, by id. Reader: actions.request_permission.
SELECT s.id FROM subscriber s WHERE s.account_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3;

-- name: some_people
-- Some of those who were sent a mailing: all of them, if they are fewer than $3. Reader: disclosure.segments.
SELECT n.subscriber_id FROM delivery n WHERE n.account_id = $1 AND n.mailing_id = $2 ORDER BY n.id LIMIT $3;
