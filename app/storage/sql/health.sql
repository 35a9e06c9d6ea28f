-- name: may_rewrite
-- Whether this role could change the ledger. Reader: disclosure.health.
SELECT has_table_privilege('permission_line', 'UPDATE');
