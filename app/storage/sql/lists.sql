-- name: insert
-- Adds a mailing list. Reader: actions.create_list.
INSERT INTO mailing_list (id, account_id, name, created_at) VALUES ($1, $2, $3, $4);

-- name: by_ids
-- The given lists of one account. Reader: actions, disclosure.
SELECT id, name FROM mailing_list WHERE account_id = $1 AND id = ANY ($2::bigint[]);

-- name: page
-- A page of lists by id. Reader: disclosure.lists.
SELECT id, name FROM mailing_list WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: page_backwards
-- A page of lists by id, read from the end. Reader: disclosure.lists.
SELECT id, name FROM mailing_list WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: count
-- How many lists an account has. Reader: disclosure.lists.
SELECT count(*) FROM mailing_list WHERE account_id = $1;
