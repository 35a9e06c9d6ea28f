-- name: may_rewrite
-- Whether this role could change the ledger. Reader: disclosure.health.
SELECT has_table_privilege('permission_line', 'UPDATE');

-- name: others_connected
-- How many connections other Assent processes have to this database. Reader: actions.key_rotation.
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'assent%' AND pid <> pg_backend_pid();
