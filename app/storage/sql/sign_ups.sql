-- name: insert
-- Adds a sign-up that waits for its confirmation. Reader: actions.sign_up.
INSERT INTO pending_sign_up (id, account_id, form_id, subscriber_id, opens, clicks, wording_id, created_at, address)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: by_id
-- One sign-up of a form, for the sealed link that names it. Reader: disclosure.forms.
SELECT * FROM pending_sign_up WHERE id = $1 AND form_id = $2;

-- name: of_letter
-- One sign-up of an account, for the letter that asks to confirm it. Reader: actions.sign_up.
SELECT * FROM pending_sign_up WHERE id = $1 AND account_id = $2;

-- name: lock
-- One sign-up of a form, locked until the transaction ends. Reader: actions.sign_up.
SELECT * FROM pending_sign_up WHERE id = $1 AND form_id = $2 FOR UPDATE;

-- name: confirm
-- Remembers when a sign-up was confirmed, and by whom, so that it counts once; forgets the address.
-- Reader: actions.sign_up.
UPDATE pending_sign_up SET confirmed_at = $2, subscriber_id = $3, address = NULL WHERE id = $1;

-- name: insert_form
-- Adds a form. Reader: actions.forms.
INSERT INTO form (
  id, account_id, name, list_id, asks, double_opt_in, wording_id, translations, former_wordings, allowed_origins,
  allowed_redirects, locales, fields, created_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14);

-- name: save_form
-- Writes a form that was changed. Reader: actions.forms.
UPDATE form SET name = $3, list_id = $4, asks = $5, double_opt_in = $6, wording_id = $7, translations = $8,
  former_wordings = $9, allowed_origins = $10, allowed_redirects = $11, locales = $12, fields = $13::jsonb
WHERE id = $1 AND account_id = $2;

-- name: form_anywhere
-- One form by its public id. Reader: actions.forms, disclosure.forms.
SELECT * FROM form WHERE id = $1;

-- name: lock_form
-- One form of an account, locked until the transaction ends. Reader: actions.forms.
SELECT * FROM form WHERE id = $1 AND account_id = $2 FOR UPDATE;

-- name: forms_by_ids
-- The given forms of one account. Reader: disclosure.forms.
SELECT * FROM form WHERE account_id = $1 AND id = ANY ($2::bigint[]);

-- name: page_of_forms
-- A page of an account's forms by id. Reader: disclosure.forms.
SELECT id FROM form WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: page_of_forms_backwards
-- A page of an account's forms by id, read from the end. Reader: disclosure.forms.
SELECT id FROM form WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: count_forms
-- How many forms an account has. Reader: disclosure.forms.
SELECT count(*) FROM form WHERE account_id = $1;

-- name: wordings_by_ids
-- The given wordings of one account. Reader: disclosure.wordings, disclosure.forms.
SELECT id, locale, text, purposes, hash FROM wording WHERE account_id = $1 AND id = ANY ($2::bigint[]);

-- name: page_of_wordings
-- A page of an account's wordings by id. Reader: disclosure.wordings.
SELECT id, locale, text, purposes, hash FROM wording WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: page_of_wordings_backwards
-- A page of an account's wordings by id, read from the end. Reader: disclosure.wordings.
SELECT id, locale, text, purposes, hash FROM wording WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: count_wordings
-- How many wordings an account has. Reader: disclosure.wordings.
SELECT count(*) FROM wording WHERE account_id = $1;
