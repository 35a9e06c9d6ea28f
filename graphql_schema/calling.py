"""How a plan calls resolvers: with the arguments and the `info` that the library would hand them.

What does not depend on a request is found out once: arguments without variables are coerced when a field is called for the
first time, and what a resolver learns about its selection (`selection.selected`) is the same each time, since a plan
holds for one set of conditions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import (
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    print_ast,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry import Info
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo as RawInfo
from strawberry.schema.schema_converter import get_arguments
from strawberry.types.field import StrawberryField

from graphql_schema.leaves import Unusual
from graphql_schema.plans import Later, Run, together
from graphql_schema.selection import Selected


@dataclass
class PlannedInfo(Info[Any, Any]):
    """What a resolver knows, with what was found out about its selection in earlier runs of the plan."""

    selected: Selected = field(default_factory=dict)


class Field(NamedTuple):
    """A field as a document selects it."""

    kind: GraphQLObjectType
    definition: GraphQLField
    made: StrawberryField
    details: FieldDetailsList
    fragments: dict[str, FragmentDefinitionNode]
    operation: OperationDefinitionNode
    schema: Any


Ask = Callable[[Run], tuple[PlannedInfo, dict[str, Any]]]
"""The `info` and all other arguments of a field in one run."""


def asking(of: Field) -> Ask:
    """How the arguments of a field are found. Raises `Unusual` where it has no resolver of a plain form."""
    made, node = of.made, of.details[0].node
    resolver = made.base_resolver
    if resolver is None or resolver.parent_parameter or resolver.root_parameter:
        raise Unusual
    nodes, path = [each.node for each in of.details], Path(None, node.name.value, of.kind.name)
    fixed = not any("$" in print_ast(argument) for argument in node.arguments or ())
    kept: list[dict[str, Any]] = []
    selected: Selected = {}

    def ask(run: Run) -> tuple[PlannedInfo, dict[str, Any]]:
        raw: Any = RawInfo(
            node.name.value, nodes, of.definition.type, of.kind, path, of.schema, of.fragments, None, of.operation,
            run.variables.coerced, run.context, isawaitable, None, None, {},
        )  # fmt: skip
        info = PlannedInfo(raw, made, selected)
        if kept:
            return info, kept[0]
        arguments = _arguments(made, info, get_argument_values(of.definition, node, run.variables))
        if fixed:
            kept.append(arguments)
        return info, arguments

    return ask


def called(of: Field, at_once: Any) -> Later:
    """Fetches the values of a field for all objects of a level, `at_once` where it can. Raises `Unusual`."""
    ask, resolver = asking(of), of.made.base_resolver

    async def fetch(sources: list[Any], run: Run) -> list[Any]:
        info, arguments = ask(run)
        if at_once is not None:
            return list(await at_once(info, sources, **arguments))
        if resolver is not None and resolver.info_parameter:
            arguments = {**arguments, resolver.info_parameter.name: info}
        found = [resolver(source, **arguments) for source in sources]  # type: ignore[misc]  # `asking` has looked.
        return await together(found) if found and isawaitable(found[0]) else found

    return fetch


def _arguments(made: StrawberryField, info: Info[Any, Any], values: dict[str, Any]) -> dict[str, Any]:
    schema: Any = info.schema
    converter = schema.schema_converter
    _, arguments = get_arguments(
        field=made, source=None, info=info, kwargs=values,
        config=schema.config, scalar_registry=converter.scalar_registry,
    )  # fmt: skip
    resolver = made.base_resolver
    if resolver is not None and resolver.info_parameter:
        arguments.pop(resolver.info_parameter.name, None)
    return arguments
