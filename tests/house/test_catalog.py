"""The migrated schema keeps the rules under which it runs on one PostgreSQL and on a Citus cluster alike.

Each test lists what breaks its rule, so that a failure names the table.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from tests.house.shards import BY_MAILING, BY_SUBSCRIBER, LOCAL, REFERENCE, SHARD_KEYS, colocated
from tests.house.tree import files, text
from tests.postgres_server import TemporaryDatabase

LONGEST_NAME = 54  # bytes: the suffix of a shard has to fit behind it

TABLES = """
SELECT c.relname AS name, c.relkind = 'p' AS parted FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
"""
UNIQUE_INDEXES = """
SELECT c.relname AS table_name, i.indexrelid::regclass::text AS name, i.indisprimary AS is_primary,
  array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND i.indisunique
"""
FOREIGN_KEYS = """
SELECT f.conname AS name, here.relname AS here, there.relname AS there, f.confdeltype::text AS on_delete,
  f.confupdtype::text AS on_update,
  array(SELECT (SELECT attname::text FROM pg_attribute WHERE attrelid = f.conrelid AND attnum = pair.here)
          || ' = ' || (SELECT attname::text FROM pg_attribute WHERE attrelid = f.confrelid AND attnum = pair.there)
        FROM unnest(f.conkey, f.confkey) AS pair (here, there)) AS pairs
FROM pg_constraint f JOIN pg_class here ON here.oid = f.conrelid JOIN pg_class there ON there.oid = f.confrelid
WHERE f.contype = 'f' AND here.relnamespace = 'public'::regnamespace
"""
SHARD_COLUMNS = """
SELECT c.relname AS table_name, a.attname AS name, a.attnotnull AS is_required, format_type(a.atttypid, NULL) AS type
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
"""
REFUSED = """
SELECT c.relname || ': trigger ' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT c.relname || ': rule ' || r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'enum ' || t.typname FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype = 'e'
UNION ALL
SELECT c.relname || ': partition of a partition' FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'p' AND c.relispartition
UNION ALL
SELECT c.relname || ': inherits' FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 'i' AND c.relkind <> 'I' AND NOT c.relispartition
UNION ALL
SELECT c.relname || ': exclusion constraint ' || x.conname FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND x.contype = 'x'
"""


@pytest.fixture
async def owner(database: TemporaryDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_dsn)
    yield connection
    await connection.close()


async def test_every_table_has_one_place(owner):
    """Each table is sharded, a reference or local: a new one has to be placed before it may exist."""
    tables = {row["name"] for row in await owner.fetch(TABLES)}

    places = [*BY_SUBSCRIBER, *BY_MAILING, *REFERENCE, *LOCAL]

    assert sorted(places) == sorted(tables)


async def test_shard_keys_are_alike(owner):
    """Within a family the shard key has one type and is never missing."""
    columns = {(row["table_name"], row["name"]): row for row in await owner.fetch(SHARD_COLUMNS)}

    by_subscriber = {columns[pair]["type"] for pair in BY_SUBSCRIBER.items()}
    by_mailing = {columns[pair]["type"] for pair in BY_MAILING.items()}

    assert (by_subscriber, by_mailing) == ({"uuid"}, {"bigint"})
    assert [pair for pair in SHARD_KEYS.items() if not columns[pair]["is_required"]] == []


async def test_every_table_has_a_primary_key(owner):
    """Shards are moved by their primary key."""
    keyed = {row["table_name"] for row in await owner.fetch(UNIQUE_INDEXES) if row["is_primary"]}

    assert {row["name"] for row in await owner.fetch(TABLES)} - keyed == set()


async def test_unique_keys_hold_the_shard_key(owner):
    """What is unique is unique within a shard, for nobody can look into all of them."""
    broken = [
        f"{index['table_name']}: {index['name']}"
        for index in await owner.fetch(UNIQUE_INDEXES)
        if index["table_name"] in SHARD_KEYS and SHARD_KEYS[index["table_name"]] not in index["columns"]
    ]

    assert broken == []


async def test_foreign_keys_stay_on_their_node(owner):
    """A foreign key leads to a reference table, or to the same shard by the shard key; none leaves the events."""
    broken = [
        f"{key['here']} to {key['there']}: {key['name']}"
        for key in await owner.fetch(FOREIGN_KEYS)
        if not _stays(key)
    ]

    assert broken == []


def _stays(key: asyncpg.Record) -> bool:
    here, there = key["here"], key["there"]
    if here == "event":
        return False
    if here in LOCAL:
        return there in LOCAL | REFERENCE
    if there in REFERENCE:
        return True
    return colocated(here, there) and f"{SHARD_KEYS[here]} = {SHARD_KEYS[there]}" in key["pairs"]


async def test_foreign_keys_never_blank(owner):
    """No foreign key sets anything to NULL or to a default, and none changes the key that it refers by."""
    broken = [
        key["name"]
        for key in await owner.fetch(FOREIGN_KEYS)
        if key["on_delete"] in "nd" or key["on_update"] in "ndc"
    ]

    assert broken == []


async def test_nothing_that_a_cluster_refuses(owner):
    """No triggers, rules, enums, inheritance, partitions of partitions or exclusion constraints."""
    assert [row[0] for row in await owner.fetch(REFUSED)] == []


async def test_names_leave_room_for_a_shard(owner):
    """The number of a shard fits behind every table's name, partitions included."""
    names = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND octet_length(relname) > $1",
        LONGEST_NAME,
    )

    assert [row[0] for row in names] == []


async def test_the_migrations_distribute_what_stands_here(owner):
    """On a cluster each table goes where this list says, and each family lies together."""
    # A catalog of our own stands before the real one, and says that this is a cluster.
    await owner.execute(CLUSTER)
    for path in files(".py"):
        for block in re.findall(r"^DO \$\$.*?END \$\$", text(path), re.DOTALL | re.MULTILINE):
            if path.startswith("migrations/"):
                await owner.execute(block)

    placed = await owner.fetch("SELECT * FROM cluster.placed")

    assert {row["named"] for row in placed if row["key"] is None} == REFERENCE
    assert {row["named"]: row["key"] for row in placed if row["key"]} == SHARD_KEYS
    assert {row["named"]: row["beside"] for row in placed if row["key"]} == {
        name: None if name == first else first
        for family in (BY_SUBSCRIBER, BY_MAILING)
        for first in [next(iter(family))]
        for name in family
    }


CLUSTER = """
CREATE SCHEMA cluster;
CREATE TABLE cluster.pg_extension (extname text);
INSERT INTO cluster.pg_extension VALUES ('citus');
CREATE TABLE cluster.placed (named text PRIMARY KEY, key text, beside text);
CREATE FUNCTION cluster.create_reference_table(named text) RETURNS void LANGUAGE sql
  AS 'INSERT INTO cluster.placed VALUES (named)';
CREATE FUNCTION cluster.create_distributed_table(named text, key text, colocate_with text DEFAULT NULL)
  RETURNS void LANGUAGE sql AS 'INSERT INTO cluster.placed VALUES (named, key, colocate_with)';
SET search_path = cluster, pg_catalog, public;
"""


async def test_events_find_their_month(database: TemporaryDatabase, owner):
    """Events are parted by the time they occurred, and months ahead there is a partition for them."""
    now = datetime.now(UTC)
    application = await asyncpg.connect(database.app_dsn)
    parted = await owner.fetchval("SELECT pg_get_partkeydef('event'::regclass)")

    places = [
        await application.fetchval(
            "INSERT INTO event VALUES ($1, $2, $3, 1, 1, 1, 'OPENED', 0, 'UNKNOWN', '', 1, '', 'RELAY', 0, $2) "
            "RETURNING tableoid::regclass::text",
            *(uuid4(), now + timedelta(days=30 * month), uuid4()),
        )
        for month in range(5)
    ]
    await application.close()

    assert parted == "RANGE (occurred_at)"
    assert len(set(places)) >= 4
    assert [place for place in places if not re.fullmatch(r"event_\d{4}_\d\d", place)] == []
