"""One walk over a valid operation, before it runs: what it would cost, and which scopes it lacks.

Cost counts the fields of the largest possible answer, with the request's real variables.

    leaf, object     its own cost (1, or what `needs(cost=…)` says) and its selection
    connection       its own cost, and its selection; `edges` in it `first` or `last` times, 20 unless told, 1,000 at most
    any other list   its selection as often as `needs(size=…)` says, or the longest list argument has items, or 10 times
    list in `input`  1 for each item, where `needs(each=…)` names it; lists right below the field hold as many items
    introspection    a flat 2,000

Every fragment is walked once per number of items, so the time is linear in the document. Parts that @skip or @include leave
out cost nothing and need no scope.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    value_from_ast_untyped,
)

from graphql_schema.connections import DEFAULT_PAGE, LARGEST_PAGE
from graphql_schema.errors import Code, refusal
from graphql_schema.limits import Limits
from graphql_schema.scopes import rule_of
from graphql_schema.selection import included

ASSUMED_LIST = 10
INTROSPECTION_COST = 2_000


class Measured(NamedTuple):
    """What an operation costs, and why it may not run."""

    cost: int
    errors: list[GraphQLError]


def measured(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    scopes: frozenset[str],
    limits: Limits,
) -> Measured:
    """Measures a valid operation: FORBIDDEN once per missing scope, or else QUERY_TOO_EXPENSIVE.

    Lists in `input` have a limit of their own (`limits`), so what is sent is paid for and never too much: a call for the most
    recipients may ask for all that there is to say of each.
    """
    walk = _Walk(schema, document, {**_defaults(operation), **(variables or {})}, scopes)
    root = schema.get_root_type(operation.operation)
    cost = walk.selections(operation.selection_set, root, None)
    if walk.lacking:
        return Measured(cost, [_forbidden(scope, path, node) for scope, (path, node) in walk.lacking.items()])
    if cost > limits.cost:
        asked = walk.without_what_is_sent().selections(operation.selection_set, root, None)
        if asked > limits.cost:
            message = f"The query costs {asked}, and {limits.cost} is the most. Ask for smaller pages or fewer fields."
            return Measured(cost, [refusal(Code.QUERY_TOO_EXPENSIVE, message)])
    return Measured(cost, [])


class _Walk:
    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        scopes: frozenset[str],
        *,
        sent: bool = True,
    ) -> None:
        self._sent_counts = sent
        self._document = document
        self.lacking: dict[str, tuple[str, FieldNode]] = {}
        self._schema = schema
        self._variables = variables
        self._scopes = scopes
        self._path: list[str] = []
        self._fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self._costs: dict[tuple[str, int | None], int] = {}

    def without_what_is_sent(self) -> "_Walk":
        """Another walk, for which lists in `input` have as many items as any list of which nothing is known."""
        return _Walk(self._schema, self._document, self._variables, self._scopes, sent=False)

    def selections(self, selections: SelectionSetNode, parent: Any, page: int | None) -> int:
        """Cost of a selection on `parent`; `page` is how many items its lists hold, where a page or an input says so."""
        return sum(
            self._selection(node, parent, page)
            for node in selections.selections
            if included(node, self._variables)
        )

    def _selection(self, node: SelectionNode, parent: Any, page: int | None) -> int:
        match node:
            case FieldNode():
                return self._field(node, parent, page)
            case InlineFragmentNode():
                condition = node.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else parent
                return self.selections(node.selection_set, inner, page)
            case FragmentSpreadNode():
                return self._fragment(node.name.value, page)
            case _:
                raise TypeError(f"A selection is a field or a fragment, not {node.kind}.")

    def _fragment(self, name: str, page: int | None) -> int:
        known = self._costs.get((name, page))
        if known is None:
            fragment = self._fragments[name]
            parent = self._schema.get_type(fragment.type_condition.name.value)
            known = self._costs[name, page] = self.selections(fragment.selection_set, parent, page)
        return known

    def _field(self, node: FieldNode, parent: Any, page: int | None) -> int:
        if node.name.value.startswith("__"):
            return 0 if node.selection_set is None else INTROSPECTION_COST
        field: Any = self._schema.get_field(parent, node.name.value)
        rule = rule_of(field)
        self._path.append(node.name.value)
        for scope in rule.scopes - self._scopes:
            self.lacking.setdefault(scope, (".".join(self._path), node))
        inside, items = node.selection_set, self._sent(node, rule.each)
        cost = rule.cost + (items or 0) + (self._below(inside, node, field, page, items) if inside else 0)
        self._path.pop()
        return cost

    def _sent(self, node: FieldNode, name: str | None) -> int | None:
        """How many items the list of this name has in the argument `input`; None where it has none."""
        if name is None or not self._sent_counts:
            return None
        given = next((a.value for a in node.arguments or () if a.name.value == "input"), None)
        if isinstance(given, VariableNode):
            values = self._variables.get(given.name.value)
            return items_of(values.get(name)) if isinstance(values, Mapping) else None
        fields = given.fields if isinstance(given, ObjectValueNode) else ()
        found = next((field.value for field in fields if field.name.value == name), None)
        return None if found is None else self._items_or_one(found)

    def _items_or_one(self, value: Any) -> int | None:
        if isinstance(value, ListValueNode):
            return len(value.values)
        return items_of(self._value(value))

    def _below(
        self,
        selections: SelectionSetNode,
        node: FieldNode,
        field: GraphQLField,
        page: int | None,
        items: int | None,
    ) -> int:
        kind = get_named_type(field.type)
        if _is_connection(kind):
            return self.selections(selections, kind, self._page(node))
        times = self._length(node, field, page) if _is_list(field) else 1
        return times * self.selections(selections, kind, items)

    def _page(self, node: FieldNode) -> int:
        """The page size that was asked for; what is out of bounds is refused later, by the resolver."""
        values = [self._value(a.value) for a in node.arguments or () if a.name.value in {"first", "last"}]
        sizes = [value for value in values if isinstance(value, (int, float))]
        return int(min(max(0, *sizes), LARGEST_PAGE)) if sizes else DEFAULT_PAGE

    def _length(self, node: FieldNode, field: GraphQLField, page: int | None) -> int:
        size = rule_of(field).size
        if size is not None:
            return size
        if page is not None:
            return page
        lengths = [self._items(a.value) for a in node.arguments or ()]
        return max((length for length in lengths if length is not None), default=ASSUMED_LIST)

    def _items(self, value: Any) -> int | None:
        if isinstance(value, ListValueNode):
            return len(value.values)
        given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
        return len(given) if isinstance(given, list) else None

    def _value(self, value: Any) -> Any:
        return value_from_ast_untyped(value, dict(self._variables))


def items_of(value: Any) -> int | None:
    """How many items an input list has that was given as a variable; one that is no list counts as its only item."""
    if value is None:
        return None
    return len(value) if isinstance(value, list) else 1


def _is_connection(kind: GraphQLNamedType) -> bool:
    return kind.name.endswith("Connection")


def _is_list(field: GraphQLField) -> bool:
    kind = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    return isinstance(kind, GraphQLList)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }


def _forbidden(scope: str, path: str, node: FieldNode) -> GraphQLError:
    return refusal(Code.FORBIDDEN, f"The field {path} needs the scope {scope}, which this token lacks.", node)
