"""Cells of a CSV file that a spreadsheet shows and never runs.

    value                                      cell
    None                                       empty
    a time                                     ISO 8601 in UTC, with as much of a second as there is
    a day                                      ISO 8601
    several                                    their cells, parted by spaces
    text that begins with = + - @ tab or CR    the same behind an apostrophe, so that it is no formula
    anything else                              as text

Millions of lines are written by PostgreSQL with functions of the same meaning (a value that somebody stored as JSON is a
text by that rule, or its JSON); a law keeps the two equal.
Source: domain.md §8 (access); OWASP, CSV Injection.
"""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What some spreadsheets want at the beginning of a file to read it as UTF-8."""

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """One cell, by the table at the top."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case datetime():
            return _time(value)
        case str():
            return f"'{value}" if value.startswith(_BEGINS_FORMULA) else value
        case Iterable():
            return cell(" ".join(cell(each) for each in value))
        case _:
            return cell(str(value))


def _time(value: datetime) -> str:
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0') if '.' in text else text}+00:00"


def line(values: Iterable[object]) -> bytes:
    """One line of a file, as the database writes its lines: commas, quotes where they are needed, LF, UTF-8."""
    written = _Written()
    # The longer end has CR quoted as well; lines end as PostgreSQL ends them.
    csv.writer(written, lineterminator="\r\n").writerow([cell(each) for each in values])
    return written.text.removesuffix("\r\n").encode() + b"\n"


class _Written:
    """Where `csv` leaves one line."""

    text = ""

    def write(self, text: str) -> None:
        self.text += text
