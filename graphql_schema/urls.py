"""What may not stand in a URL: inputs that name a person, since URLs are written into the logs of proxies and servers.

A GET is refused that gives such an input, in its document or in its variables, whether or not it would find anybody.
Inputs say so themselves: `strawberry.field(metadata=PERSONAL_INPUT)`, or `strawberry.argument(…)` likewise.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    type_from_ast,
    visit,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_schema.errors import Code, refusal

_PERSONAL = "assent-personal"
PERSONAL_INPUT: Mapping[str, bool] = {_PERSONAL: True}
"""Metadata of inputs that name a person."""


def url_errors(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
) -> list[GraphQLError]:
    """An error for the first personal input of an operation that came in a URL, or none."""
    types = TypeInfo(schema)
    finder = _Finder(types)
    visit(document, TypeInfoVisitor(types, finder))
    found = [*finder.found, *_in_variables(schema, operation, variables or {})]
    if not found:
        return []
    message = f"{found[0]} names a person, and URLs end up in logs. Send this query by POST."
    return [refusal(Code.BAD_USER_INPUT, message)]


class _Finder(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.found: list[str] = []
        self._types = types

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        """An argument of a field."""
        if _is_personal(self._types.get_argument()):
            self.found.append(node.name.value)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        """A field of an input that is written out."""
        kind = get_named_type(self._types.get_parent_input_type())
        if isinstance(kind, GraphQLInputObjectType) and _is_personal(kind.fields.get(node.name.value)):
            self.found.append(node.name.value)


def _in_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> list[str]:
    found = []
    for definition in operation.variable_definitions or ():
        kind = get_named_type(type_from_ast(schema, definition.type))
        found += _in_value(kind, variables.get(definition.variable.name.value))
    return found


def _in_value(kind: Any, value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for each in value for name in _in_value(kind, each)]
    if not isinstance(kind, GraphQLInputObjectType) or not isinstance(value, dict):
        return []
    given = {name: field for name, field in kind.fields.items() if name in value}
    below = [
        name for key, field in given.items() for name in _in_value(get_named_type(field.type), value[key])
    ]
    return [name for name, field in given.items() if _is_personal(field)] + below


def _is_personal(definition: Any) -> bool:
    made = (definition.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF) if definition else None
    return made is not None and bool(made.metadata.get(_PERSONAL))
