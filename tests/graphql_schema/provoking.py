"""Inputs that nobody sends by mistake twice: made from the schema, so that a new mutation is provoked the day it is born.

`plausible` makes a mutation's smallest sensible input, with ids of things that are there. `provoked` replaces one value
of it at a time by what its type lets through and its meaning does not: ids of others, no ids at all, texts that are
empty or far too long, ends of the calendar, ends of the number line, empty lists, and null.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_required_input_field,
)

from graphql_schema.connections import encode_cursor

DEEPEST = 3
"""How far into an input that holds itself (a segment's rule) a provocation goes."""

TEXTS = (
    "",
    " ",
    "x" * 20_000,
    "'; DROP TABLE account; --",
    "\u202e\ufffd\U0001f9ff",
    "{{ 7 * 7 }}",
    "\ud800",
    "\x00",
)
NUMBERS = (0, -1, 2**31 - 1, -(2**31), 2**31, 1.5)
MOMENTS = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "2026-01-01", "now", "")
DOCUMENTS = (
    [],
    "text",
    0,
    {"": ""},
    {"x" * 5_000: 1},
    {"a": [1] * 900},
    {"a": 1e308, "b": 10**30},
    {"a": "\x00"},
)

_NOBODY = "00000000-0000-0000-0000-000000000000"
_KEYS: tuple[tuple[Any, ...], ...] = (
    (1,),
    (-1,),
    (2**31,),
    (-(2**40),),
    (2**63,),
    (1.5,),
    (None,),
    ("x",),
    (_NOBODY,),
    (1, _NOBODY),
    ("2026-01-01T09:00:00Z", _NOBODY),
    ("0001-01-01T00:00:00+14:00", _NOBODY),
    ("9999-12-31T23:59:59-14:00", _NOBODY),
    ("2026-01-01T09:00:00", _NOBODY),
    ("2026-01-01T09:00:00Z", _NOBODY, 1),
    ("0001-01-01T00:00:00+14:00", _NOBODY, 2**31),
    ("2026-01-01T09:00:00Z", _NOBODY, 2**31),
    (),
    ([[[1]]],),
)
CURSORS = tuple(encode_cursor(keys) for keys in _KEYS)
"""Forged places in lists of every order."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Things:
    """Ids to speak of: `own` by the name of the field that takes them, and what every `ID` is tried with."""

    own: Mapping[str, str]
    others: tuple[str, ...]


def plausible(kind: GraphQLInputType, things: Things, name: str = "") -> Any:
    """A value of the type that may well go through."""
    if isinstance(kind, GraphQLNonNull):
        return plausible(kind.of_type, things, name)
    if isinstance(kind, GraphQLList):
        return [plausible(kind.of_type, things, name)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {field: plausible(each.type, things, field) for field, each in _needed(kind).items()}
    return things.own.get(name) or _VALUES[kind.name]


def provoked(
    kind: GraphQLInputObjectType, things: Things, plain: dict[str, Any]
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each provocation with the path of the value that was replaced."""
    for path, value in _replacements(kind, things, (), DEEPEST):
        yield path, _with(plain, path, value)


def _needed(kind: GraphQLInputObjectType) -> dict[str, GraphQLInputField]:
    if kind.is_one_of:
        return {name: field for name, field in kind.fields.items() if name == "permission"}
    return {name: field for name, field in kind.fields.items() if is_required_input_field(field)}


def _replacements(
    kind: GraphQLInputObjectType, things: Things, path: Path, room: int
) -> Iterator[tuple[Path, Any]]:
    for name, field in kind.fields.items() if room else ():
        here = (*path, name)
        yield from ((here, value) for value in _values(field.type, things, name))
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLInputObjectType):
            base = plausible(field.type, things, name)
            place = (*here, 0) if isinstance(base, list) else here
            for below, value in _replacements(inner, things, (), room - 1):
                whole = _with(base[0] if isinstance(base, list) else base, below, value)
                yield place, whole if not inner.is_one_of else {below[0]: whole[str(below[0])]}


def _values(kind: GraphQLInputType, things: Things, name: str) -> Iterator[Any]:
    """What may stand in the place of one value. Every type may be null, and is refused before anything runs if not."""
    if isinstance(kind, GraphQLNonNull):
        yield from _values(kind.of_type, things, name)
        return
    yield None
    if isinstance(kind, GraphQLList):
        one = plausible(kind.of_type, things, name)
        yield from ([], [one, one], [one] * 101)
        if not isinstance(get_named_type(kind), GraphQLInputObjectType):
            yield from ([value] for value in _values(kind.of_type, things, name))
    elif isinstance(kind, GraphQLEnumType):
        yield from kind.values
    elif isinstance(kind, GraphQLInputObjectType):
        yield plausible(kind, things, name)
    else:
        yield from _scalars(kind.name, things, name)


def _scalars(kind: str, things: Things, name: str) -> Iterator[Any]:
    match kind:
        case "ID":
            yield from (*things.others, *things.own.values(), *TEXTS)
        case "String" if name in {"after", "before"}:
            yield from (*CURSORS, *TEXTS)
        case "String":
            yield from (*TEXTS, _VALUES["String"], *([things.own[name]] if name in things.own else []))
        case "Int" | "Float":
            yield from NUMBERS
        case "DateTime":
            yield from MOMENTS
        case "JSON":
            yield from DOCUMENTS
        case "Boolean":
            yield from (True, False)
        case _:
            raise AssertionError(f"Say here how the scalar {kind} is provoked.")


def _with(base: Any, path: Path, value: Any) -> Any:
    """A copy of the base with another value at the path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [_with(base[step] if base else {}, rest, value)]
    inside = base.get(step) if isinstance(base, dict) else None
    return {**(base or {}), step: _with(inside, rest, value)}


_VALUES: Mapping[str, Any] = {
    "ID": "x",
    "String": "Some text",
    "Int": 7,
    "Float": 0.5,
    "Boolean": True,
    "DateTime": "2026-01-01T09:00:00Z",
    "JSON": {"city": "Bern"},
}
