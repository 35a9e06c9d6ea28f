"""Imports: a file of people and answers, read and written batch by batch as a job.

A batch, its errors and the place that is reached are one transaction. So an import that is stopped, by whatever,
goes on behind its last batch and writes nothing twice; one that is called off keeps its finished batches, which is
said in its counts, since lines of the ledger are never taken back. A dry run does the same and takes every batch
back: an address that stands in two batches counts twice there.

The file is deleted when its import ends. Source: domain.md §3 (imports); contract.md (`POST /imports`).
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from app.actions.import_batches import Written, write_batch
from app.actions.import_files import Layout, Record, layout_of, records
from app.actions.jobs import Halted, Running, Step, enqueue
from app.actions.lists import check_lists
from app.actions.unit import Unit
from app.domain.errors import InvalidValue
from app.domain.imports import (
    Columns,
    Defaults,
    Dialect,
    EmptyMeans,
    ImportRow,
    check,
    columns_of,
    read_row,
)
from app.instance import DatabaseAway, Instance
from app.storage import imports

KIND = "import"
FOLDER = "imports"
BATCH = 5_000
MOST_ERRORS_KEPT = 100_000
"""Rows with errors beyond these many are counted and not kept for download."""


@dataclass(frozen=True, slots=True)
class NewImport:
    """What somebody wants imported; `file` is the name of a file in the folder `imports` of the data folder."""

    file: str
    list_id: int | None = None
    defaults: Defaults = field(default_factory=Defaults)
    dry_run: bool = False


async def begin_import(unit: Unit, wanted: NewImport) -> int:
    """Asks for an import and returns the id of its job. Raises `InvalidValue`, and `NotFound` for the list.

    The header is read at once, so that a file that cannot be read by it is refused before anything is queued.
    """
    check(wanted.defaults)
    if wanted.list_id is not None:
        await check_lists(unit, [wanted.list_id], "list")
    path = folder_of(unit.instance) / wanted.file
    await asyncio.to_thread(_header, path, await asyncio.to_thread(layout_of, path), wanted.defaults.dialect)
    given_at = wanted.defaults.given_at
    arguments = {
        "file": wanted.file,
        "list": wanted.list_id,
        "dialect": wanted.defaults.dialect.value,
        "emptyMeans": wanted.defaults.empty_means.value,
        "source": wanted.defaults.source,
        "givenAt": None if given_at is None else given_at.isoformat(),
        "dryRun": wanted.dry_run,
    }
    return await enqueue(unit, KIND, arguments)


def folder_of(instance: Instance) -> Path:
    """Where files wait for their imports; made for its owner alone."""
    folder = instance.data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


async def run_import(running: Running) -> None:
    """The handler of imports. Raises `InvalidValue` for a file that cannot be read any more."""
    path = folder_of(running.instance) / running.arguments["file"]
    try:
        await _Import(running, path, _defaults(running.arguments)).run()
    except DatabaseAway:
        raise
    except Halted:
        if not running.stop.is_set():
            path.unlink(missing_ok=True)
        raise
    except FileNotFoundError:
        message = "The uploaded file is gone. Upload it again; rows that have landed already do no harm."
        raise InvalidValue(message, path=("file",)) from None
    except BaseException as error:
        # A process that is stopped cancels its tasks, and the job goes on in the next one.
        if not isinstance(error, asyncio.CancelledError):
            path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)


async def tidy_imports(instance: Instance) -> None:
    """Deletes files that no import needs any more, for whoever stored one and died before asking for its import."""
    folder = folder_of(instance)
    found = [path for path in folder.iterdir() if instance.clock().timestamp() - path.stat().st_mtime > _DAY]
    live = {row["file"] for row in await instance.database.fetch(imports.SQL.live_files)}
    for path in found:
        if path.name not in live:
            path.unlink(missing_ok=True)


_DAY = 86_400


def _defaults(arguments: Mapping[str, Any]) -> Defaults:
    given_at = arguments["givenAt"]
    return Defaults(
        dialect=Dialect(arguments["dialect"]),
        empty_means=EmptyMeans(arguments["emptyMeans"]),
        source=arguments["source"],
        given_at=None if given_at is None else datetime.fromisoformat(given_at),
    )


@dataclass(slots=True)
class _Reading:
    """A file being read on from a place; each batch is read in a thread while the one before is written."""

    rows: Iterator[tuple[ImportRow, int]]
    size: int

    def batch(self) -> tuple[list[ImportRow], int]:
        """The next rows, and how many bytes of the file are read then; no rows at its end."""
        taken = list(islice(self.rows, BATCH))
        return [row for row, _ in taken], taken[-1][1] if taken else self.size


@dataclass(slots=True)
class _Import:
    """One import at work."""

    running: Running
    path: Path
    defaults: Defaults

    async def run(self) -> None:
        """Writes batch after batch, each read while the one before is written."""
        layout = await asyncio.to_thread(layout_of, self.path)
        columns = await asyncio.to_thread(_header, self.path, layout, self.defaults.dialect)
        async with self.running.step() as step:
            place = step.position
            await step.save(place, None if place else 0.0, {**_at_first(layout, self.running), **step.counts})
        reading = _Reading(self._rows(layout, columns, place), layout.size)
        ahead = asyncio.create_task(asyncio.to_thread(reading.batch))
        try:
            while True:
                rows, read = await ahead
                if not rows:
                    return
                ahead = asyncio.create_task(asyncio.to_thread(reading.batch))
                async with self.running.step() as step:
                    await self._write(step, rows, read / max(layout.size, 1))
        finally:
            with suppress(Exception):
                await ahead

    def _rows(self, layout: Layout, columns: Columns, place: int) -> Iterator[tuple[ImportRow, int]]:
        for record in _behind(records(self.path, layout), place):
            yield read_row(record.number, record.cells, columns, self.defaults), record.read

    async def _write(self, step: Step, rows: list[ImportRow], progress: float) -> None:
        rows = [row for row in rows if row.number > step.position]
        if not rows:
            return
        list_id = self.running.arguments["list"]
        if self.running.arguments["dryRun"]:
            written = await _tried(step.unit, rows, list_id)
        else:
            written = await write_batch(step.unit, rows, list_id)
        kept = step.counts.get("errors", 0)
        if kept < MOST_ERRORS_KEPT:
            await imports.add_errors(step.unit.connection, step.job_id, written.flaws)
        counts = {name: step.counts.get(name, 0) + count for name, count in written.counts.items()}
        await step.save(rows[-1].number, progress, {**step.counts, **counts})


async def _tried(unit: Unit, rows: list[ImportRow], list_id: int | None) -> Written:
    """What a batch would do: it is done and taken back."""
    trial = unit.connection.transaction()
    await trial.start()
    try:
        return await write_batch(unit, rows, list_id)
    finally:
        await trial.rollback()


def _at_first(layout: Layout, running: Running) -> dict[str, Any]:
    nothing = Written().counts
    return {
        **nothing,
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "dryRun": running.arguments["dryRun"],
    }


def _header(path: Path, layout: Layout, dialect: Dialect) -> Columns:
    first = next(records(path, layout), None)
    return columns_of(() if first is None else first.cells, dialect)


def _behind(found: Iterator[Record], place: int) -> Iterator[Record]:
    """The records behind a place; the header, which is number 1, is behind none."""
    return (record for record in found if record.number > max(place, 1))
