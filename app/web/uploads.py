"""An upload on its way to the disk: fields are kept, the one file is written as it comes, in constant memory.

The body is multipart/form-data (RFC 7578). The file lies in a folder that only its owner can enter, with mode 0600,
and is removed where the upload ends badly.
"""

import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from app.domain.errors import InvalidValue, LimitExceeded

LONGEST_FIELD = 4_096
MOST_PARTS = 50

_NO_FORM = "Send the file as multipart/form-data, in a part named file."


@dataclass(slots=True)
class Upload:
    """What came: the text fields by name, and the name of the stored file in its folder."""

    file: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Part:
    """The part that is being read; `sink` is where a file goes."""

    name: str = ""
    text: bytearray = field(default_factory=bytearray)
    sink: IO[bytes] | None = None


async def receive(content_type: str, body: AsyncIterator[bytes], folder: Path, largest: int) -> Upload:
    """Reads a whole upload. Raises `InvalidValue` where it is none, and `LimitExceeded` beyond `largest` bytes."""
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise InvalidValue(_NO_FORM, path=("file",))
    upload = Upload()
    try:
        await _read(boundary.encode(), _bounded(body, largest), upload, folder)
    except MultipartError:
        discard(upload, folder)
        raise InvalidValue(_NO_FORM, path=("file",)) from None
    except BaseException:
        discard(upload, folder)
        raise
    return upload


async def _read(boundary: bytes, body: AsyncIterator[bytes], upload: Upload, folder: Path) -> None:
    part = _Part()
    try:
        # The parser complains of a body that ends too soon when it is closed.
        with PushMultipartParser(boundary, max_segment_count=MOST_PARTS) as parser:
            async for chunk in body:
                for event in parser.parse(chunk):
                    part = _take(event, part, upload, folder)
    finally:
        if part.sink is not None:
            part.sink.close()


async def _bounded(body: AsyncIterator[bytes], largest: int) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in body:
        received += len(chunk)
        if received > largest:
            message = f"An import has at most {largest} bytes. Split the file."
            raise LimitExceeded(message, path=("file",))
        if chunk:
            yield chunk


def discard(upload: Upload, folder: Path) -> None:
    """Removes what was stored."""
    if upload.file is not None:
        (folder / upload.file).unlink(missing_ok=True)


def _take(event: MultipartSegment | bytearray | None, part: _Part, upload: Upload, folder: Path) -> _Part:
    if isinstance(event, MultipartSegment):
        return _begin(event, upload, folder)
    if event is None:
        _end(part, upload)
        return _Part()
    data = bytes(event)
    if part.sink is not None:
        part.sink.write(data)
    elif len(part.text) + len(data) > LONGEST_FIELD:
        message = f"A field has at most {LONGEST_FIELD} bytes; only the part named file may be larger."
        raise LimitExceeded(message, path=(part.name,))
    else:
        part.text.extend(data)
    return part


def _begin(segment: MultipartSegment, upload: Upload, folder: Path) -> _Part:
    if segment.name != "file":
        return _Part(segment.name)
    if upload.file is not None:
        message = "There are two files. Import one at a time."
        raise InvalidValue(message, path=("file",))
    upload.file = secrets.token_hex(16)
    descriptor = os.open(folder / upload.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return _Part("file", sink=os.fdopen(descriptor, "wb"))


def _end(part: _Part, upload: Upload) -> None:
    if part.sink is not None:
        part.sink.close()
        return
    try:
        value = part.text.decode()
    except UnicodeDecodeError:
        message = "A field is not in UTF-8."
        raise InvalidValue(message, path=(part.name,)) from None
    if part.name in upload.fields:
        message = "A field stands twice."
        raise InvalidValue(message, path=(part.name,))
    upload.fields[part.name] = value
