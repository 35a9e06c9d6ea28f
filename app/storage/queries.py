"""Loads the named queries of `sql/<noun>.sql`.

A file is a run of blocks. Each opens with `-- name: <name>` and at least one more comment line that says what the
query does and who its reader is; the statement follows, with `$1`-style binds only. An attribute of the loaded
object is the text of one statement: `SUBSCRIBERS.by_id`.
"""

import re
from pathlib import Path
from types import SimpleNamespace

FOLDER = Path(__file__).parent / "sql"
_BLOCK = re.compile(r"^-- name: (\w+)\n((?:--[^\n]*\n)+)(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)


class Queries(SimpleNamespace):
    """The statements of one noun, by name."""

    def __getattr__(self, name: str) -> str:
        """Only missing names come here: the file has no such query."""
        message = f"There is no query named {name}."
        raise AttributeError(message)


def load(noun: str) -> Queries:
    """The named queries of one noun. Raises ValueError where a block has no description or a name stands twice."""
    text = (FOLDER / f"{noun}.sql").read_text(encoding="utf-8")
    found = {name: statement.strip().rstrip(";") for name, _, statement in _BLOCK.findall(text)}
    if len(found) != text.count("-- name:"):
        message = f"Each query in {noun}.sql needs a name of its own and a description under it."
        raise ValueError(message)
    return Queries(**found)
