"""What an operation selects: whether a part of it is included, and whether a field is asked for at all."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry import Info

Selected = dict[tuple[tuple[str, ...], tuple[str, ...]], bool]
"""What was found out about the selection below one field of a plan: names and `below`, as `selected` takes them."""


def included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """Whether @skip and @include leave this selection in, with the operation's variables."""
    for directive in node.directives or ():
        for argument in directive.arguments or ():
            holds = _condition(argument.value, variables)
            if directive.name.value == GraphQLSkipDirective.name and holds:
                return False
            if directive.name.value == GraphQLIncludeDirective.name and not holds:
                return False
    return True


def selected(info: Info[Any, Any], *names: str, below: tuple[str, ...] = ()) -> bool:
    """Whether any of these fields (GraphQL names) is selected directly below the field being resolved.

    It looks through fragments, aliases and conditions, so that a count nobody reads is never computed. With `below`,
    it looks that many levels further down: `below=("edges", "node")` at the nodes of a connection. Plans remember the
    answer (`calling.PlannedInfo`).
    """
    known: Selected | None = getattr(info, "selected", None)
    if known is None:
        return _selected(info, names, below)
    if (names, below) not in known:
        known[names, below] = _selected(info, names, below)
    return known[names, below]


def _selected(info: Info[Any, Any], names: tuple[str, ...], below: tuple[str, ...]) -> bool:
    raw = info._raw_info  # noqa: SLF001  The public `selected_fields` converts the whole tree below the field.
    nodes: list[FieldNode] = raw.field_nodes
    for step in below:
        nodes = [field for field in _below(info, nodes) if field.name.value == step]
    wanted = frozenset(names)
    return any(field.name.value in wanted for field in _below(info, nodes))


def _below(info: Info[Any, Any], nodes: list[FieldNode]) -> Iterator[FieldNode]:
    raw = info._raw_info  # noqa: SLF001  As above.
    level = _Below(raw.fragments, info.variable_values)
    for node in nodes:
        yield from level.fields(node.selection_set)


class _Below:
    """Walks one selection level, each fragment once."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]) -> None:
        self._fragments = fragments
        self._variables = variables
        self._seen: set[str] = set()

    def fields(self, selections: SelectionSetNode | None) -> Iterator[FieldNode]:
        for node in selections.selections if selections else ():
            if not included(node, self._variables):
                continue
            if isinstance(node, FieldNode):
                yield node
            else:
                yield from self.fields(self._inside(node))

    def _inside(self, node: SelectionNode) -> SelectionSetNode | None:
        if not isinstance(node, FragmentSpreadNode):
            return getattr(node, "selection_set", None)
        name = node.name.value
        if name in self._seen:
            return None
        self._seen.add(name)
        return self._fragments[name].selection_set


def _condition(value: Any, variables: Mapping[str, Any]) -> bool:
    return bool(variables.get(value.name.value)) if isinstance(value, VariableNode) else bool(value.value)
