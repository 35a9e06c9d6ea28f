"""Reads an imported file in constant memory: its encoding, its delimiter, and its records one after another.

    encoding   the byte order mark, else UTF-8 if the whole file is, else UTF-16 if every other byte is zero, else
               Windows-1252
    delimiter  of comma, semicolon, tab and bar the one with which the first line has a column named email; of
               several such, the one that makes the most columns
    record     a line, or more where a quoted cell holds line breaks (RFC 4180); blank lines are left out

Nothing here keeps more than one line and one block of the file. Source: domain.md §3 (imports).
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.domain.errors import InvalidValue

LONGEST_LINE = 1_000_000
DELIMITERS = (",", ";", "\t", "|")

_BLOCK = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written; both words are shown to the caller."""

    encoding: str
    delimiter: str
    size: int


@dataclass(slots=True)
class Record:
    """One record: its number (the header is 1), its cells (none where they cannot be read), how many bytes are read."""

    number: int
    cells: Sequence[str]
    read: int


def layout_of(path: Path) -> Layout:
    """How a file is written. Raises `InvalidValue` where it is no text, or empty."""
    encoding = _encoding(path)
    with path.open("r", encoding=encoding, newline="") as file:
        first = next(_lines(file), "")
    if not first.strip():
        message = "The file is empty. Its first line names the columns."
        raise InvalidValue(message, path=("file",))
    return Layout(encoding, max(DELIMITERS, key=lambda each: _fit(first, each)), path.stat().st_size)


def records(path: Path, layout: Layout) -> Iterator[Record]:
    """The records of a file, the header first. Raises `InvalidValue` for a line without end."""
    with (
        path.open("rb") as raw,
        open(raw.fileno(), encoding=layout.encoding, newline="", closefd=False) as file,
    ):
        reader = csv.reader(_lines(file), delimiter=layout.delimiter, skipinitialspace=True)
        number = 0
        while True:
            try:
                cells: Sequence[str] = next(reader)
            except StopIteration:
                return
            except csv.Error:
                cells = ()
            else:
                if not cells:
                    continue
            number += 1
            yield Record(number, cells, min(raw.tell(), layout.size))


def _lines(file: IO[str]) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            message = f"The file has a line of more than {LONGEST_LINE} characters. Is it CSV?"
            raise InvalidValue(message, path=("file",))
        yield line


def _fit(first: str, delimiter: str) -> tuple[bool, int]:
    try:
        names = next(csv.reader([first], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        names = []
    return "email" in {name.strip().lower() for name in names}, len(names)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_BLOCK)
        for mark, name in _MARKS:
            if start.startswith(mark):
                return name if _reads(file, name) else _no_text()
        for zeros, name in ((start[1:200:2], "utf-16-le"), (start[0:200:2], "utf-16-be")):
            if zeros and not any(zeros):
                return name if _reads(file, name) else _no_text()
        return next((name for name in ("utf-8", "cp1252") if _reads(file, name)), None) or _no_text()


def _reads(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _no_text() -> str:
    message = "The file is no text in UTF-8, UTF-16 or Windows-1252. Save it as CSV in UTF-8."
    raise InvalidValue(message, path=("file",))
