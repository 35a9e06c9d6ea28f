-- name: by_ids
-- The given users of one account. Reader: actions, disclosure.users.
SELECT id, name, email, track_opens, track_clicks, notify, last_opens, last_clicks FROM app_user
WHERE account_id = $1 AND id = ANY ($2::bigint[]);

-- name: page
-- A page of users by id. Reader: disclosure.users.
SELECT id, name, email, track_opens, track_clicks, notify, last_opens, last_clicks FROM app_user
WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: page_backwards
-- A page of users by id, read from the end. Reader: disclosure.users.
SELECT id, name, email, track_opens, track_clicks, notify, last_opens, last_clicks FROM app_user
WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: count
-- How many users an account has, up to one more than is said exactly. Reader: disclosure.users.
SELECT count(*) FROM (SELECT FROM app_user WHERE account_id = $1 LIMIT 10001) AS counted;

-- name: insert
-- Adds a user, with every switch off. Reader: actions.create_user.
INSERT INTO app_user (id, account_id, name, email, created_at) VALUES ($1, $2, $3, $4, $5);

-- name: lock
-- One user, locked until the transaction ends. Reader: actions.
SELECT id, name, email, track_opens, track_clicks, notify, last_opens, last_clicks FROM app_user
WHERE account_id = $1 AND id = $2 FOR UPDATE;

-- name: save_switches
-- Writes a user's own switches. Reader: actions.update_my_tracking.
UPDATE app_user SET track_opens = $2, track_clicks = $3, notify = $4 WHERE id = $1;

-- name: remember
-- Writes how a user's last mail was tracked. Reader: actions.prepare_messages.
UPDATE app_user SET last_opens = $2, last_clicks = $3 WHERE id = $1;
