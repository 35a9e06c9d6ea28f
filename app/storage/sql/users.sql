-- name: by_ids
-- The given users of one account. Reader: disclosure.users.
SELECT id, name, email FROM app_user WHERE account_id = $1 AND id = ANY ($2::bigint[]);
