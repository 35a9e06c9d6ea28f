"""The maps are true: ARCHITECTURE.md names what there is, and README.md what can be set.

ARCHITECTURE.md names a room as `app/domain/` and a file as `app/main.py` or `Makefile`, in backquotes; what stands
in backquotes in another form is none of the map's.
"""

import ast
import re

import pytest

from app.variables import VARIABLES
from tests.house.tree import ROOT, code, files, text

LONGEST = 300  # lines: what fits one look

PLACES = {path.split("/")[0] for path in files() if "/" in path}
ROOMS = {f"{path.removesuffix('/__init__.py')}/" for path in files("/__init__.py")} | {
    "migrations/",
    "tests/",
}
TOP_FILES = {path for path in files() if not path.startswith(".") and "/" not in path} | {".ci/run"}
FILE_NAME = re.compile(r"[\w.-]+\.(cfg|graphql|lock|md|py|sql|toml|yaml|yml)")


def test_the_map_names_every_room_and_file():
    """Who looks for a room, or wonders about a file beside them, finds it on the map."""
    assert sorted((ROOMS | TOP_FILES) - _named() - {"ARCHITECTURE.md"}) == []


def test_the_map_names_nothing_else():
    """Whatever the map names is there."""
    assert [name for name in sorted(_named()) if not (ROOT / name).exists()] == []


def _named() -> set[str]:
    spans = re.findall(r"`([\w./-]+)`", text("ARCHITECTURE.md") if "ARCHITECTURE.md" in files() else "")
    return {
        span
        for span in spans
        if span in TOP_FILES or span.split("/")[0] in PLACES or FILE_NAME.fullmatch(span)
    }


def test_every_variable_is_in_the_readme():
    """What can be set is documented."""
    documented = set(re.findall(r"\b[A-Z][A-Z_]+\b", text("README.md")))

    assert [each.name for each in VARIABLES if each.name not in documented] == []


def test_the_readme_invents_no_variable():
    """What is documented can be set."""
    named = set(re.findall(r"\bASSENT_[A-Z_]+\b", text("README.md")))

    assert sorted(named - {each.name for each in VARIABLES}) == []


@pytest.mark.parametrize("path", files("/__init__.py"))
def test_a_room_says_what_it_is_for(path: str):
    """An `__init__.py` is one docstring and holds no code."""
    module = ast.parse(text(path))

    assert ast.get_docstring(module)
    assert len(module.body) == 1


def test_every_module_says_what_it_is_for():
    """A module opens with a docstring, whose first line is a sentence."""
    silent = [
        path
        for path, module in code("app", "graphql_schema", "preference_center", "tests")
        if not (ast.get_docstring(module) or "").split("\n")[0].endswith((".", ":", "?"))
    ]

    assert silent == []


def test_every_file_fits_one_look():
    """A file that grows beyond this has two subjects."""
    long = {
        path: lines
        for path in files(".py", ".sql", ".html", ".css")
        if not path.startswith(("migrations/", "tests/mails/"))
        if (lines := text(path).count("\n")) > LONGEST
    }

    assert long == {}
