-- name: by_hash
-- A token that may be used at the given time. Reader: disclosure.authenticate, on every request.
SELECT id, account_id, user_id, name, scopes, last_used_at FROM api_token
WHERE secret_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2);

-- name: insert
-- Adds a token; only the hash of its secret is stored. Reader: actions.create_token.
INSERT INTO api_token (id, account_id, user_id, name, secret_hash, scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: by_ids
-- The given tokens of one account, without their hashes. Reader: disclosure.tokens.
SELECT id, user_id, name, scopes, created_at, expires_at, revoked_at, last_used_at FROM api_token
WHERE account_id = $1 AND id = ANY ($2::bigint[]);

-- name: page
-- A page of an account's tokens by id, without their hashes. Reader: disclosure.tokens.
SELECT id, user_id, name, scopes, created_at, expires_at, revoked_at, last_used_at FROM api_token
WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: page_backwards
-- A page of an account's tokens by id, without their hashes, read from the end. Reader: disclosure.tokens.
SELECT id, user_id, name, scopes, created_at, expires_at, revoked_at, last_used_at FROM api_token
WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: count
-- How many tokens an account has, up to one more than is said exactly. Reader: disclosure.tokens.
SELECT count(*) FROM (SELECT FROM api_token WHERE account_id = $1 LIMIT 10001) AS counted;

-- name: revoke
-- Ends a token; the first time it was ended stays. Reader: actions.revoke_token.
UPDATE api_token SET revoked_at = coalesce(revoked_at, $3) WHERE account_id = $1 AND id = $2 RETURNING id;

-- name: note_uses
-- When tokens were used last, for many at once; what is known to be later stays. Reader: actions.note_uses.
UPDATE api_token t SET last_used_at = n.at FROM unnest($1::bigint[], $2::timestamptz[]) AS n (id, at)
WHERE t.id = n.id AND (t.last_used_at IS NULL OR t.last_used_at < n.at);

-- name: any_of_user
-- Whether a user has or ever had a token. Reader: actions.check_acts_for.
SELECT EXISTS (SELECT FROM api_token WHERE account_id = $1 AND user_id = $2);
