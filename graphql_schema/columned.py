"""Makes the part of a plan that answers a connection a column at a time (`columns`).

All edges of a level are one comprehension over the zipped columns that were selected, such as

    [{"cursor": n0, "node": {"id": n1, "mailing": l0}} for n0, n1, l0, in zip(c_n0, c_n1, c_l0, strict=True)]

What is selected but has no column makes the compiler give up on columns, not on the plan: rows answer then.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet

from graphql_schema.calling import Field, asking
from graphql_schema.columns import IN_COLUMNS, InColumns, Objects, Pages, Table
from graphql_schema.leaves import Unusual
from graphql_schema.plans import Completer, Run, Selection, Step, evaluated, together

LaterOrNot = Callable[[Any, Run], Awaitable[list[Any] | None]]
"""As `plans.Later`; None where rows have to answer. It takes the rows of a table as well as objects."""
_Now = Callable[[Pages], Sequence[Any]]
_Waiting = Callable[[Pages, Run], Awaitable[Sequence[Any]]]


class Compiles(Protocol):
    """What this file needs of `planning.Compiler`; all of it raises `Unusual`."""

    def grouped(self, kind: GraphQLObjectType, details: FieldDetailsList) -> GroupedFieldSet:
        """What is selected on a type."""

    def called(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Field:
        """A field of ours."""

    def add(self, to: Selection, name: str, kind: GraphQLObjectType, details: FieldDetailsList) -> None:
        """Adds a field to a selection of objects."""

    def completer(self, kind: Any, details: FieldDetailsList) -> Completer:
        """How values of a type become JSON."""


def columned(compiler: Compiles, of: Field) -> LaterOrNot | None:
    """Answers the connection of a field by columns; None where something is selected that has none."""
    stated: InColumns | None = of.made.metadata.get(IN_COLUMNS)
    try:
        return None if stated is None else _Connection(compiler, stated, of).answer
    except Unusual:
        return None


class _Connection:
    """The plan of one connection."""

    def __init__(self, compiler: Compiles, stated: InColumns, of: Field) -> None:
        self._compiler, self._fetch, self._ask = compiler, stated.fetch, asking(of)
        self._edges = _Edges(compiler, stated.table)
        kind: Any = get_named_type(of.definition.type)
        self._whole = Selection()
        for name, details in compiler.grouped(kind, of.details).items():
            self._add(name, kind, details)
        if self._whole.later:
            raise Unusual
        self._whole.settle()

    def _add(self, name: str, kind: GraphQLObjectType, details: FieldDetailsList) -> None:
        if details[0].node.name.value != "edges":
            self._compiler.add(self._whole, name, kind, details)
            return
        edge: Any = get_named_type(kind.fields["edges"].type)
        self._edges.settle(edge, details)
        # They are JSON by the time that the connection is written.
        self._whole.now.append(Step(name, _never, list, attribute="edges"))

    async def answer(self, sources: Any, run: Run) -> list[Any] | None:
        """The connection of each source."""
        info, arguments = self._ask(run)
        pages = await self._fetch(info, sources, **arguments)
        if pages is None:
            return None
        edges = await self._edges.answer(pages, run)
        for connection, (first, last) in zip(pages.connections, pages.spans, strict=True):
            connection.edges = edges[first:last]  # type: ignore[attr-defined]  # Each noun adds its own.
        return [self._whole.one(each) for each in pages.connections]


class _Edges:
    """The edges of all pages: which columns they need, and one function that zips them."""

    def __init__(self, compiler: Compiles, table: Table) -> None:
        self._compiler, self._table = compiler, table
        self._now: list[_Now] = []
        self._later: list[_Waiting] = []
        self._zipped: Callable[..., list[Any]] | None = None

    def settle(self, kind: GraphQLObjectType, details: FieldDetailsList) -> None:
        """Makes the function. Raises `Unusual` where a field has no column, or edges are asked for twice."""
        text = self._edge(kind, details)
        values = [
            *(f"n{each}" for each in range(len(self._now))),
            *(f"l{each}" for each in range(len(self._later))),
        ]
        if self._zipped is not None or not values:
            raise Unusual
        names, columns = ", ".join(values), ", ".join(f"c_{each}" for each in values)
        text = f"def edges({columns}):\n return [{text} for {names}, in zip({columns}, strict=True)]"
        self._zipped = evaluated(text, "edges", {})

    async def answer(self, pages: Pages, run: Run) -> list[Any]:
        """The edges of all pages, one page after the other."""
        if self._zipped is None:
            return []
        later = await together([fetch(pages, run) for fetch in self._later]) if self._later else ()
        return self._zipped(*(column(pages) for column in self._now), *later)

    def _edge(self, kind: GraphQLObjectType, details: FieldDetailsList) -> str:
        def write(asked: str, below: FieldDetailsList) -> str:
            if asked == "cursor":
                return self._named(lambda pages: pages.cursors())
            node: Any = get_named_type(kind.fields[asked].type)
            return self._node(node, below, ())

        return self._object(kind, details, write)

    def _node(self, kind: GraphQLObjectType, details: FieldDetailsList, path: tuple[str, ...]) -> str:
        def write(asked: str, below: FieldDetailsList) -> str:
            here = (*path, asked)
            leaf = self._table.leaves.get(here)
            if leaf is not None:
                return self._named(lambda pages: leaf(pages.rows))
            inner: Any = kind.fields[asked].type
            if self._table.leads_on(here) and isinstance(inner, GraphQLNonNull):
                return self._node(inner.of_type, below, here)
            if path:
                raise Unusual
            return self._fetched(self._compiler.called(kind, below))

        return self._object(kind, details, write)

    def _object(
        self,
        kind: GraphQLObjectType,
        details: FieldDetailsList,
        write: Callable[[str, FieldDetailsList], str],
    ) -> str:
        written = []
        for name, below in self._compiler.grouped(kind, details).items():
            asked = below[0].node.name.value
            written.append(f"{name!r}: {repr(kind.name) if asked == '__typename' else write(asked, below)}")
        return f"{{{', '.join(written)}}}"

    def _named(self, column: _Now) -> str:
        self._now.append(column)
        return f"n{len(self._now) - 1}"

    def _fetched(self, of: Field) -> str:
        objects = self._table.objects.get(of.details[0].node.name.value)
        self._later.append(self._connections(of) if objects is None else self._objects(of, objects))
        return f"l{len(self._later) - 1}"

    def _connections(self, of: Field) -> _Waiting:
        inside = columned(self._compiler, of)
        if inside is None:
            raise Unusual

        async def fetch(pages: Pages, run: Run) -> Sequence[Any]:
            found = await inside(pages.rows, run)
            if found is None:
                raise Unusual
            return found

        return fetch

    def _objects(self, of: Field, objects: Objects) -> _Waiting:
        ask = asking(of)
        complete = self._compiler.completer(of.definition.type, of.details)

        async def fetch(pages: Pages, run: Run) -> Sequence[Any]:
            info, _ = ask(run)
            # Rows share what they belong to, so each object is written once.
            found = await objects(info, pages.rows)
            different = {id(each): each for each in found}
            written = await complete.later(list(different.values()), run)
            known = dict(zip(different, written, strict=True))
            return [known[id(each)] for each in found]

        return fetch


def _never(_value: Any) -> Any:
    raise Unusual
