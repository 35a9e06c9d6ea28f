"""The gate before execution: every document passes it once, every operation each time it runs.

    on_parse      caps on length and tokens; a document seen before is not parsed again
    on_validate   once a document:    limits (`limits`), then the rules of GraphQL
                  each time it runs:  operation name, variables, scopes and cost (`walk`), and the caller's budget

Whoever sends a document that is new here, or that is wrong, pays for its reading first (`Library.unpaid`): otherwise a spent
budget would still have us parse and validate whatever comes. What the walk found is remembered for the same operation, scopes, and shape of variables. `known_operation` passes the
same gate without Strawberry's hooks, for documents that were used before (`planned`).

One extension instead of Strawberry's five: its depth and alias limits walk fragments without memory, so that 748 bytes
block the loop for seconds, and its validation cache never hits beside them. All refusals are request errors: nothing
of the operation runs.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_schema.context import Context
from graphql_schema.errors import MOST_ERRORS, Code, refusal
from graphql_schema.limits import Limits, document_errors, source_errors, variable_errors
from graphql_schema.planned import Planned, Room
from graphql_schema.urls import url_errors
from graphql_schema.walk import Measured, items_of, measured

READING = 5_000
"""What it costs to parse and validate a document: as much as it takes, in microseconds of a worker, if it is not small."""

MOST_MEASURES = 64
"""Of one document, for as many callers' scopes and shapes of variables."""


@dataclass(slots=True)
class Known:
    """A document that was parsed, its verdict once it was validated, and what was found out about its operations."""

    document: DocumentNode
    errors: list[GraphQLError] | None = None
    measures: dict[tuple[Any, ...], Measured] = field(default_factory=dict)
    plans: dict[str | None, Planned] = field(default_factory=dict)


class Library:
    """The documents used last, by their text. One per schema; the event loop is its only reader and writer."""

    def __init__(self, limits: Limits, room: int = 256) -> None:
        self.limits = limits
        self.counted: frozenset[str] = frozenset()
        """The lists inside inputs whose lengths the walk looks at (`scopes.settle_rules`)."""
        self._room = room
        self.plans_room = Room()
        self._known: OrderedDict[str, Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, source: str | None) -> Known | None:
        """The document of this text, if it was used lately."""
        known = self._known.get(source) if source else None
        if source and known:
            self._known.move_to_end(source)
        return known

    def keep(self, source: str, document: DocumentNode) -> None:
        """Remembers a parsed document, and forgets the one that was not used for the longest time."""
        self._known[source] = Known(document)
        if len(self._known) > self._room:
            self._known.popitem(last=False)

    def unpaid(self, source: str | None, context: Any) -> list[GraphQLError]:
        """What keeps a document from being read: its reading is paid for first, unless it is known to be right."""
        known = self.find(source)
        if not source or (known and not known.errors):
            return []
        return context.pay(READING) if isinstance(context, Context) and context.caller else []

    def verdict(self, schema: GraphQLSchema, source: str, document: DocumentNode) -> list[GraphQLError]:
        """What is wrong with the document whoever runs it; found once, then remembered."""
        known = self.find(source) or Known(document)
        if known.errors is None:
            known.errors = self._judge(schema, source, document)
        return known.errors

    def operation_errors(
        self,
        schema: GraphQLSchema,
        known: Known,
        name: str | None,
        variables: Mapping[str, Any] | None,
        context: Any,
    ) -> list[GraphQLError]:
        """What is wrong with one operation of a valid document for this caller, now; if nothing is, it is paid for."""
        caller = context.caller if isinstance(context, Context) else None
        if caller is None:
            return [refusal(Code.UNAUTHENTICATED, "This needs a token: Authorization: Bearer <token>.")]
        errors = variable_errors(variables, self.limits) if variables else []
        operation = None if errors else chosen(known.document, name)
        if operation is None:
            return errors or [
                refusal(Code.BAD_USER_INPUT, "Say which operation to run: operationName is missing.")
            ]
        if context.in_url:
            errors = url_errors(schema, known.document, operation, variables)
        key = name, caller.scopes, _shape(operation, variables or {}, self.counted)
        found = known.measures.get(key)
        if found is None:
            found = measured(schema, known.document, operation, variables, caller.scopes, self.limits)
            if len(known.measures) >= MOST_MEASURES:
                known.measures.clear()
            known.measures[key] = found
        return errors or found.errors or context.pay(found.cost)

    def _judge(self, schema: GraphQLSchema, source: str, document: DocumentNode) -> list[GraphQLError]:
        refused = source_errors(source) or document_errors(document, self.limits)
        if refused:
            return refused
        errors = validate(schema, document, _RULES, max_errors=MOST_ERRORS - 1, hide_suggestions=True)
        return [_invalid(error) for error in errors]


class Guard(SchemaExtension):
    """Runs the gate for one operation; Strawberry makes one per operation."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def on_parse(self) -> Iterator[None]:
        """Takes the document from the library, or lets it be parsed under the caps and puts it there."""
        context, limits = self.execution_context, self._library.limits
        options = {"max_tokens": limits.tokens, "max_source_length": limits.source}
        context.parse_options.update(options)  # type: ignore[typeddict-item]  # Its type knows one option only.
        known = self._library.find(context.query)
        if known:
            context.graphql_document = known.document
        yield
        if not known and context.query and context.graphql_document:
            self._library.keep(context.query, context.graphql_document)

    def on_validate(self) -> Iterator[None]:
        """Leaves the refusals in `pre_execution_errors`; a list, even an empty one, stops a second validation."""
        self.execution_context.pre_execution_errors = list(self._errors())
        yield

    def _errors(self) -> list[GraphQLError]:
        context = self.execution_context
        document, schema = context.graphql_document, context.schema._schema  # noqa: SLF001  There is no other name.
        if document is None or context.query is None:
            return [refusal(Code.BAD_USER_INPUT, "The request holds no document.")]
        verdict = self._library.verdict(schema, context.query, document)
        if verdict:
            return verdict
        known = self._library.find(context.query) or Known(document)
        name = context._provided_operation_name  # noqa: SLF001  `operation_name` guesses the first.
        return self._library.operation_errors(schema, known, name, context.variables, context.context)


def chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation to run; None if the document holds several and the request names none, or has none of that name."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((o for o in operations if o.name and o.name.value == name), None)


def known_operation(
    library: Library, source: str | None, name: str | None
) -> tuple[Known, OperationDefinitionNode] | None:
    """A query of a document that was used before and is valid."""
    known = library.find(source)
    if known is None or known.errors is None or known.errors:
        return None
    operation = chosen(known.document, name)
    return None if operation is None or operation.operation is not OperationType.QUERY else (known, operation)


def _shape(
    operation: OperationDefinitionNode, variables: Mapping[str, Any], counted: frozenset[str]
) -> tuple[Any, ...]:
    """What the walk looks at in variables: numbers, conditions, lengths of lists, and of those `counted` inside inputs.

    Only of variables that the operation has; the names of others could be as long as a request, and are kept.
    """
    names = [each.variable.name.value for each in operation.variable_definitions or ()]
    return tuple(_shape_of(variables[name], counted) if name in variables else None for name in names)


def _shape_of(value: Any, counted: frozenset[str]) -> Any:
    match value:
        case None | bool() | int() | float():
            return type(value), value
        case list():
            return list, len(value)
        case dict():
            return dict, tuple(items_of(value.get(name)) for name in counted)
        case _:
            return type(value)


_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


def _invalid(error: GraphQLError) -> GraphQLError:
    error.extensions = {**(error.extensions or {}), "code": Code.GRAPHQL_VALIDATION_FAILED.value}
    return error
