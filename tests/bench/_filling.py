"""Fills tables with millions of rows: their indexes are made when the rows are there, as whoever restores a database does.

What stands in the tables and their indexes afterwards is the same, only that the indexes are packed as after a REINDEX.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

_IN_HASTE = "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'"
_AS_EVER = "RESET synchronous_commit; RESET maintenance_work_mem; RESET work_mem"
# What refers to a primary key goes before it; everything comes back in the opposite order.
_INDEXES = """
SELECT drop_it, make_it FROM (
  SELECT CASE contype WHEN 'f' THEN 1 ELSE 3 END AS place,
    format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop_it,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make_it
  FROM pg_constraint
  WHERE (contype = 'f' AND confrelid = ANY ($1::text[]::regclass[])) OR (contype = 'p' AND conrelid = ANY ($1::text[]::regclass[]))
  UNION ALL
  SELECT 2, format('DROP INDEX %s', indexrelid::regclass), replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
  FROM pg_index WHERE indrelid = ANY ($1::text[]::regclass[]) AND NOT indisprimary
) AS each ORDER BY place
"""


@asynccontextmanager
async def without_indexes(owner: asyncpg.Connection, *tables: str) -> AsyncIterator[None]:
    """While the block runs, these tables have no index, no primary key, and nothing that refers to it."""
    await owner.execute(_IN_HASTE)
    rows: Sequence[asyncpg.Record] = await owner.fetch(_INDEXES, list(tables))
    for row in rows:
        await owner.execute(row["drop_it"])
    yield
    for row in reversed(rows):
        await owner.execute(row["make_it"])
    await owner.execute(_AS_EVER)
