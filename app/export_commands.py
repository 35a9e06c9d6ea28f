"""What `assent export` does, apart from the words of the command line, which `cli` has."""

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from app.actions.export_files import packed
from app.actions.exports import begin_export, take_back_export
from app.actions.imports import account_meant
from app.actions.unit import unit
from app.commands import ACTOR, followed, with_instance
from app.disclosure.exports import file_of_export
from app.disclosure.reader import Reader
from app.domain.errors import InvalidValue, NotFound
from app.domain.exports import ExportKind, WantedExport
from app.domain.global_ids import encode_id, key_of, number_of
from app.domain.imports import read_date
from app.domain.jobs import JobStatus
from app.domain.modes import Channel
from app.domain.principal import SCOPES, Principal
from app.instance import Instance
from app.settings import Settings

STANDARD_OUTPUT = "-"


def wanted_by(words: Mapping[str, str | None], *, byte_order_mark: bool) -> WantedExport:
    """What the words of the command line mean; ids are those that the API shows. Raises `InvalidValue` and `NotFound`."""

    def number(name: str, kind: str) -> int | None:
        value = words[name]
        return None if value is None else number_of(value, kind, path=(name,))

    channel, person = words["channel"], words["subscriber"]
    return WantedExport(
        ExportKind((words["kind"] or "").upper().replace("-", "_")),
        mailing_id=number("mailing", "Mailing"),
        channel=None if channel is None else Channel(channel.upper().replace("-", "_")),
        segment_id=number("segment", "Segment"),
        list_id=number("list", "MailingList"),
        subscriber_id=None if person is None else _person(person),
        since=_time(words, "from"),
        until=_time(words, "to"),
        byte_order_mark=byte_order_mark,
    )


def _person(value: str) -> UUID:
    try:
        return UUID(hex=key_of(value, "Subscriber", path=("subscriber",)))
    except ValueError:
        raise NotFound(path=("subscriber",)) from None


def _time(words: Mapping[str, str | None], name: str) -> datetime | None:
    value = words[name]
    found = None if value is None else read_date(value)
    if value is not None and found is None:
        message = f"--{name} is a date such as 2026-03-01 or 2026-03-01T12:00:00Z."
        raise InvalidValue(message, path=(name,))
    return found


def export_file(
    settings: Settings,
    account: int | None,
    wanted: WantedExport,
    output: str,
    show: Callable[[float | None], None],
    *,
    pack: bool,
) -> dict[str, object]:
    """Makes an export and writes it to a file or to standard output; `show` is told how far it is, from 0 to 1.

    The export is a job of the queue, which this process works off; whoever runs the command sees all of the account, but
    for other people's one-to-one mail. Nothing of it stays in the data folder. Raises `RequestError`.
    """

    async def run(instance: Instance) -> dict[str, object]:
        account_id = await account_meant(instance, account)
        reader = Reader(instance, Principal(account_id, 0, None, SCOPES))
        async with unit(instance, account_id, ACTOR) as work:
            export_id = await begin_export(work, wanted, sees_people=True)
        try:
            view = await followed(reader, export_id, show)
            if view.status is JobStatus.DONE:
                path = (await file_of_export(reader, export_id)).path
                _hand_over(await packed(path) if pack else path, output)
        finally:
            async with unit(instance, account_id, ACTOR) as work:
                await take_back_export(work, export_id)
        return {
            "id": encode_id("Export", export_id),
            "status": view.status.value,
            "message": view.message,
            "output": output,
            **view.counts,
        }

    return with_instance(settings, run)


def _hand_over(source: Path, output: str) -> None:
    """Copies the file to where it was asked for; a file of that name is replaced at once, or not at all."""
    with source.open("rb") as content:
        if output == STANDARD_OUTPUT:
            _copy(content, sys.stdout.buffer)
            return
        target = Path(output)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                _copy(content, file)
            part.replace(target)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            message = f"The file could not be written: {error.strerror}."
            raise InvalidValue(message, path=("output",)) from None


def _copy(content: BinaryIO, target: BinaryIO) -> None:
    try:
        shutil.copyfileobj(content, target, 1 << 20)
        target.flush()
    except BrokenPipeError:
        message = "Whoever was to read the file has gone."
        raise InvalidValue(message, path=("output",)) from None
