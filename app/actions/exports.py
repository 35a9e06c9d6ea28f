"""Exports: asked for in a request, made as a file by a job, kept for a while, and gone with the person they are about.

    asked for     a row that names a person where it is about one, and a job that names nobody
    made          the file is poured into the folder `exports` of the data folder, for its owner alone, under a random
                  name; it is an export's file once it is whole
    killed        whoever goes on begins anew, and removes what was half written
    kept          24 hours (`domain.exports.KEPT_FOR`), then row and file go
    erased        with the person it is about, in the transaction that erases them; a job that is at it ends as FAILED

What a file holds is the gate's to say: the process that does the jobs brings the makers along.
Source: contract.md (exports); domain.md §8.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

from app.actions import export_files, people
from app.actions.jobs import Handler, Overtaken, Running, enqueue
from app.actions.lists import check_lists
from app.actions.unit import Unit
from app.domain.errors import Forbidden, NotFound
from app.domain.exports import (
    KEPT_FOR,
    PACKED,
    ExportKind,
    ExportOrder,
    Pourable,
    WantedExport,
    check,
    from_document,
    to_document,
)
from app.domain.modes import Channel
from app.domain.segments import picks_people
from app.instance import Instance
from app.storage import exports, mailings, segments

KIND = "export"

_HOUR = 3_600
_GONE = "The person of this export is not there any more."

Maker = Callable[[Instance, ExportOrder], Awaitable[Pourable]]
"""Says what a file holds. It, or the pouring, raises a `RequestError` where the file cannot be made, and `DatabaseAway`."""


async def begin_export(unit: Unit, wanted: WantedExport, *, sees_people: bool) -> int:
    """Asks for an export and returns its id, which is its job's too. `sees_people`: whether who asks may see people.

    Raises `InvalidValue`, `NotFound`, `Forbidden` for a list or a segment that tells who its people are, and
    `ErasedEarlier`.
    """
    check(wanted)
    own = await _own(unit, wanted)
    if wanted.list_id is not None:
        if not sees_people:
            message = "The people of a list need the scope personal:read."
            raise Forbidden(message, path=("list_id",))
        await check_lists(unit, [wanted.list_id], "list_id")
    if wanted.segment_id is not None:
        await _check_segment(unit, wanted.segment_id, sees_people=sees_people)
    about = None
    if wanted.subscriber_id is not None:
        about = (await people.locked(unit, wanted.subscriber_id)).id
    job_id = await enqueue(unit, KIND, to_document(wanted))
    eyes = (unit.user_id if own else None, sees_people)
    values = (unit.account_id, wanted.kind.value, about, unit.now, *eyes)
    await unit.connection.execute(exports.SQL.insert, job_id, *values)
    return job_id


async def _own(unit: Unit, wanted: WantedExport) -> bool:
    """Whether what the file shows depends on the user: one-to-one mail is in it. Raises `NotFound` for the mailing."""
    if wanted.mailing_id is not None:
        found = await mailings.by_ids(unit.connection, unit.account_id, [wanted.mailing_id])
        if wanted.mailing_id not in found:
            raise NotFound(path=("mailing_id",))
        return found[wanted.mailing_id].channel is Channel.ONE_TO_ONE
    return wanted.channel is Channel.ONE_TO_ONE or wanted.segment_id is not None


async def _check_segment(unit: Unit, segment_id: int, *, sees_people: bool) -> None:
    rows = await segments.by_ids(unit.connection, unit.account_id, [segment_id])
    if segment_id not in rows:
        raise NotFound(path=("segment_id",))
    if picks_people(rows[segment_id].rule) and not sees_people:
        message = "Who did, got or is what, and who is on which list, needs the scope personal:read."
        raise Forbidden(message, path=("segment_id",))


def handler_of(makers: Mapping[ExportKind, Maker]) -> Handler:
    """The handler of exports; `makers` says what each kind holds."""

    async def make(running: Running) -> None:
        part = secrets.token_hex(16)
        order = await _begun(running, part)
        path = export_files.folder_of(running.instance) / part
        try:
            made = await makers[order.wanted.kind](running.instance, order)
            with export_files.opened(path) as file:
                pouring = _Pouring(running, file, made.lines)
                lines = await made.pour(pouring.write)
                await file.finish()
            await _say_made(running, part, lines, file.size)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    return make


async def _begun(running: Running, part: str) -> ExportOrder:
    """What is to be made. What another attempt has half written goes."""
    async with running.step() as step:
        connection = step.unit.connection
        row = await connection.fetchrow(exports.SQL.wanted, running.job_id, running.account_id)
        if row is None:
            raise NotFound(_GONE)
        await connection.execute(exports.SQL.begin_part, running.job_id, part)
        if row["part"] is not None:
            # What the attempt before had written is gone, and how far it was with it.
            await step.save(0, 0.0, {})
    _remove(running.instance, [row["part"]])
    wanted = from_document(ExportKind(row["kind"]), row["subscriber_id"], running.arguments)
    return ExportOrder(running.account_id, row["user_id"], row["sees_people"], wanted)


class _Pouring:
    """A file being written: now and then the job hears how far it is, and stops where it was called off."""

    def __init__(self, running: Running, file: export_files.GrowingFile, expected: int) -> None:
        self._running = running
        self._file = file
        self._expected = max(expected, 1)
        self._lines = 0
        self._said_at = asyncio.get_running_loop().time()

    async def write(self, block: bytes) -> None:
        """Takes the next bytes. A line break inside a cell counts as a line here; the end says how many there were."""
        self._lines += block.count(b"\n")
        await self._file.write(block)
        now = asyncio.get_running_loop().time()
        if now - self._said_at >= export_files.SAY_EVERY:
            self._said_at = now
            async with self._running.step() as step:
                progress = min(self._lines / self._expected, 1.0)
                await step.save(0, progress, {"rows": self._lines, "bytes": self._file.size})


async def _say_made(running: Running, file: str, lines: int, size: int) -> None:
    async with running.step() as step:
        connection, now = step.unit.connection, step.unit.now
        if await connection.fetchval(exports.SQL.made, running.job_id, file, now) is None:
            if await connection.fetchrow(exports.SQL.wanted, running.job_id, running.account_id) is None:
                raise NotFound(_GONE)
            raise Overtaken
        await step.save(1, 1.0, {"rows": lines, "bytes": size})


async def withdraw_exports(unit: Unit, subscriber_id: UUID) -> None:
    """Takes back all exports about one person, their files at once: what is too early cannot be asked back."""
    rows = await unit.connection.fetch(exports.SQL.withdraw, subscriber_id)
    _remove(unit.instance, [each for row in rows for each in (row["file"], row["part"])])


async def take_back_export(unit: Unit, export_id: int) -> None:
    """Takes one export back, its file at once: whoever has it needs it no more."""
    rows = await unit.connection.fetch(exports.SQL.take_back, export_id, unit.account_id)
    _remove(unit.instance, [each for row in rows for each in (row["file"], row["part"])])


async def tidy_exports(instance: Instance) -> None:
    """Takes back what has been kept long enough, and files that no export is, from whoever died while making one."""
    rows = await instance.database.fetch(exports.SQL.expire, instance.clock() - KEPT_FOR)
    _remove(instance, [each for row in rows for each in (row["file"], row["part"])])
    now = instance.clock().timestamp()
    folder = export_files.folder_of(instance)
    old = [path for path in folder.iterdir() if now - path.stat().st_mtime > _HOUR]
    live = {row["file"] for row in await instance.database.fetch(exports.SQL.live_files)}
    _remove(instance, [path.name for path in old if path.name.removesuffix(PACKED) not in live])


def _remove(instance: Instance, files: list[str | None]) -> None:
    folder: Path = export_files.folder_of(instance)
    for name in files:
        if name is not None:
            for each in (name, f"{name}{PACKED}"):
                (folder / each).unlink(missing_ok=True)
