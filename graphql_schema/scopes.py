"""Which scopes a field needs, said on the field and read once when the schema is built.

    settings: Settings = strawberry.field(resolver=…, metadata=needs("settings:read"))
    viewer: Viewer = strawberry.field(resolver=…, metadata=PUBLIC)

    @strawberry.type
    @requires("subscribers:read")
    class Subscriber(Node): …

Rules. Every field of Query, Mutation and Subscription says what it needs. A nested field needs what its parents need,
and its own scopes besides. A type that can be reached through an interface or a union says what it needs itself,
because `node(id)` leads to it past all parents; any of its fields then needs that too. A field of an interface needs
what any of its implementations declares on that field. All scopes of a rule are needed together.

Strawberry's `permission_classes` are not used: they push every field off the fast path. `walk` checks these rules once
an operation.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, is_abstract_type
from strawberry.schema.schema_converter import GraphQLCoreConverter

from app.domain.principal import SCOPES

AnyClass = TypeVar("AnyClass", bound=type)


@dataclass(frozen=True, slots=True)
class Rule:
    """What selecting a field takes: scopes, its own cost, the assumed length of a list, and the list in `input` to count."""

    scopes: frozenset[str] = frozenset()
    cost: int = 1
    size: int | None = None
    each: str | None = None


_METADATA = "assent"
_TYPE_RULE = "__needs__"
_FIELD_RULE = "assent-rule"
_EMPTY = Rule()


class UndeclaredScope(TypeError):
    """A field or type that must say which scopes it needs says nothing."""


def needs(
    *scopes: str, cost: int = 1, size: int | None = None, each: str | None = None
) -> Mapping[str, Rule]:
    """Metadata for `strawberry.field`.

    Args:
        scopes: All of them are needed. None at all means that any valid token will do.
        cost: What resolving the field itself costs, in leaf fields; its selection is added.
        size: How many items a list holds that is not a connection, where that is known; 10 is assumed otherwise.
        each: The name of a list in the field's argument `input`: each of its items costs 1, and the lists right below
            the field hold as many, but for those that have a `size`.

    Raises:
        ValueError: A scope that does not exist.
    """
    return {_METADATA: Rule(_known(scopes), cost, size, each)}


PUBLIC: Mapping[str, Rule] = {_METADATA: _EMPTY}
"""Any valid token may select the field. There is no way to let somebody in without a token."""


def requires(*scopes: str) -> Callable[[AnyClass], AnyClass]:
    """Class decorator: every field of this type needs these scopes, by whatever way it was reached.

    Without a scope, any valid token may read the type. It goes below `@strawberry.type`.
    """
    rule = Rule(_known(scopes))

    def declare(decorated: AnyClass) -> AnyClass:
        setattr(decorated, _TYPE_RULE, rule)
        return decorated

    return declare


def may_read(scopes: frozenset[str], decorated: type) -> bool:
    """Whether a token with these scopes may read a type that `@requires` something.

    For resolvers that answer with an interface: `node(id)` must not even say whether a thing exists.
    """
    rule: Rule = getattr(decorated, _TYPE_RULE)
    return rule.scopes <= scopes


def rule_of(field: GraphQLField) -> Rule:
    """The field's whole rule, its type's included. Fields of introspection have the empty one."""
    rule: Rule = field.extensions.get(_FIELD_RULE, _EMPTY)
    return rule


def settle_rules(schema: GraphQLSchema) -> frozenset[str]:
    """Writes each field's rule on the field, where `rule_of` finds it; answers with every list that `each` names.

    Raises:
        UndeclaredScope: Names every root field, and every type behind an interface or union, that declares nothing.
    """
    undeclared = [*_silent_root_fields(schema), *_silent_types(schema)]
    if undeclared:
        raise UndeclaredScope("No scope is declared on: " + ", ".join(undeclared))
    for kind in _composite_types(schema):
        for name, field in kind.fields.items():
            field.extensions[_FIELD_RULE] = _whole_rule(schema, kind, name)
    rules = [rule_of(field) for kind in _composite_types(schema) for field in kind.fields.values()]
    return frozenset(rule.each for rule in rules if rule.each)


def _known(scopes: tuple[str, ...]) -> frozenset[str]:
    unknown = sorted(set(scopes) - SCOPES)
    if unknown:
        raise ValueError(f"There is no scope {', '.join(unknown)}.")
    return frozenset(scopes)


def _composite_types(schema: GraphQLSchema) -> Iterator[GraphQLObjectType | GraphQLInterfaceType]:
    for kind in schema.type_map.values():
        if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)) and not kind.name.startswith("__"):
            yield kind


def _silent_root_fields(schema: GraphQLSchema) -> Iterator[str]:
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in root.fields.items() if root else ():
            if _declared(field) is None:
                yield f"{root.name}.{name}" if root else name


def _silent_types(schema: GraphQLSchema) -> Iterator[str]:
    for kind in schema.type_map.values():
        for member in schema.get_possible_types(kind) if is_abstract_type(kind) else ():
            if _type_rule(member) is None:
                yield member.name


def _whole_rule(schema: GraphQLSchema, kind: GraphQLObjectType | GraphQLInterfaceType, name: str) -> Rule:
    own = _declared(kind.fields[name]) or _EMPTY
    scopes = own.scopes | (_type_rule(kind) or _EMPTY).scopes
    if isinstance(kind, GraphQLInterfaceType):
        for member in schema.get_possible_types(kind):
            scopes |= (_declared(member.fields[name]) or _EMPTY).scopes
    return Rule(scopes, own.cost, own.size, own.each)


def _declared(field: GraphQLField) -> Rule | None:
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return definition.metadata.get(_METADATA) if definition is not None else None


def _type_rule(kind: GraphQLObjectType | GraphQLInterfaceType) -> Rule | None:
    definition: Any = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return getattr(definition.origin, _TYPE_RULE, None) if definition is not None else None
