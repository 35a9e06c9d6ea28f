"""Cells of a CSV file that a spreadsheet shows and never runs.

    value                                      cell
    None                                       empty
    a time                                     ISO 8601
    several                                    their cells, parted by spaces
    text that begins with = + - @ tab or CR    the same behind an apostrophe, so that it is no formula
    anything else                              as text

Source: domain.md §8 (access); OWASP, CSV Injection.
"""

from collections.abc import Iterable
from datetime import datetime

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
            return value.isoformat()
        case str():
            return f"'{value}" if value.startswith(_BEGINS_FORMULA) else value
        case Iterable():
            return cell(" ".join(cell(each) for each in value))
        case _:
            return cell(str(value))
