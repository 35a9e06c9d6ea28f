"""Lines of CSV straight from PostgreSQL: it writes the cells, and no value becomes an object on its way into a file.

Cells are texts already where they reach COPY (`csv_cell`, `csv_time`, `csv_attribute` in the database), which parts them by
commas and quotes what needs it. While a block is being written, the connection is not read, so the server waits.
"""

from typing import Any

from piccolo.querystring import QueryString

from app.domain.exports import Write
from app.storage.database import Connection

_MANY = 10_000
_AS_SETS = "SET LOCAL enable_nestloop = off"
_SIDE_BY_SIDE = "SET LOCAL parallel_tuple_cost = 0"
"""The planner takes the way of a row from one process of the server to another for dearer than making its cells, which
it is not: it would have one process make them all, while the others wait."""


async def expect(connection: Connection, lines: int) -> None:
    """Tells the planner, for the rest of the transaction, whether many lines are to come.

    It takes the columns of a key for independent of each other, so where tables are joined by several of them it
    expects a single row, and would look each of millions up one by one.
    """
    if lines >= _MANY:
        await connection.execute(_AS_SETS)


async def pour(connection: Connection, query: str, *values: Any, write: Write) -> int:
    """Writes a query's rows as lines; returns how many there were. The connection is in a transaction.

    Each value must be cast in the query (`$1::bigint`): COPY takes no parameters, so they are put in as literals, which
    PostgreSQL itself quotes.
    """
    await connection.execute(_SIDE_BY_SIDE)
    said: str = await connection.copy_from_query(query, *values, output=write, format="csv")
    return int(said.rpartition(" ")[2])


async def pour_composed(connection: Connection, query: QueryString, write: Write) -> int:
    """The same for a query that was composed of fragments."""
    text, values = query.compile_string()
    return await pour(connection, text, *values, write=write)
