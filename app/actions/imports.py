"""Imports: a file of people and answers, read and written batch by batch as a job.

A batch, its errors and the place that is reached are one transaction. So an import that is stopped, by whatever,
goes on behind its last batch and writes nothing twice; one that is called off keeps its finished batches, which is
said in its counts, since lines of the ledger are never taken back. A dry run does the same and takes every batch
back: an address that stands in two batches counts twice there.

The file is deleted when its import ends. Source: domain.md §3 (imports); contract.md (`POST /imports`).
"""

import asyncio
import gc
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from app.actions.import_batches import Batch, Written, prepared, write_batch
from app.actions.import_files import Layout, Record, layout_of, records
from app.actions.import_people import Sealer
from app.actions.jobs import Halted, Overtaken, Running, Step, enqueue
from app.actions.lists import check_lists
from app.actions.unit import Unit
from app.domain.errors import InvalidValue
from app.domain.import_rows import ImportRow, RowReader
from app.domain.imports import Columns, Defaults, Dialect, EmptyMeans, check, columns_of
from app.domain.settings import Withdrawal
from app.instance import DatabaseAway, Instance
from app.storage import accounts, imports

KIND = "import"
FOLDER = "imports"
BATCH = 5_000
_HEADER = 1
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


async def account_meant(instance: Instance, account_id: int | None) -> int:
    """The account of a command: the one that it names, or the only one. Raises `InvalidValue`."""
    known = [row["id"] for row in await instance.database.fetch(accounts.SQL.all_ids)]
    if account_id in known or (account_id is None and len(known) == 1):
        return account_id or known[0]
    message = "Name the account by its number: there is no such one, or there are several."
    raise InvalidValue(message, path=("account",))


def stored(instance: Instance, source: Path) -> str:
    """Copies a file to where imports read it, and returns its name there. The file belongs to its owner alone."""
    name = secrets.token_hex(16)
    descriptor = os.open(folder_of(instance) / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as original, os.fdopen(descriptor, "wb") as copy:
        shutil.copyfileobj(original, copy)
    return name


def folder_of(instance: Instance) -> Path:
    """Where files wait for their imports; made for its owner alone."""
    folder = instance.data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


async def run_import(running: Running) -> None:
    """The handler of imports. Raises `InvalidValue` for a file that cannot be read any more."""
    path = folder_of(running.instance) / running.arguments["file"]
    try:
        with _few_collections():
            await _Import(running, path, _defaults(running.arguments)).run()
    except (DatabaseAway, Overtaken):
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


@contextmanager
def _few_collections() -> Iterator[None]:
    """Batches are many objects that go all at once: looking through them for cycles is a third of the work."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


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
    """A file being read on from a place, batch by batch, in threads."""

    rows: Iterator[tuple[ImportRow, int]]
    size: int
    mostly_new: bool = True
    _ready: tuple[Batch, float] | None = None

    async def next(self, work: Unit) -> tuple[Batch, float]:
        """The next rows, prepared, and which part of the file is read; no rows at its end."""
        sealer = Sealer(work.account_id, await work.keys(), work.actor, work.now)
        in_force = (await work.settings()).settings.withdrawal
        advancing = asyncio.create_task(asyncio.to_thread(self._advance, sealer, in_force))
        try:
            await asyncio.shield(advancing)
        finally:
            # Nobody else may read on before this thread has ended, whatever becomes of who asked.
            await asyncio.wait([advancing])
        ready, self._ready = self._ready, None
        if ready is None:
            message = "Nothing was read."
            raise RuntimeError(message)
        return ready

    def _advance(self, sealer: Sealer, in_force: Withdrawal) -> None:
        """What a thread returns stays in a cycle until the next collection, so it is left here."""
        taken = list(islice(self.rows, BATCH))
        read = taken[-1][1] / self.size if taken else 1.0
        rows = [row for row, _ in taken]
        self._ready = prepared(rows, sealer, in_force, mostly_new=self.mostly_new), read


@dataclass(slots=True)
class _Import:
    """One import at work: two batches at once, of which one is read and prepared while the one before is written.

    Each has a transaction of its own that begins before its lines are sealed: a line's server time lies in the transaction
    that writes it, as the feed of changes counts on.
    """

    running: Running
    path: Path
    defaults: Defaults
    to_read: asyncio.Lock = field(default_factory=asyncio.Lock)
    to_write: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Writes batch after batch, in their order."""
        layout = await asyncio.to_thread(layout_of, self.path)
        columns = await asyncio.to_thread(_header, self.path, layout, self.defaults.dialect)
        async with self.running.step() as step:
            place = step.position
            await step.save(place, None if place else 0.0, {**_at_first(layout, self.running), **step.counts})
        reading = _Reading(self._rows(layout, columns, place), layout.size)
        try:
            async with asyncio.TaskGroup() as both:
                for _ in range(2):
                    both.create_task(self._batches(reading))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None

    def _rows(self, layout: Layout, columns: Columns, place: int) -> Iterator[tuple[ImportRow, int]]:
        reader = RowReader(columns, self.defaults)
        for record in _behind(records(self.path, layout), place):
            yield reader.read(record.number, record.cells), record.read

    async def _batches(self, reading: _Reading) -> None:
        running, rows = self.running, True
        while rows:
            # Where one fails, nobody may go on behind it: then what it holds is never released.
            await self.to_read.acquire()
            async with running.work() as work:
                try:
                    batch, progress = await reading.next(work)
                except InvalidValue:
                    # The file cannot be read on; what was read before is still written.
                    await self.to_write.acquire()
                    raise
                await self.to_write.acquire()
                self.to_read.release()
                rows = bool(batch.rows)
                if rows:
                    reading.mostly_new = await self._write(await running.step_of(work), batch, progress)
            self.to_write.release()

    async def _write(self, step: Step, batch: Batch, progress: float) -> bool:
        """Writes one batch; answers whether most of its people were new."""
        if batch.rows[0].number != max(step.position, _HEADER) + 1:
            raise Overtaken
        list_id = self.running.arguments["list"]
        if self.running.arguments["dryRun"]:
            written = await _tried(step.unit, batch, list_id)
        else:
            written = await write_batch(step.unit, batch, list_id)
        kept = step.counts.get("errors", 0)
        if kept < MOST_ERRORS_KEPT:
            await imports.add_errors(step.unit.connection, step.job_id, written.flaws)
        counts = {name: step.counts.get(name, 0) + count for name, count in written.counts.items()}
        await step.save(batch.rows[-1].number, progress, {**step.counts, **counts})
        return 2 * written.created >= written.landed


async def _tried(unit: Unit, batch: Batch, list_id: int | None) -> Written:
    """What a batch would do: it is done and taken back."""
    trial = unit.connection.transaction()
    await trial.start()
    try:
        return await write_batch(unit, batch, list_id)
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
    """The records behind a place; the header is behind none."""
    return (record for record in found if record.number > max(place, _HEADER))
