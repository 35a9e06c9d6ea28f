"""Every named query is described, has a reader that exists, prepares, and keeps what a cluster asks of statements.

times              come from the application; no query asks the database what time it is
writes             what decides and what is returned is immutable: columns, binds, arithmetic
VALUES             holds no sub-select
shard keys         are never updated: to move is to insert and to delete
row locks          on sharded tables name one shard key; rows are skipped on local tables only
LATERAL … LIMIT    is refused; `row_number()` with `= ANY` does the same
"""

import ast as python
import re
from collections.abc import Iterator

import pytest
from pglast import ast
from pglast.enums import A_Expr_Kind, LockWaitPolicy

from tests.house.named_sql import NamedQuery, application, named_queries, nodes
from tests.house.shards import LOCAL, SHARD_KEYS
from tests.house.tree import code, files, text
from tests.postgres_server import TemporaryDatabase

QUERIES = named_queries()

LOCKED_ACROSS_SHARDS = {
    "deliveries.lock",
    "tracked.lock_deliveries",
    "tracked.lock_gathered",
    "tracked.people",
    "tracked.steady_people",
    "subscribers.lock",
}
"""Queries that lock rows of many people: fine on one PostgreSQL, refused by Citus (its issue 4647)."""

MOVING_TYPES = {"date", "time", "timetz", "timestamp", "timestamptz", "interval"}
"""What a value is converted to by the time zone of the session."""


def test_every_query_is_described():
    """A query says what it does, and then who reads it."""
    broken = [
        str(query) for query in QUERIES if not re.fullmatch(r"\S.+[.)] Reader: .+\.", query.description)
    ]

    assert broken == []


def test_every_reader_exists():
    """A reader is a verb or a part of the gate: `actions.drain` is a module or a function of that room."""
    known = {"actions", "disclosure"}
    for path, module in code("app/actions", "app/disclosure"):
        room, name = path.removeprefix("app/").removesuffix(".py").split("/")
        names = [
            each.name
            for each in module.body
            if isinstance(each, python.FunctionDef | python.AsyncFunctionDef)
        ]
        known |= {f"{room}.{each}" for each in (name, *names)}

    unknown = [
        f"{query}: {reader}"
        for query in QUERIES
        for reader in re.findall(r"(?:actions|disclosure)[.\w]*\w", query.description.split("Reader: ")[-1])
        if reader not in known
    ]

    assert unknown == []
    assert [
        str(query) for query in QUERIES if not re.search(r"Reader: (actions|disclosure)\b", query.description)
    ] == []


def test_no_query_is_left_over():
    """Each query is used, by its name."""
    whole = "\n".join(text(path) for path in files(".py") if path.startswith("app/"))
    own = {query.noun: _loading(query.noun) for query in QUERIES}

    unused = [
        str(query)
        for query in QUERIES
        if not re.search(rf"\b[A-Z]+\.{query.name}\b", whole)
        and not re.search(rf"\b{query.name}\b", own[query.noun])
    ]

    assert unused == []


def _loading(noun: str) -> str:
    return "\n".join(text(path) for path in files(".py") if f'load("{noun}")' in text(path))


async def test_every_query_prepares(database: TemporaryDatabase):
    """PostgreSQL understands each query against the migrated schema, as the application's role."""
    async with application(database) as connection:
        for query in QUERIES:
            await connection.prepare(query.statement)


def test_no_query_asks_for_the_time():
    """Times are bind parameters, so that a replay and a test give the same rows."""
    clocks = {"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday"}

    broken = [
        str(query)
        for query in QUERIES
        if any(nodes(query.tree, ast.SQLValueFunction)) or clocks & set(_functions(query.tree))
    ]

    # How long a transaction is open is measured on the clock that says when it began.
    assert broken == ["ledger.oldest_transaction"]


async def test_writes_decide_by_immutable_means(database: TemporaryDatabase):
    """SET, WHERE, RETURNING and ON CONFLICT of a write hold nothing that depends on the session or the moment."""
    called = {name for query in QUERIES for part in _deciding(query.tree) for name in _functions(part)}
    async with application(database) as connection:
        rows = await connection.fetch(
            "SELECT DISTINCT proname::text FROM pg_proc WHERE provolatile <> 'i' AND proname = ANY ($1::text[])",
            list(called),
        )

    moving = {row[0] for row in rows}

    assert [
        str(query)
        for query in QUERIES
        for part in _deciding(query.tree)
        if moving & set(_functions(part)) or any(_converted(part))
    ] == []


def test_values_hold_no_sub_selects():
    """A row that is inserted is made of binds."""
    broken = [
        str(query)
        for query in QUERIES
        for select in nodes(query.tree, ast.SelectStmt)
        if any(nodes(select.valuesLists, ast.SubLink))
    ]

    assert broken == []


def test_shard_keys_never_change():
    """No UPDATE and no ON CONFLICT sets the column that says where a row lives."""
    broken = [
        f"{query}: {table}.{target.name}"
        for query in QUERIES
        for table, targets in _updates(query.tree)
        for target in targets
        if SHARD_KEYS.get(table) == target.name
    ]

    assert broken == []


def test_rows_are_skipped_on_local_tables_only():
    """SKIP LOCKED would skip different rows on each shard."""
    broken = [
        str(query)
        for query in QUERIES
        for lock in nodes(query.tree, ast.LockingClause)
        if lock.waitPolicy == LockWaitPolicy.LockWaitSkip and not _tables(query.tree) <= LOCAL
    ]

    assert broken == []


def test_row_locks_stay_on_one_shard():
    """FOR UPDATE on a sharded table names one shard key; those that do not are known, and no more come in."""
    across = {
        str(query)
        for query in QUERIES
        if any(nodes(query.tree, ast.LockingClause))
        for table in _tables(query.tree) & set(SHARD_KEYS)
        if not any(_equals_a_bind(query.tree, SHARD_KEYS[table]))
    }

    assert across == LOCKED_ACROSS_SHARDS


def test_no_lateral_limits():
    """A limit per parent is a row number, not a sub-select for each row."""
    broken = [
        str(query)
        for query in QUERIES
        for each in nodes(query.tree, ast.RangeSubselect)
        if each.lateral and each.subquery.limitCount is not None
    ]

    assert broken == []


def _functions(tree: object) -> Iterator[str]:
    return (call.funcname[-1].sval for call in nodes(tree, ast.FuncCall))


def _tables(tree: object) -> set[str]:
    return {table.relname for table in nodes(tree, ast.RangeVar)}


def _deciding(tree: object) -> Iterator[object]:
    for write in nodes(tree, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt):
        yield write.returningClause
        if isinstance(write, ast.InsertStmt):
            yield write.onConflictClause
        else:
            yield write.whereClause
        if isinstance(write, ast.UpdateStmt):
            yield write.targetList


def _converted(part: object) -> Iterator[ast.Node]:
    for cast in nodes(part, ast.TypeCast):
        kind = cast.typeName.names[-1].sval
        if kind == "interval" or (kind in MOVING_TYPES and not isinstance(cast.arg, ast.ParamRef)):
            yield cast


def _updates(tree: object) -> Iterator[tuple[str, tuple[ast.ResTarget, ...]]]:
    for update in nodes(tree, ast.UpdateStmt):
        yield update.relation.relname, update.targetList
    for insert in nodes(tree, ast.InsertStmt):
        if insert.onConflictClause and insert.onConflictClause.targetList:
            yield insert.relation.relname, insert.onConflictClause.targetList


def _equals_a_bind(tree: object, column: str) -> Iterator[ast.Node]:
    for each in nodes(tree, ast.A_Expr):
        sides = (each.lexpr, each.rexpr)
        if (
            each.kind == A_Expr_Kind.AEXPR_OP
            and each.name[-1].sval == "="
            and any(isinstance(side, ast.ColumnRef) and side.fields[-1].sval == column for side in sides)
            and any(isinstance(bind, ast.ParamRef) for side in sides for bind in nodes(side, ast.ParamRef))
        ):
            yield each


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE delivery SET sent_at = now() WHERE id = $1",
        "DELETE FROM delivery WHERE sent_at::date = $1",
        "UPDATE delivery SET opens = 1 WHERE sent_at < $1 + interval '1 day'",
        "INSERT INTO link (mailing_id) VALUES ($1) ON CONFLICT (mailing_id) DO UPDATE SET at = excluded.at::timestamptz",
    ],
)
def test_the_guard_sees_what_moves(statement):
    """Each of these would be found: a clock, a conversion by time zone, an interval."""
    tree = NamedQuery("any", "any", "", statement).tree

    assert any("now" in _functions(part) or any(_converted(part)) for part in _deciding(tree))
