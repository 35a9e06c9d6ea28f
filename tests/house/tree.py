"""The project's files as the tests of the house look at them: everything that .gitignore does not leave out.

Git itself is not asked, so that an unpacked archive is tested like a checkout.
"""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOORS = ("graphql_schema", "preference_center", "app/web", "app/tracking", "app/jobs")


@cache
def files(*endings: str) -> tuple[str, ...]:
    """The paths of all files, or of those with one of the endings, relative to the root."""
    found = (path.relative_to(ROOT).as_posix() for path in _below(ROOT))
    return tuple(sorted(path for path in found if path.endswith(endings or "")))


def code(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    """The parsed modules of rooms, by their paths."""
    for path in files(".py"):
        if path.startswith(tuple(f"{room.rstrip('/')}/" for room in rooms)):
            yield path, ast.parse(text(path))


def text(path: str) -> str:
    """What stands in a file; empty where it is no text."""
    return (ROOT / path).read_text(encoding="utf-8", errors="ignore")


def imports(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The modules that a module imports, wherever in it, with their lines."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_symlink() or _is_ignored(path):
            continue
        if path.is_dir():
            yield from _below(path)
        else:
            yield path


def _is_ignored(path: Path) -> bool:
    return path.name == ".git" or any(
        fnmatch(f"/{path.relative_to(ROOT).as_posix()}" if pattern.startswith("/") else path.name, pattern)
        for pattern in _patterns()
    )


@cache
def _patterns() -> tuple[str, ...]:
    lines = (line.strip().rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
