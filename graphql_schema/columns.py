"""What a connection says of itself so that a plan can answer it a column at a time (`columned`).

Theory: a page of a thousand is five columns of a thousand values. Reading them as columns, and zipping them into the
answer once, takes a sixth of making an edge, a node and a view for each row and asking each for its values. A `Table` says
which fields of a type there are columns for; a query that selects any other field is answered by rows, as it was
before, so only what the gate can judge for a whole page at once needs a column.

Columns answer as rows do: `tests/graphql_schema/test_columns.py` holds both to the library. So `columns`, `columned` and
`app/disclosure/columns.py` may go together, and nothing else has to change but the metadata of the fields that name them.
"""

from binascii import b2a_base64
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql_schema.connections import Connection, Page, PageInfo

IN_COLUMNS = "assent-in-columns"

Column = Callable[[Any], Sequence[Any]]
"""A column of the rows of all pages, as JSON already."""
Objects = Callable[[Any, Any], Awaitable[Sequence[Any]]]
"""From `info` and the rows of all pages: an object of the schema for each row."""


@dataclass(frozen=True, slots=True)
class Table:
    """Which fields of a type are columns: leaves by the GraphQL names that lead to them, and fields with objects."""

    leaves: Mapping[tuple[str, ...], Column]
    objects: Mapping[str, Objects] = field(default_factory=dict)

    def leads_on(self, path: tuple[str, ...]) -> bool:
        """Whether there are leaves below an object of this path."""
        return any(each[: len(path)] == path for each in self.leaves)


class Pages(NamedTuple):
    """The pages of several connections.

    `rows` are what the table's columns are taken from: the rows of all pages, one page after the other. `spans` say where
    those of each connection begin and end; its `edges` are still empty. `cursors` makes the cursors of all rows.
    """

    rows: Any
    spans: Sequence[tuple[int, int]]
    connections: Sequence[Connection]
    cursors: Callable[[], Sequence[str]]


Fetch = Callable[..., Awaitable[Pages | None]]
"""`fetch(info, sources, **arguments)` gives a page for each source; None where these arguments need rows.

The sources are objects of the schema, or the rows of the table in which the field is selected.
"""


class InColumns(NamedTuple):
    """A connection that comes in columns."""

    table: Table
    fetch: Fetch


def in_columns(table: Table, fetch: Fetch) -> Mapping[str, InColumns]:
    """Metadata for a field whose type is a connection."""
    return {IN_COLUMNS: InColumns(table, fetch)}


def encode_cursors(keys: Iterable[str]) -> list[str]:
    """The cursors of sort keys, each as the text of its JSON array: what `connections.encode_cursor` makes of the key."""
    return [
        b2a_base64(key.encode(), newline=False).translate(_URL_SAFE).rstrip(b"=").decode() for key in keys
    ]


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def page_info(page: Page, ends: Sequence[str], *, more: bool) -> PageInfo:
    """As `Page.cut` makes it: `ends` are the first and the last cursor of a page, `more` says that it cut some off."""
    behind = page.keys is not None
    return PageInfo(
        has_next_page=behind if page.backward else more,
        has_previous_page=more if page.backward else behind,
        start_cursor=ends[0] if ends else None,
        end_cursor=ends[-1] if ends else None,
    )
