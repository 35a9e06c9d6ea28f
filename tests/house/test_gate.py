"""Personal data has one gate: columns that name a person are read in three rooms, and leave by `disclosure` alone.

That doors import nothing of storage stands in the arrows of pyproject.toml; here are the columns themselves.
"""

import ast
import re

from tests.house.named_sql import application
from tests.house.tree import DOORS, code, imports
from tests.postgres_server import TemporaryDatabase

PERSONAL = {
    "address",
    "attributes",
    "email",
    "actor",
    "actor_salt",
    "actor_digest",
    "note",
    "note_salt",
    "note_digest",
    "recipients",
    "ip",
}
"""Columns that hold a person, or a text that somebody wrote about one."""

PERSONAL_TABLES = {
    "subscriber",
    "permission_line",
    "gathered_message",
    "app_user",
    "settings_version",
    "pending_sign_up",
    "kept_address",
}
"""The tables that have such columns."""

INSIDE = ("app/storage/", "app/actions/", "app/disclosure/")


def test_rows_are_read_inside():
    """Outside the three rooms no personal column is taken out of a row, and no SQL names one."""
    read = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, module in code("app", "graphql_schema", "preference_center")
        if not path.startswith(INSIDE)
        for node in ast.walk(module)
        if _takes_personal_column(node) or _is_sql(node)
    ]

    assert read == []


def _takes_personal_column(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=ast.Name(id="row" | "record"), slice=ast.Constant(value=name)):
            return name in PERSONAL
        case _:
            return False


def _is_sql(node: ast.AST) -> bool:
    words = r"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s.+\sSET|DELETE\s+FROM|WITH\s+\w+\s+AS\s*\()\s"
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and bool(re.match(words, node.value, re.DOTALL))
    )


async def test_personal_tables_are_known(database: TemporaryDatabase):
    """A column of these names stands in these tables only; a new one is looked at before it comes in."""
    async with application(database) as connection:
        found = await connection.fetch(
            "SELECT DISTINCT table_name::text FROM information_schema.columns "
            "WHERE table_schema = 'public' AND column_name = ANY ($1::text[])",
            list(PERSONAL),
        )

    assert {row[0] for row in found} == PERSONAL_TABLES


def test_doors_touch_no_storage():
    """What a door shows has passed the gate: it imports nothing that has rows."""
    touching = [
        f"{path}:{line} {name}"
        for path, module in code(*DOORS)
        for line, name in imports(module)
        if name.startswith(("app.storage", "asyncpg", "piccolo"))
    ]

    assert touching == []


def test_doors_get_no_person_from_a_verb():
    """What a door is given by a verb is no stored person and no line of the ledger: it asks the gate for what it shows."""
    personal = {
        (path.removesuffix(".py").replace("/", "."), node.name)
        for path, module in code("app/actions")
        for node in module.body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        and node.returns
        and re.search(r"\b(SubscriberRow|SealedLine|Record)\b", ast.unparse(node.returns))
    }

    taken = [f"{path}: {verb}" for path, module in code(*DOORS) for verb in personal & _verbs(module)]

    assert taken == []


def _verbs(module: ast.Module) -> set[tuple[str, str]]:
    """The verbs that a module names, by their module, imported one by one or with it."""
    origins = {
        each.asname or each.name: (node.module or "", each.name)
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    through = {
        (".".join(origins[node.value.id]), node.attr)
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in origins
    }
    return through | set(origins.values())
