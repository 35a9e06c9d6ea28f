"""The named queries as the tests of the house look at them: by noun and name, with their trees.

`application` is a connection of the application's role that knows the temporary table of the drain.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property

import asyncpg
from pglast import ast, parse_sql

from app.storage.queries import _BLOCK, FOLDER, load
from tests.postgres_server import TemporaryDatabase


@dataclass(frozen=True)
class NamedQuery:
    """One query of `app/storage/sql`."""

    noun: str
    name: str
    description: str
    statement: str

    @cached_property
    def tree(self) -> ast.Node:
        """The parsed statement; there is exactly one."""
        (raw,) = parse_sql(self.statement)
        return raw.stmt

    def __str__(self) -> str:
        return f"{self.noun}.{self.name}"


def named_queries() -> list[NamedQuery]:
    """All of them."""
    return [
        NamedQuery(path.stem, name, " ".join(described.replace("--", " ").split()), statement)
        for path in sorted(FOLDER.glob("*.sql"))
        for name, described, statement in _BLOCK.findall(path.read_text(encoding="utf-8"))
    ]


def nodes(tree: object, *kinds: type) -> Iterator[ast.Node]:
    """The nodes of a tree, itself included; only those of the kinds, where some are named."""
    if isinstance(tree, tuple):
        for each in tree:
            yield from nodes(each, *kinds)
    elif isinstance(tree, ast.Node):
        if not kinds or isinstance(tree, kinds):
            yield tree
        for name in tree:
            yield from nodes(getattr(tree, name), *kinds)


@asynccontextmanager
async def application(database: TemporaryDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A connection on which every named query can be prepared; nothing that is done on it stays."""
    connection = await asyncpg.connect(database.app_dsn)
    try:
        await connection.execute("BEGIN")
        await connection.execute(load("events").make_batch)
        await connection.execute(load("imports").make_batch)
        yield connection
    finally:
        await connection.close()
