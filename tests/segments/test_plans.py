"""The answers of single people are found by indexes, whatever is asked: journeys and pages ask for them all day."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from pglast import ast, parse_sql

from app.domain.modes import MembershipStatus
from app.domain.permission import Permission
from app.domain.segments import (
    ActivityCondition,
    ActivityKind,
    MembershipCondition,
    PermissionCondition,
    Rule,
)
from app.storage import segments
from app.storage.segment_fragments import Question
from tests.house.named_sql import nodes
from tests.house.shards import BY_SUBSCRIBER
from tests.postgres_server import TemporaryDatabase
from tests.segments.people import NOW, ago

QUESTION = Question(1, 7, NOW, frozenset(), ago(100), ago(60), [UUID(int=1), UUID(int=2)])
RULES: dict[str, Rule | None] = {
    "engagement": None,
    "opened": ActivityCondition(ActivityKind.OPENED, at_least=1),
    "clicked a link of a mailing": ActivityCondition(
        ActivityKind.CLICKED, 5, 30, 1, None, "https://a.example/"
    ),
    "sent": ActivityCondition(ActivityKind.SENT, mailing_id=5, at_most=3),
    "membership": MembershipCondition(5, frozenset({MembershipStatus.BOUNCED})),
    "permission": PermissionCondition(frozenset({Permission.NO})),
}
PLANNING = "SET enable_nestloop = off; SET enable_seqscan = off; SET enable_bitmapscan = off"


@pytest.mark.parametrize("asked", RULES)
async def test_single_people_are_found_by_an_index(database: TemporaryDatabase, asked: str):
    """No table of people is read as a whole, nor an index of one from end to end."""
    assert await _read_as_a_whole(database, QUESTION, RULES[asked]) == []


@pytest.mark.parametrize("asked", RULES)
def test_composed_statements_keep_the_rules_of_named_ones(asked: str):
    """No clock is asked, no row is locked or written, and no sub-select is limited for each row."""
    statement, _ = segments.of_people(QUESTION, RULES[asked]).compile_string()
    (raw,) = parse_sql(statement)

    called = {call.funcname[-1].sval for call in nodes(raw.stmt, ast.FuncCall)}
    forbidden = (ast.SQLValueFunction, ast.LockingClause, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt)
    assert called.isdisjoint({"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp"})
    assert list(nodes(raw.stmt, *forbidden)) == []
    assert [each for each in nodes(raw.stmt, ast.RangeSubselect) if each.lateral] == []


async def test_the_guard_sees_what_is_read_as_a_whole(database: TemporaryDatabase):
    """A count over everybody would be found."""
    everybody = replace(QUESTION, people=None)

    assert await _read_as_a_whole(database, everybody, RULES["opened"]) != []


async def _read_as_a_whole(database: TemporaryDatabase, question: Question, rule: Rule | None) -> list[str]:
    statement, values = segments.of_people(question, rule).compile_string()
    connection = await asyncpg.connect(database.app_dsn)
    await connection.execute(PLANNING)
    (explained,) = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *values))
    await connection.close()
    return [
        f"{node['Node Type']} on {node['Relation Name']}"
        for node in _nodes(explained["Plan"])
        if re.sub(r"_(other|\d{4}_\d{2})$", "", node.get("Relation Name", "")) in BY_SUBSCRIBER
        and "_id" not in node.get("Index Cond", "").replace("account_id", "")
        and "(id = ANY" not in node.get("Index Cond", "")
    ]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)
