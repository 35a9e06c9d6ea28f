"""What an import could not take, as CSV. It names rows by their number and repeats no cell, so it names nobody.

Of a dry run, which leaves no trace, only those who see people learn what depends on who is known (`disclosure.jobs`).
"""

import csv
from collections.abc import AsyncIterator, Iterator
from io import StringIO

from app.disclosure.jobs import IMPORT, jobs_by_id, looks_people_up
from app.disclosure.reader import Reader
from app.domain.errors import NotFound
from app.domain.imports import OF_THE_FILE
from app.storage import imports

HEADER = ("row", "column", "code", "message")

_PAGE = 2_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def errors_of_import(reader: Reader, job_id: int) -> AsyncIterator[str]:
    """The errors of one of the account's imports as CSV, in pages. Raises `NotFound` before the first."""
    view = (await jobs_by_id(reader, [job_id])).get(job_id)
    if view is None or view.kind != IMPORT:
        message = "There is no such import in this account."
        raise NotFound(message, path=("id",))
    return _pages(reader, job_id, of_the_file=looks_people_up(reader, view.counts))


async def _pages(reader: Reader, job_id: int, *, of_the_file: bool) -> AsyncIterator[str]:
    yield _csv([HEADER])
    place = (0, -1)
    while True:
        rows = await reader.instance.database.fetch(
            imports.SQL.errors, reader.account_id, job_id, *place, _PAGE
        )
        if not rows:
            return
        yield _csv(
            (str(row["row_number"]), row["column_name"], row["code"], row["message"])
            for row in rows
            if not of_the_file or row["code"] in OF_THE_FILE
        )
        place = (rows[-1]["row_number"], rows[-1]["ordinal"])


def _csv(rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    text = StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: names of columns come from the file."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
