-- name: insert
-- Adds a sign-up that waits for its confirmation. Reader: actions.sign_up.
INSERT INTO pending_sign_up (id, account_id, form_id, subscriber_id, opens, clicks, wording_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: by_id
-- One sign-up of a form, for the sealed link that names it. Reader: disclosure.forms.
SELECT * FROM pending_sign_up WHERE id = $1 AND form_id = $2;

-- name: lock
-- One sign-up of a form, locked until the transaction ends. Reader: actions.sign_up.
SELECT * FROM pending_sign_up WHERE id = $1 AND form_id = $2 FOR UPDATE;

-- name: confirm
-- Remembers when a sign-up was confirmed, so that it counts once. Reader: actions.sign_up.
UPDATE pending_sign_up SET confirmed_at = $2 WHERE id = $1;
