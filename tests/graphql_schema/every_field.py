"""Operations that together ask for every field of the product's queries, each with all plain fields of one object.

Ask        root field, the way down from it, the fields at its end, and the scopes that all of it declares
given      arguments by (type, field), written as in a document; a field whose arguments are missing is not asked
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from graphql_schema.scopes import rule_of
from tests.graphql_schema.product import SCHEMA

CORE = SCHEMA._schema
NODES = sorted(kind.name for kind in CORE.get_possible_types(CORE.type_map["Node"]))
DEEPEST = 11
"""Objects below each other; their plain fields are one level more, which is what the guard lets in."""
Given = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Ask:
    """One operation: `way` is written from the root on, each step with its arguments; `leaves` stand at its end."""

    way: tuple[str, ...]
    leaves: tuple[str, ...]
    scopes: frozenset[str]
    kinds: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """As it is sent."""
        return "{ " + " { ".join((*self.way, " ".join(self.leaves))) + " }" * (len(self.way) + 1)

    @property
    def name(self) -> str:
        """For people who read why a test failed."""
        return " / ".join(step.partition("(")[0] for step in self.way)

    def step(self, written: str, kind: str, scopes: frozenset[str]) -> "Ask":
        """One step further down."""
        return replace(self, way=(*self.way, written), kinds=(*self.kinds, kind), scopes=self.scopes | scopes)


def asks(given: Given, ids: Mapping[str, str]) -> Iterator[Ask]:
    """Every object that a query leads to, by the shortest ways without meeting a type twice, and each node by its id."""
    root = CORE.query_type
    assert root is not None
    nothing = Ask((), (), frozenset())
    for name, field in root.fields.items():
        if name not in {"node", "nodes"}:
            yield from _below(nothing, root, name, field, given)
    for kind, value in ids.items():
        found = nothing.step(f'node(id: "{value}")', "Node", frozenset())
        yield from _objects(found.step(f"... on {kind}", kind, frozenset()), CORE.type_map[kind], given)


def _below(ask: Ask, parent: GraphQLNamedType, name: str, field: GraphQLField, given: Given) -> Iterator[Ask]:
    kind = get_named_type(field.type)
    written = given.get((parent.name, name), "")
    needy = any(is_required_argument(each) for each in field.args.values()) and not written
    if needy or kind.name in ask.kinds or len(ask.way) == DEEPEST:
        return
    if is_leaf_type(kind):
        if not ask.way:
            yield replace(ask, leaves=(name + written,), scopes=rule_of(field).scopes)
        return
    yield from _objects(ask.step(name + written, kind.name, rule_of(field).scopes), kind, given)


def _objects(ask: Ask, kind: GraphQLNamedType, given: Given) -> Iterator[Ask]:
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType), kind
    for name, field in kind.fields.items():
        yield from _below(ask, kind, name, field, given)
    plain = {
        name: field
        for name, field in kind.fields.items()
        if is_leaf_type(get_named_type(field.type)) and (not field.args or (kind.name, name) in given)
    }
    # Fields with scopes of their own are asked apart, so that the others are asked without those scopes, too.
    for scopes in {rule_of(field).scopes for field in plain.values()}:
        chosen = tuple(
            name + given.get((kind.name, name), "")
            for name, field in plain.items()
            if rule_of(field).scopes == scopes
        )
        yield replace(ask, leaves=("__typename", *chosen), scopes=ask.scopes | scopes)


def few(found: Iterable[Ask]) -> list[Ask]:
    """The shortest way to each object, by its id where there is one: enough where it is the object that answers, and not the way to it."""
    shortest: dict[tuple[object, ...], Ask] = {}
    for ask in found:
        key = ask.kinds[-1:], ask.leaves
        if key not in shortest or len(ask.way) <= len(shortest[key].way):
            shortest[key] = ask
    return list(shortest.values())


def fields_asked(found: list[Ask]) -> set[str]:
    """`Type.field` of all plain fields that these operations ask for."""
    return {
        f"{(ask.kinds or ('Query',))[-1]}.{leaf.partition('(')[0]}" for ask in found for leaf in ask.leaves
    }


def plain_fields() -> set[str]:
    """`Type.field` of all plain fields of objects that queries lead to, as the schema has them."""
    found, waiting = set[str](), [CORE.query_type, *(CORE.type_map[kind] for kind in NODES)]
    seen = set[str]()
    while waiting:
        kind = waiting.pop()
        if not isinstance(kind, GraphQLObjectType) or kind.name in seen:
            continue
        seen.add(kind.name)
        for name, field in kind.fields.items():
            inner = get_named_type(field.type)
            if is_leaf_type(inner):
                found.add(f"{kind.name}.{name}")
            else:
                waiting.append(inner)
    return found
