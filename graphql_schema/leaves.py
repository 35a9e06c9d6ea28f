"""How a plan writes values of scalars and enums: as the library does, with short cuts for what needs no change."""

from collections.abc import Callable
from datetime import datetime
from enum import EnumType
from typing import Any, NamedTuple

from graphql import Undefined
from graphql.type import GraphQLBoolean, GraphQLID, GraphQLInt, GraphQLString

from graphql_schema.scalars import write_datetime

_LARGEST_INT = 2**31
_AS_IT_IS = {GraphQLString: str, GraphQLBoolean: bool, GraphQLID: str}

Write = Callable[[Any], Any]


class Unusual(Exception):
    """Something that a plan leaves to the library."""


class Leaf(NamedTuple):
    """How values are written: those of the class `exact` by `quick` (None: as they are), all others by `write`."""

    exact: type
    quick: Write | None
    write: Write


def leaf(kind: Any, *, nullable: bool) -> Leaf:
    """How values of this type are written. `write` raises `Unusual`, or what the library would catch, if it cannot."""
    write = _careful(kind.coerce_output_value, nullable=nullable)
    if kind in _AS_IT_IS:
        return Leaf(_AS_IT_IS[kind], None, write)
    if kind is GraphQLInt:
        return Leaf(int, _int, write)
    if kind.name == "DateTime":
        return Leaf(datetime, write_datetime, write)
    members = getattr(kind, "wrapped_cls", None)
    if isinstance(members, EnumType):
        names = {member: kind.coerce_output_value(member) for member in list[Any](members)}
        return Leaf(members, names.__getitem__, write)
    return Leaf(Unusual, None, write)


def _careful(coerce: Write, *, nullable: bool) -> Write:
    def write(value: Any) -> Any:
        if value is None and nullable:
            return None
        found = None if value is None else coerce(value)
        if found is None or found is Undefined:
            raise Unusual
        return found

    return write


def _int(value: int) -> Any:
    return value if -_LARGEST_INT <= value < _LARGEST_INT else GraphQLInt.coerce_output_value(value)
