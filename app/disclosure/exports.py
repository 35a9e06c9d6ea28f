"""Exports: what has become of them, and their files for those who may have them.

That there is an export, any token of the account may see, since it names nobody; asking for one and downloading it
take the scopes of its kind, and the eyes that it was made with (`domain.exports`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.disclosure.reader import PERSONAL, Reader
from app.domain.errors import Forbidden, NotFound
from app.domain.exports import FOLDER, SCOPES, ExportKind, is_kept
from app.domain.global_ids import encode_id
from app.domain.jobs import JobStatus
from app.storage import exports
from app.storage.database import Record


@dataclass(frozen=True, slots=True)
class ExportView:
    """One export; `url` is None while there is nothing to download. Its id is its job's as well."""

    id: int
    kind: ExportKind
    status: JobStatus
    url: str | None


async def exports_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, ExportView]:
    """The exports; ids of other accounts are absent, and those that were taken back."""
    rows = await reader.instance.database.fetch(exports.SQL.by_ids, reader.account_id, list(ids))
    return {
        row["id"]: ExportView(
            id=row["id"],
            kind=ExportKind(row["kind"]),
            status=JobStatus(row["status"]),
            url=_url(reader, row["id"], ExportKind(row["kind"]))
            if is_kept(row["made_at"], reader.now)
            else None,
        )
        for row in rows
    }


def must_take(reader: Reader, kind: ExportKind) -> None:
    """Raises `Forbidden` where the token lacks a scope that this kind takes."""
    for scope in sorted(SCOPES[kind] - reader.principal.scopes):
        message = f"An export of the kind {kind.value} needs the scope {scope}."
        raise Forbidden(message)


def _must_have_eyes(reader: Reader, row: Record) -> None:
    """Raises `Forbidden` where the file shows what this reader may not see."""
    if row["sees_people"] and not reader.sees_people:
        message = f"This export shows people. Downloading it needs the scope {PERSONAL}."
        raise Forbidden(message)
    if row["user_id"] not in {None, reader.principal.user_id}:
        message = "This export holds what one user's own mail was met with. Only a token of that user may download it."
        raise Forbidden(message)


def may_have(reader: Reader, row: Record) -> bool:
    """Whether this reader may download an export, by its row, once it is made."""
    try:
        must_take(reader, ExportKind(row["kind"]))
        _must_have_eyes(reader, row)
    except Forbidden:
        return False
    return True


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file that may be handed to the reader."""

    kind: ExportKind
    path: Path


async def file_of_export(reader: Reader, export_id: int) -> ExportFile:
    """The file of an export that is kept. Raises `NotFound` and `Forbidden`."""
    rows = await reader.instance.database.fetch(exports.SQL.by_ids, reader.account_id, [export_id])
    for row in rows:
        kind = ExportKind(row["kind"])
        must_take(reader, kind)
        _must_have_eyes(reader, row)
        path = reader.instance.data / FOLDER / str(row["file"])
        if is_kept(row["made_at"], reader.now) and path.is_file():
            return ExportFile(kind, path)
    message = (
        "There is no such file: it is not made yet, was kept long enough, was erased with the person, or lies in the "
        "data folder of another machine."
    )
    raise NotFound(message, path=("id",))


def _url(reader: Reader, export_id: int, kind: ExportKind) -> str:
    return f"{reader.instance.public_url.rstrip('/')}/exports/{encode_id('Export', export_id)}{kind.ending}"
