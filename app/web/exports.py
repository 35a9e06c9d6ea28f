"""`GET /exports/{id}.csv` (`.zip` for ACCESS): the file of an export, in pieces, resumable; packed where that is asked for.

    asked for                               answer
    .csv, .zip                              the file; a Range brings a part of it (206, 416)
    .csv, Accept-Encoding has gzip,         the file, packed on its way (Content-Encoding: gzip): no length, no parts
      no Range
    .csv.gz                                 the packed file, made when it is first asked for, and its parts

HEAD answers what GET without a Range would, and no file. Each of them has an ETag of its own, so nobody joins parts of one
to the other. It takes the scopes of the export's kind, and the eyes that it was made with. The answer is never cached, and
never shown by a browser.
Source: contract.md; RFC 9110 §8.4, §9.3.2, §12.5.3, §14.
"""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream

from app.actions.export_files import packed
from app.disclosure.exports import ExportFile, file_of_export
from app.domain.errors import NotFound, RequestError
from app.domain.exports import PACKED, ExportKind
from app.domain.global_ids import number_of
from app.instance import DatabaseAway
from app.web.callers import AnyRequest, Unauthenticated, away, caller, refused, unauthenticated
from app.web.ranges import BeyondTheEnd, Part, part_of

_BLOCK = 1 << 18
_GZIP = 31
_QUICK = 1
_NAME = re.compile(r"(?P<id>[^.]+)(?P<ending>\.zip|\.csv|\.csv\.gz)?")
_TAKES_GZIP = re.compile(
    r"(?:^|,)\s*(?:x-)?gzip\s*(?!\s*;\s*q\s*=\s*0(?:\.0{0,3})?\s*(?:,|$))(?:,|;|$)", re.IGNORECASE
)
_HANDLERS: dict[int | type[Exception], Any] = {
    Unauthenticated: unauthenticated,
    RequestError: refused,
    DatabaseAway: away,
}


def export_routes() -> list[HTTPRouteHandler]:
    """The one route."""

    @route(
        "/exports/{name:str}",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        exception_handlers=_HANDLERS,
    )
    async def download(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
        reader = await caller(request)
        found = _NAME.fullmatch(name)
        if found is None:
            raise NotFound(path=("id",))
        file = await file_of_export(reader, number_of(found["id"], "Export", path=("id",)))
        return await _answer(request, await _asked(file, found["ending"] or ""))

    return [download]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file as it was asked for: where it lies, how it is called, and whether it may be packed on its way."""

    path: Path
    name: str
    media_type: str
    may_be_packed: bool


async def _asked(file: ExportFile, ending: str) -> _Asked:
    if file.kind is ExportKind.ACCESS:
        if ending.endswith(PACKED):
            raise NotFound(path=("id",))
        return _Asked(file.path, "data.zip", "application/zip", may_be_packed=False)
    name = f"{file.kind.value.lower()}.csv"
    if ending.endswith(PACKED):
        return _Asked(await packed(file.path), f"{name}{PACKED}", "application/gzip", may_be_packed=False)
    return _Asked(file.path, name, "text/csv", may_be_packed=True)


async def _answer(request: AnyRequest, asked: _Asked) -> Response[Any]:
    headers = {
        "Content-Disposition": f'attachment; filename="{asked.name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if asked.may_be_packed:
        headers["Vary"] = "Accept-Encoding"
        if _range(request) is None and _TAKES_GZIP.search(request.headers.get("accept-encoding", "")):
            headers |= {"Content-Encoding": "gzip", "ETag": f'"{asked.path.name}-packed"'}
            return Stream(
                _content(request, _packed(asked.path)), media_type=asked.media_type, headers=headers
            )
    return await _parts(request, asked, headers)


def _range(request: AnyRequest) -> str | None:
    """The part that is asked for; it means something to GET alone (RFC 9110 §14.2)."""
    return request.headers.get("range") if request.method == "GET" else None


async def _content(request: AnyRequest, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if request.method == "GET":
        async for piece in pieces:
            yield piece


async def _parts(request: AnyRequest, asked: _Asked, headers: dict[str, str]) -> Response[Any]:
    size = (await asyncio.to_thread(asked.path.stat)).st_size
    # A name belongs to one file for ever, so it says which version of the export it is.
    version = f'"{asked.path.name}"'
    headers |= {"Accept-Ranges": "bytes", "ETag": version}
    same = request.headers.get("if-range", version) == version
    try:
        part = part_of(size, _range(request) if same else None)
    except BeyondTheEnd:
        return Response(None, status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Length"] = str(part.length)
    if not part.is_whole:
        headers["Content-Range"] = part.content_range
    return Stream(
        _content(request, _pieces(asked.path, part)),
        status_code=200 if part.is_whole else 206,
        media_type=asked.media_type,
        headers=headers,
    )


async def _pieces(path: Path, part: Part) -> AsyncIterator[bytes]:
    left = part.length
    file = await asyncio.to_thread(path.open, "rb")
    try:
        file.seek(part.start)
        while left and (piece := await asyncio.to_thread(file.read, min(left, _BLOCK))):
            left -= len(piece)
            yield piece
    finally:
        file.close()


async def _packed(path: Path) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(_QUICK, wbits=_GZIP)
    whole = Part(0, (await asyncio.to_thread(path.stat)).st_size, 0)
    async for piece in _pieces(path, whole):
        if done := await asyncio.to_thread(packer.compress, piece):
            yield done
    yield packer.flush()
