-- name: by_ids
-- The given users of one account. Reader: disclosure.users.
SELECT id, name, email FROM app_user WHERE account_id = $1 AND id = ANY ($2::bigint[]);

-- name: lock
-- One user of an account, locked until the transaction ends. Reader: actions.check_acts_for.
SELECT id FROM app_user WHERE account_id = $1 AND id = $2 FOR UPDATE;
