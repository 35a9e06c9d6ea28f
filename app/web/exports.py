"""`GET /exports/{id}.zip` (or `.csv`, as the contract writes it): the file of an export, in pieces, resumable.

It takes the scopes of the export's kind. The answer is never cached, and never shown by a browser.
Source: contract.md; RFC 9110 §14.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream

from app.disclosure.exports import file_of_export
from app.domain.errors import RequestError
from app.domain.global_ids import number_of
from app.instance import DatabaseAway
from app.web.callers import AnyRequest, Unauthenticated, away, caller, refused, unauthenticated
from app.web.ranges import BeyondTheEnd, Part, part_of

_BLOCK = 1 << 16
_ENDINGS = (".zip", ".csv")
_HANDLERS: dict[int | type[Exception], Any] = {
    Unauthenticated: unauthenticated,
    RequestError: refused,
    DatabaseAway: away,
}


def export_routes() -> list[HTTPRouteHandler]:
    """The one route."""

    @get("/exports/{name:str}", exception_handlers=_HANDLERS)
    async def download(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
        reader = await caller(request)
        path = await file_of_export(reader, number_of(_id(name), "Export", path=("id",)))
        return await _answer(request, path)

    return [download]


def _id(name: str) -> str:
    return name[:-4] if name.endswith(_ENDINGS) else name


async def _answer(request: AnyRequest, path: Path) -> Response[Any]:
    size = (await asyncio.to_thread(path.stat)).st_size
    # A name belongs to one file for ever, so it says which version of the export it is.
    version = f'"{path.name}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": version,
        "Content-Disposition": 'attachment; filename="data.zip"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    same = request.headers.get("if-range", version) == version
    try:
        part = part_of(size, request.headers.get("range") if same else None)
    except BeyondTheEnd:
        return Response(None, status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Length"] = str(part.length)
    if not part.is_whole:
        headers["Content-Range"] = part.content_range
    return Stream(
        _pieces(path, part),
        status_code=200 if part.is_whole else 206,
        media_type="application/zip",
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
