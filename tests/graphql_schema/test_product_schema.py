"""The schema as a whole: printed, described, and no field of it without its scopes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

import graphql_schema
from app.domain.principal import SCOPES, Principal
from graphql_schema.context import Context
from graphql_schema.schema import printed
from graphql_schema.scopes import rule_of
from tests.graphql_schema.product import SCHEMA

CORE = SCHEMA._schema
OPEN = {"Query.viewer", "Query.node", "Query.nodes", "Subscription.jobProgress", "Mutation.createExport"}
"""What any valid token may ask; what an export needs depends on its kind."""


def test_the_printed_schema_is_fresh() -> None:
    """If this fails, `python -m graphql_schema.schema > graphql_schema/schema.graphql` mends it."""
    committed = Path(graphql_schema.__file__).with_name("schema.graphql").read_text()

    assert committed == printed()


def test_everything_is_described() -> None:
    silent = [name for name, description in _descriptions() if not (description or "").strip()]

    assert silent == []


def _descriptions() -> Iterator[tuple[str, str | None]]:
    for kind in CORE.type_map.values():
        if kind.name.startswith("__"):
            continue
        yield kind.name, kind.description
        match kind:
            case GraphQLEnumType():
                yield from ((f"{kind.name}.{name}", value.description) for name, value in kind.values.items())
            case GraphQLObjectType() | GraphQLInterfaceType() | GraphQLInputObjectType():
                for name, field in kind.fields.items():
                    yield f"{kind.name}.{name}", field.description
                    for argument, about in getattr(field, "args", {}).items():
                        yield f"{kind.name}.{name}({argument})", about.description
            case _:
                pass


def test_no_argument_or_input_has_a_default_that_the_contract_has_not() -> None:
    sdl = printed()

    assert " = " not in "\n".join(line for line in sdl.splitlines() if not line.lstrip().startswith('"'))


def test_every_root_field_needs_a_scope_but_these() -> None:
    roots = [root for root in (CORE.query_type, CORE.mutation_type, CORE.subscription_type) if root]

    free = {
        f"{root.name}.{name}"
        for root in roots
        for name, field in root.fields.items()
        if not rule_of(field).scopes
    }

    assert free == OPEN


async def test_no_field_answers_without_its_scopes() -> None:
    """Every field, by the shortest way to it, with every scope but one: refused before anything runs."""
    checked = 0
    for query, scopes in _ways():
        for scope in scopes:
            context = Context(None, Principal(1, 1, None, SCOPES - {scope}))
            result = await SCHEMA.execute(query, context_value=context)
            assert result.errors, query
            assert [(error.extensions or {})["code"] for error in result.errors] == ["FORBIDDEN"], query
            assert scope in result.errors[0].message
            checked += 1

    assert checked > 250


def _ways() -> Iterator[tuple[str, frozenset[str]]]:
    """A query for each field of each type, and all scopes that it needs on its way."""
    seen: set[str] = set()
    for root, word in ((CORE.query_type, "query"), (CORE.mutation_type, "mutation")):
        assert root
        level: list[tuple[GraphQLObjectType, str, str, frozenset[str]]] = [
            (root, word + " {", "}", frozenset())
        ]
        while level:
            deeper = []
            for kind, before, behind, scopes in level:
                for name, field in kind.fields.items():
                    needed = scopes | rule_of(field).scopes
                    inner: Any = get_named_type(field.type)
                    here = f"{before} {name}{_arguments(field)}"
                    below = " { __typename }" if is_composite_type(inner) else ""
                    yield f"{here}{below} {behind}", needed
                    if isinstance(inner, GraphQLObjectType) and inner.name not in seen:
                        seen.add(inner.name)
                        deeper.append((inner, f"{here} {{", f"}} {behind}", needed))
            level = deeper


def _arguments(field: GraphQLField) -> str:
    given = [f"{name}: {_literal(each)}" for name, each in field.args.items() if is_required_argument(each)]
    return f"({', '.join(given)})" if given else ""


def _literal(argument: GraphQLArgument | GraphQLInputField) -> str:
    kind = argument.type.of_type if isinstance(argument.type, GraphQLNonNull) else argument.type
    if isinstance(kind, GraphQLList):
        return "[]"
    if isinstance(kind, GraphQLInputObjectType):
        wanted = {n: f for n, f in kind.fields.items() if is_required_input_field(f)}
        if kind.extensions["strawberry-definition"].is_one_of:
            wanted = dict([next(iter(kind.fields.items()))])
        fields = [f"{n}: {_literal(f)}" for n, f in wanted.items()]
        return f"{{ {', '.join(fields)} }}"
    return next(iter(kind.values)) if isinstance(kind, GraphQLEnumType) else '"x"'
