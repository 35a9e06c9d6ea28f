"""The rules are pure: they are told time, ids and randomness, and never look for them.

The arrows in pyproject.toml keep whole modules out; this is about what the modules that stay would offer.
"""

import ast
import sys

import pytest

from tests.house.tree import code, imports

STANDARD = sys.stdlib_module_names

ALLOWED = {
    "app/domain": {"app.domain", "idna"},
    "app/mail": {"app.domain", "app.mail"},
    "app/supervisor": {"app.supervisor", "app.settings", "app.key_file"},
}
"""What a room may import besides the standard library."""

LOOKING = {
    "now", "utcnow", "today", "fromtimestamp", "time", "time_ns", "monotonic",
    "uuid1", "uuid4", "uuid6", "uuid7", "urandom", "token_bytes", "token_hex", "randbits", "environ", "getenv", "open",
}  # fmt: skip
"""Names under which the standard library offers the clock, randomness, the environment and files."""

PLAIN_CONVERSIONS = {"fromtimestamp"}
"""Harmless where a time zone is given, for then it depends on its arguments alone."""


@pytest.mark.parametrize("room", ALLOWED)
def test_rooms_that_know_little(room: str):
    """Nothing but the standard library and what stands in the table is imported."""
    strange = [
        f"{path}:{line} {name}"
        for path, module in code(room)
        for line, name in imports(module)
        if name.split(".")[0] not in STANDARD and not _is_allowed(name, ALLOWED[room])
    ]

    assert strange == []


def _is_allowed(name: str, allowed: set[str]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in allowed)


@pytest.mark.parametrize("room", ["app/domain", "app/mail"])
def test_rules_never_look(room: str):
    """No rule asks for the time, for chance, for the environment or for a file."""
    looking = [
        f"{path}:{node.lineno} {ast.unparse(node.func)}"
        for path, module in code(room)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and _name(node.func) in LOOKING and not _is_conversion(node)
    ]

    assert looking == []


@pytest.mark.parametrize("room", ["app/domain", "app/mail"])
def test_rules_never_wait(room: str):
    """No rule is a coroutine."""
    waiting = [
        f"{path}:{node.lineno}"
        for path, module in code(room)
        for node in ast.walk(module)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]

    assert waiting == []


def _name(called: ast.expr) -> str:
    match called:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _is_conversion(node: ast.Call) -> bool:
    return _name(node.func) in PLAIN_CONVERSIONS and len(node.args) + len(node.keywords) > 1
