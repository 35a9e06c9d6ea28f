"""How large a document may be, measured before it is validated.

Theory: some rules of GraphQL validation are quadratic, and fragments that spread fragments double at every step, so
that 1 KB of text can mean a billion fields. The measure counts each fragment once and adds its figures wherever it is
spread, which takes time linear in the document. What is too large never meets a validation rule.

    source, tokens   capped by the parser
    depth            fields below each other; introspection has a rule of its own (MaxIntrospectionDepthRule)
    aliases          after fragments are written out
    fields           after fragments are written out
    directives       after fragments are written out
    list input       items in one list of the variables
    input depth      objects and lists inside each other, in the variables and in the document's own values
    cost             what the answer may hold, see `walk`
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)

from graphql_schema.errors import Code, refusal


@dataclass(frozen=True, slots=True)
class Limits:
    """All caps of the GraphQL door. The defaults are the product's; tests may narrow them."""

    source: int = 20_000
    tokens: int = 1_000
    depth: int = 12
    aliases: int = 30
    fields: int = 450
    directives: int = 20
    list_input: int = 1_000
    input_depth: int = 32
    cost: int = 20_000


class Measure(NamedTuple):
    """Figures of one selection, its fragments written out."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    directives: int = 0

    def beside(self, other: "Measure") -> "Measure":
        """Both selections next to each other: the deeper one's depth, the sum of the rest."""
        return Measure(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.fields + other.fields,
            self.directives + other.directives,
        )


def document_errors(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """One error for the first operation that is too large, or none. The document need not be valid."""
    ruler = _Ruler(document)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            measure = ruler.selections(definition.selection_set)
            measure = measure.beside(Measure(directives=len(definition.directives or ())))
            excess = _excess(measure, limits)
            if excess:
                return [refusal(Code.QUERY_TOO_LARGE, excess)]
    return _literal_errors(document, limits)


def _literal_errors(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """An error for values that stand in the document and are nested more deeply than variables may be."""
    level = list(_literals(document))
    for _ in range(limits.input_depth):
        level = [inner for value in level for inner in _inside_literal(value)]
    return [refusal(Code.QUERY_TOO_LARGE, _too_deep(limits))] if level else []


def _literals(document: DocumentNode) -> Iterator[ValueNode]:
    """The values of arguments and defaults anywhere in the document, outermost only."""
    waiting: list[Any] = list(document.definitions)
    while waiting:
        node = waiting.pop()
        yield from (argument.value for argument in getattr(node, "arguments", None) or ())
        if getattr(node, "default_value", None) is not None:
            yield node.default_value
        waiting += getattr(node, "variable_definitions", None) or ()
        waiting += getattr(node, "directives", None) or ()
        selections = getattr(node, "selection_set", None)
        waiting += selections.selections if selections else ()


def _inside_literal(value: ValueNode) -> list[ValueNode]:
    match value:
        case ObjectValueNode():
            return [field.value for field in value.fields]
        case ListValueNode():
            return list(value.values)
        case _:
            return []


def _too_deep(limits: Limits) -> str:
    return f"Values may be nested {limits.input_depth} levels deep."


def source_errors(source: str) -> list[GraphQLError]:
    """An error if the text asks for the character NUL, which PostgreSQL cannot hold."""
    return [refusal(Code.BAD_USER_INPUT, _NUL_MESSAGE)] if _NUL.search(source) else []


def variable_errors(variables: Mapping[str, Any] | None, limits: Limits) -> list[GraphQLError]:
    """An error for values nested too deeply, a list that is too long, or a string with the character NUL."""
    level: list[Any] = [variables or {}]
    for _ in range(limits.input_depth):
        errors = [error for value in level for error in _value_errors(value, limits)]
        if errors or not level:
            return errors[:1]
        level = [inner for value in level for inner in _inside(value)]
    return [refusal(Code.QUERY_TOO_LARGE, _too_deep(limits))] if level else []


_NUL = re.compile(r"\x00|\\u0000|\\u\{0+\}")
_NUL_MESSAGE = "The character NUL (U+0000) cannot be stored. Leave it out."


def _value_errors(value: Any, limits: Limits) -> list[GraphQLError]:
    if isinstance(value, str) and "\x00" in value:
        return [refusal(Code.BAD_USER_INPUT, _NUL_MESSAGE)]
    if isinstance(value, list) and len(value) > limits.list_input:
        return [refusal(Code.QUERY_TOO_LARGE, f"A list may hold {limits.list_input} items. Split it.")]
    return []


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _excess(measure: Measure, limits: Limits) -> str | None:
    for name, found in measure._asdict().items():
        cap = getattr(limits, name)
        if found > cap:
            return f"The query has more than {cap} {_WORDS[name]}. Split it."
    return None


_WORDS = {
    "depth": "levels of fields",
    "aliases": "aliases",
    "fields": "fields with its fragments written out",
    "directives": "directives",
}


class _Ruler:
    """Measures selections of one document; every fragment is measured once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}

    def selections(self, selections: SelectionSetNode | None) -> Measure:
        total = Measure()
        for node in selections.selections if selections else ():
            total = total.beside(self._selection(node)).beside(Measure(directives=len(node.directives or ())))
        return total

    def _selection(self, node: SelectionNode) -> Measure:
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        inner = self.selections(getattr(node, "selection_set", None))
        if not isinstance(node, FieldNode):
            return inner
        depth = 0 if node.name.value.startswith("__") else inner.depth + 1
        return Measure(depth, inner.aliases + (node.alias is not None), inner.fields + 1, inner.directives)

    def _fragment(self, name: str) -> Measure:
        if name not in self._measured:
            # A fragment that spreads itself counts as empty here; validation reports the cycle.
            self._measured[name] = Measure()
            if name in self._fragments:
                self._measured[name] = self.selections(self._fragments[name].selection_set)
        return self._measured[name]
