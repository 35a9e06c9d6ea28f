"""The gate before execution: every document passes it once, every operation each time it runs.

    on_parse      caps on length and tokens; a document seen before is not parsed again
    on_validate   once a document:    limits (`limits`), then the rules of GraphQL
                  each time it runs:  operation name, variables, scopes and cost (`walk`)

One extension instead of Strawberry's five: its depth and alias limits walk fragments without memory, so that 748 bytes
block the loop for seconds, and its validation cache never hits beside them. All refusals are request errors: nothing
of the operation runs.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_schema.context import Context
from graphql_schema.errors import MOST_ERRORS, Code, refusal
from graphql_schema.limits import Limits, document_errors, source_errors, variable_errors
from graphql_schema.walk import operation_errors


@dataclass(slots=True)
class Known:
    """A document that was parsed, and its verdict once it was validated."""

    document: DocumentNode
    errors: list[GraphQLError] | None = None


class Library:
    """The documents used last, by their text. One per schema; the event loop is its only reader and writer."""

    def __init__(self, limits: Limits, room: int = 256) -> None:
        self.limits = limits
        self._room = room
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

    def verdict(self, schema: GraphQLSchema, source: str, document: DocumentNode) -> list[GraphQLError]:
        """What is wrong with the document whoever runs it; found once, then remembered."""
        known = self.find(source) or Known(document)
        if known.errors is None:
            known.errors = self._judge(schema, source, document)
        return known.errors

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
        caller = context.context.caller if isinstance(context.context, Context) else None
        if caller is None:
            return [refusal(Code.UNAUTHENTICATED, "This needs a token: Authorization: Bearer <token>.")]
        document, schema = context.graphql_document, context.schema._schema  # noqa: SLF001  There is no other name.
        if document is None or context.query is None:
            return [refusal(Code.BAD_USER_INPUT, "The request holds no document.")]
        limits = self._library.limits
        errors = self._library.verdict(schema, context.query, document) or variable_errors(
            context.variables, limits
        )
        operation = None if errors else self._operation(document)
        if operation is None:
            return errors or [
                refusal(Code.BAD_USER_INPUT, "Say which operation to run: operationName is missing.")
            ]
        return operation_errors(schema, document, operation, context.variables, caller.scopes, limits)

    def _operation(self, document: DocumentNode) -> OperationDefinitionNode | None:
        """The operation to run; None if the document holds several and the request names none."""
        name = self.execution_context._provided_operation_name  # noqa: SLF001  `operation_name` guesses the first.
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        if name is None:
            return operations[0] if len(operations) == 1 else None
        return next((o for o in operations if o.name and o.name.value == name), None)


_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


def _invalid(error: GraphQLError) -> GraphQLError:
    error.extensions = {**(error.extensions or {}), "code": Code.GRAPHQL_VALIDATION_FAILED.value}
    return error
