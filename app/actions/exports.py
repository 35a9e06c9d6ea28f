"""Exports: asked for in a request, made as a file by a job, kept for a while, and gone with the person they are about.

    asked for     a row that names the person, and a job that names nobody
    made          the file lies in the folder `exports` of the data folder, for its owner alone, under a random name
    kept          24 hours (`domain.exports.KEPT_FOR`), then row and file go
    erased        with the person, in the transaction that erases them; a job that is at it ends as FAILED

What a file holds is the gate's to say: the process that does the jobs brings the makers along.
Source: contract.md (exports); domain.md §8.
"""

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

from app.actions import people
from app.actions.jobs import Handler, Running, enqueue
from app.actions.unit import Unit
from app.domain.errors import InvalidValue, NotFound
from app.domain.exports import FOLDER, KEPT_FOR, SCOPES, ExportKind
from app.instance import Instance
from app.storage import exports

KIND = "export"

_HOUR = 3_600
_GONE = "The person of this export is not there any more."

Maker = Callable[[Instance, UUID], Awaitable[bytes]]
"""Makes the file about one person. Raises `NotFound`, `ErasedEarlier` and `DatabaseAway`."""


async def begin_export(unit: Unit, kind: ExportKind, subscriber_id: UUID | None) -> int:
    """Asks for an export and returns its id, which is its job's too.

    Raises `InvalidValue` for a kind that cannot be made and without a person, `NotFound` and `ErasedEarlier`.
    """
    if kind not in SCOPES:
        message = f"Exports of the kind {kind.value} cannot be made yet. ACCESS can."
        raise InvalidValue(message, path=("kind",))
    if subscriber_id is None:
        message = "An export of the kind ACCESS is about one person. Name them by subscriberId."
        raise InvalidValue(message, path=("subscriberId",))
    row = await people.locked(unit, subscriber_id)
    job_id = await enqueue(unit, KIND, {})
    await unit.connection.execute(exports.SQL.insert, job_id, unit.account_id, kind.value, row.id, unit.now)
    return job_id


def handler_of(makers: Mapping[ExportKind, Maker]) -> Handler:
    """The handler of exports; `makers` says what each kind holds."""

    async def make(running: Running) -> None:
        async with running.step() as step:
            row = await step.unit.connection.fetchrow(exports.SQL.wanted, running.job_id, running.account_id)
        if row is None:
            raise NotFound(_GONE)
        content = await makers[ExportKind(row["kind"])](running.instance, row["subscriber_id"])
        path = folder_of(running.instance) / secrets.token_hex(16)
        await asyncio.to_thread(_write, path, content)
        try:
            await _say_made(running, path.name, len(content))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    return make


async def _say_made(running: Running, file: str, size: int) -> None:
    async with running.step() as step:
        connection, now = step.unit.connection, step.unit.now
        if await connection.fetchval(exports.SQL.made, running.job_id, file, now) is None:
            raise NotFound(_GONE)
        await step.save(1, 1.0, {"bytes": size})


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


async def withdraw_exports(unit: Unit, subscriber_id: UUID) -> None:
    """Takes back all exports about one person, their files at once: what is too early cannot be asked back."""
    rows = await unit.connection.fetch(exports.SQL.withdraw, subscriber_id)
    _remove(unit.instance, [row["file"] for row in rows])


async def tidy_exports(instance: Instance) -> None:
    """Takes back what has been kept long enough, and files that no export is, from whoever died while making one."""
    rows = await instance.database.fetch(exports.SQL.expire, instance.clock() - KEPT_FOR)
    _remove(instance, [row["file"] for row in rows])
    now = instance.clock().timestamp()
    old = [path for path in folder_of(instance).iterdir() if now - path.stat().st_mtime > _HOUR]
    live = {row["file"] for row in await instance.database.fetch(exports.SQL.live_files)}
    _remove(instance, [path.name for path in old if path.name not in live])


def _remove(instance: Instance, files: list[str | None]) -> None:
    for name in files:
        if name is not None:
            (folder_of(instance) / name).unlink(missing_ok=True)


def folder_of(instance: Instance) -> Path:
    """Where the files lie; made for its owner alone."""
    folder = instance.data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
