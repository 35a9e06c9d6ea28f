"""What the schema promises beyond its names: where each scalar is specified, and what follows a field that goes."""

import re
from collections.abc import Iterator
from datetime import date

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    is_specified_scalar_type,
)

from tests.graphql_schema.product import SCHEMA

REASON = re.compile(
    r"Use `?(?P<successor>[A-Za-z_.]+)`? instead\. It goes after (?P<day>\d{4}-\d{2}-\d{2})\."
)


def test_every_scalar_of_our_own_says_where_it_is_specified() -> None:
    scalars = [kind for kind in SCHEMA._schema.type_map.values() if isinstance(kind, GraphQLScalarType)]
    own = {kind.name: kind.specified_by_url for kind in scalars if not is_specified_scalar_type(kind)}

    assert own
    assert [name for name, url in own.items() if not (url or "").startswith("https://")] == []


def test_whatever_is_deprecated_names_its_successor_and_its_day() -> None:
    assert list(unclear(SCHEMA._schema)) == []


def test_a_deprecation_that_leads_nowhere_is_found() -> None:
    """Nothing is deprecated as long as nothing is released; this proves that the rule would be kept."""
    schema = build_schema("""
        type Query {
          clear(a: Int @deprecated(reason: "Use `Query.new` instead. It goes after 2027-06-30.")): Int
          short: Int @deprecated(reason: "Use new instead. It goes after 2027-06-30.")
          bare: Int @deprecated
          nowhere: Int @deprecated(reason: "Use Query.old instead. It goes after 2027-06-30.")
          never: Int @deprecated(reason: "Use new instead. It goes after 2027-02-30.")
          new(old: Int @deprecated(reason: "Please not.")): Kind
        }
        enum Kind { A @deprecated(reason: "Use B instead. It goes after 2027-06-30.") B C @deprecated }
    """)

    found = sorted(unclear(schema))

    assert found == ["Kind.C", "Query.bare", "Query.never", "Query.new(old)", "Query.nowhere"]


def unclear(schema: GraphQLSchema) -> Iterator[str]:
    """Whatever is deprecated without a successor that is there and a day that exists."""
    for name, holder, reason in _deprecated(schema):
        said = REASON.search(reason)
        if said is None or not _is_there(schema, holder, said["successor"]) or not _is_day(said["day"]):
            yield name


def _deprecated(schema: GraphQLSchema) -> Iterator[tuple[str, str, str]]:
    for kind in schema.type_map.values():
        match kind:
            case GraphQLEnumType():
                members = dict(kind.values)
            case GraphQLObjectType() | GraphQLInterfaceType() | GraphQLInputObjectType():
                members = dict(kind.fields)
            case _:
                continue
        for name, member in members.items():
            parts = [(f"{kind.name}.{name}", member)]
            parts += [(f"{kind.name}.{name}({a})", each) for a, each in getattr(member, "args", {}).items()]
            yield from (
                (n, kind.name, p.deprecation_reason) for n, p in parts if p.deprecation_reason is not None
            )


def _is_there(schema: GraphQLSchema, holder: str, successor: str) -> bool:
    kind_name, _, name = successor.rpartition(".")
    kind = schema.type_map.get(kind_name or holder)
    return name in {**getattr(kind, "fields", {}), **getattr(kind, "values", {})}


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
