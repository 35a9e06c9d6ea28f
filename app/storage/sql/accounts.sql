-- name: insert
-- Adds an account with its wrapped keys. Reader: actions.add_account.
INSERT INTO account (id, name, created_at, identity_key, ledger_key) VALUES ($1, $2, $3, $4, $5);

-- name: by_id
-- One account with its wrapped keys. Reader: actions, disclosure (the name only leaves).
SELECT id, name, identity_key, ledger_key FROM account WHERE id = $1;

-- name: first
-- The oldest account, if there is any. Reader: actions.make_demo.
SELECT id, name FROM account ORDER BY id LIMIT 1;

-- name: latest_settings
-- The newest settings of an account. Reader: actions, disclosure.
SELECT version, at, actor, document::text AS document FROM settings_version WHERE account_id = $1 ORDER BY version DESC LIMIT 1;

-- name: settings_by_version
-- The settings as they stood at given versions. Reader: actions.drain.
SELECT version, document::text AS document FROM settings_version WHERE account_id = $1 AND version = ANY ($2::integer[]);

-- name: settings_history
-- Versions of the settings from a point on, newest first. Reader: disclosure.settings.
SELECT version, at, actor, document::text AS document FROM settings_version
WHERE account_id = $1 AND version < $2::bigint ORDER BY version DESC LIMIT $3;

-- name: settings_history_backwards
-- Versions of the settings from a point on up to another one, oldest first. Reader: disclosure.settings.
SELECT version, at, actor, document::text AS document FROM settings_version
WHERE account_id = $1 AND version > $2::bigint AND version <= $3 ORDER BY version LIMIT $4;

-- name: insert_settings
-- Adds a version; a version that exists already means that somebody else was faster. Reader: actions.update_settings.
INSERT INTO settings_version (account_id, version, at, actor, document) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account_id, version) DO NOTHING RETURNING version;

-- name: all_keys
-- Every account with its wrapped keys. Reader: actions.preferences_link, actions.key_rotation.
SELECT id, name, identity_key, ledger_key FROM account ORDER BY id;

-- name: rewrap
-- Keeps an account's secrets under another key, unless somebody was faster. Reader: actions.key_rotation.
UPDATE account SET identity_key = $2, ledger_key = $3 WHERE id = $1 AND identity_key = $4 AND ledger_key = $5;

-- name: all_ids
-- Every account, for a request that names an address and no account. Reader: actions.preferences_link, actions.imports.
SELECT id, name FROM account ORDER BY id;

-- name: brand
-- What recipients see of an account: its name, colour and logo. Reader: disclosure.brands.
SELECT name, colour, logo_digest FROM account WHERE id = $1;

-- name: logo
-- A logo by its name. Reader: disclosure.brands.
SELECT logo, logo_type FROM account WHERE logo_digest = $1 LIMIT 1;

-- name: rename
-- Gives an account another name. Reader: actions.brands.
UPDATE account SET name = $2 WHERE id = $1;

-- name: set_colour
-- Gives an account a colour, or none. Reader: actions.brands.
UPDATE account SET colour = $2 WHERE id = $1;

-- name: set_logo
-- Gives an account a logo, or none. Reader: actions.brands.
UPDATE account SET logo = $2, logo_type = $3, logo_digest = $4 WHERE id = $1;

-- name: origins
-- The websites whose scripts may read what the API answers this account. Reader: disclosure.origins.
SELECT allowed_origins FROM account WHERE id = $1;

-- name: any_origin
-- Whether any account allows a website, for a browser that asks before it sends a token. Reader: disclosure.origins.
SELECT 1 FROM account WHERE allowed_origins @> ARRAY[$1::text] LIMIT 1;

-- name: set_origins
-- Allows these websites and no others. Reader: actions.origins.
UPDATE account SET allowed_origins = $2 WHERE id = $1;
