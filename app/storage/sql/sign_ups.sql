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

-- name: forms_by_ids
-- The given forms of one account, with what they ask and for which list. Reader: disclosure.forms.
SELECT f.id, f.name, f.list_id, f.asks, f.double_opt_in, f.locales, l.name AS list_name, w.text, w.locale
FROM form f
LEFT JOIN mailing_list l ON l.id = f.list_id
LEFT JOIN wording w ON w.id = f.wording_id
WHERE f.account_id = $1 AND f.id = ANY ($2::bigint[]);

-- name: wordings_by_ids
-- The given wordings of one account. Reader: disclosure.wordings.
SELECT id, locale, text, hash FROM wording WHERE account_id = $1 AND id = ANY ($2::bigint[]);
