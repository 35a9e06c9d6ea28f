"""Plans of the documents used last: made when a document comes for the second time, kept beside it in the library."""

from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, GraphQLSchema, NamedTypeNode, NonNullTypeNode, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values

from graphql_schema.planning import Compiler
from graphql_schema.plans import Run, Selection

MOST_PLANS = 16
"""Of one operation, for as many combinations of its conditions."""

_NONE = VariableValues({}, {})


class Planned:
    """The plans of one operation."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self._schema, self._document, self._operation = schema, document, operation
        self._conditions = [
            each.variable.name.value
            for each in operation.variable_definitions or ()
            if _named(each.type) == "Boolean"
        ]
        self._plans: dict[tuple[Any, ...], Selection | None] = {}

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
        compiler = Compiler(self._schema, self._document, self._operation, coerced)
        try:
            return compiler.plan()
        except Exception:  # noqa: BLE001  Whatever a plan cannot be made of, the library can still answer or refuse.
            return None


def _named(kind: Any) -> str:
    inner = kind.type if isinstance(kind, NonNullTypeNode) else kind
    return inner.name.value if isinstance(inner, NamedTypeNode) else ""
