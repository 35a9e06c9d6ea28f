-- name: all
-- The anchors of an account, oldest first; one a day. Reader: actions.anchor, disclosure.ledger_proof.
SELECT * FROM ledger_anchor WHERE account_id = $1 ORDER BY number;

-- name: newest
-- The last anchor of an account. Reader: actions.anchor.
SELECT * FROM ledger_anchor WHERE account_id = $1 ORDER BY number DESC LIMIT 1;

-- name: add
-- Adds an anchor, unless somebody else was faster. Reader: actions.anchor.
INSERT INTO ledger_anchor (account_id, number, at, subscribers, lines, digest, previous_seal, seal)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (account_id, number) DO NOTHING RETURNING number;
