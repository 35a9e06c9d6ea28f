"""Plans of the documents used last: made when a document comes for the second time, kept beside it in the library."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from graphql import DocumentNode, GraphQLSchema, NamedTypeNode, NonNullTypeNode, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values

from graphql_schema.planning import Compiler
from graphql_schema.plans import Run, Selection

MOST_PLANS = 16
"""Of one operation, for as many combinations of its conditions."""

MOST_FIELDS = 30_000
"""Of all plans of a library together. A field takes some 2 KB."""

_NONE = VariableValues({}, {})


class Room:
    """How much the plans of one library hold together. Once that is too much, all of them are forgotten."""

    def __init__(self, most: int = MOST_FIELDS) -> None:
        """`most` is a number of fields."""
        self._most = most
        self._taken = 0
        self._tenants: WeakSet[Planned] = WeakSet()

    def enter(self, planned: "Planned") -> None:
        """Tells whose plans may have to be forgotten."""
        self._tenants.add(planned)

    def take(self, fields: int) -> None:
        """Counts the fields of a plan under way."""
        self._taken += fields
        if self._taken > self._most:
            self._taken = fields
            for each in self._tenants:
                each.forget()


class Planned:
    """The plans of one operation. Of whoever asks they keep nothing but the values of conditions."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, room: Room
    ) -> None:
        self._schema, self._document, self._operation, self._room = schema, document, operation, room
        self._conditions = [
            each.variable.name.value
            for each in operation.variable_definitions or ()
            if _named(each.type) == "Boolean"
        ]
        self._plans: dict[tuple[Any, ...], Selection | None] = {}
        room.enter(self)

    def forget(self) -> None:
        """Drops the plans; they are made again when they are asked for."""
        self._plans.clear()

    async def answer(self, variables: Mapping[str, Any] | None, context: Any) -> dict[str, Any] | None:
        """The data, or None where the library has to answer."""
        coerced = self._coerced(variables)
        if coerced is None:
            return None
        plan = self._plan(coerced)
        if plan is None:
            return None
        try:
            answers = await plan.many([None], Run(coerced, context))
        except Exception:  # noqa: BLE001  The library runs the query again and says what went wrong, and where.
            return None
        return answers[0]

    def _coerced(self, variables: Mapping[str, Any] | None) -> VariableValues | None:
        definitions = self._operation.variable_definitions
        if not definitions:
            return _NONE
        found = get_variable_values(self._schema, definitions, dict(variables or {}))
        return found if isinstance(found, VariableValues) else None

    def _plan(self, coerced: VariableValues) -> Selection | None:
        key = tuple(coerced.coerced.get(name) for name in self._conditions)
        if key not in self._plans:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            self._plans[key] = self._made(coerced)
        return self._plans[key]

    def _made(self, coerced: VariableValues) -> Selection | None:
        conditions = VariableValues(
            *({name: each[name] for name in self._conditions if name in each} for each in coerced)
        )
        compiler = Compiler(self._schema, self._document, self._operation, conditions, self._room.take)
        try:
            return compiler.plan()
        except Exception:  # noqa: BLE001  Whatever a plan cannot be made of, the library can still answer or refuse.
            return None


def _named(kind: Any) -> str:
    inner = kind.type if isinstance(kind, NonNullTypeNode) else kind
    return inner.name.value if isinstance(inner, NamedTypeNode) else ""
