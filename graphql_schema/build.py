"""Builds the schema of the door: our configuration, the guard, the rules of scopes, errors as `errors` shows them."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from functools import partial
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError

from graphql_schema.context import Context
from graphql_schema.errors import MOST_ERRORS, Code, disclose, log_exception, log_unexpected, refusal
from graphql_schema.guard import Guard, Known, Library, known_operation
from graphql_schema.guests import Guests
from graphql_schema.limits import Limits
from graphql_schema.planned import Planned
from graphql_schema.scalars import SCALARS
from graphql_schema.scopes import settle_rules

AnyResult = TypeVar("AnyResult", bound=ExecutionResult)


class Schema(strawberry.Schema):
    """Strawberry's schema, from which no error leaves unlabelled and no exception undisguised.

    Wrapping `execute` and `stream` catches what extensions for masking miss: errors of hooks, and of a subscription's
    source.
    """

    documents: Library
    """The documents used last, and their plans."""
    plans: bool = True
    """Whether plans answer; without them, graphql-core answers every operation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guests = Guests()

    async def execute(self, query: str | None, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Runs a query or mutation; its result may be shown."""
        unpaid = self.documents.unpaid(query, kwargs.get("context_value"))
        if unpaid:
            return PreExecutionError(None, unpaid)
        found = self.plans and known_operation(self.documents, query, kwargs.get("operation_name"))
        if found and not args:
            result = await self._planned(self.documents, *found, kwargs)
            if result is not None:
                return result
        return _disclosed(await super().execute(query, *args, **kwargs))

    async def _planned(
        self, library: Library, known: Known, operation: OperationDefinitionNode, asked: dict[str, Any]
    ) -> ExecutionResult | None:
        """The answer of a plan; None where the library has to answer."""
        name, variables, context = (
            asked.get("operation_name"),
            asked.get("variable_values"),
            asked["context_value"],
        )
        planned = known.plans.get(name)
        if planned is None:
            planned = known.plans[name] = Planned(self._schema, known.document, operation, library.plans_room)
        errors = library.operation_errors(self._schema, known, name, variables, context)
        if errors:
            return _disclosed(PreExecutionError(None, errors))
        data = await planned.answer(variables, context)
        if data is None:
            asked["context_value"] = context.paid()
            return None
        return ExecutionResult(data, None)

    async def stream(self, query: str | None, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """Runs any operation; every result may be shown. Each operation and each event loads afresh."""
        context = kwargs.get("context_value")
        unpaid = self.documents.unpaid(query, context)
        if unpaid:
            return _refusing(unpaid)
        if isinstance(context, Context):
            kwargs["context_value"] = context.fresh()
        source = await super().stream(query, *args, **kwargs)
        return _stream(source, kwargs.get("context_value"), self.guests)

    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,  # noqa: ARG002  It holds the query, which is not logged.
    ) -> None:
        """Logs our own faults only, and without the query: Strawberry would log every mistake of a client in full."""
        log_unexpected(errors)


def build_schema(
    query: type,
    mutation: type | None = None,
    subscription: type | None = None,
    types: Iterable[type] = (),
    *,
    limits: Limits | None = None,
    plans: bool = True,
) -> Schema:
    """The schema of these root types, guarded.

    Args:
        query: The root of queries. Every field of a root says which scopes it needs (`scopes.needs`).
        mutation: The root of mutations, likewise.
        subscription: The root of subscriptions, likewise.
        types: Types that only an interface leads to.
        limits: Other caps than the product's, for tests.
        plans: Whether plain queries are answered by `plans`; without, graphql-core answers all of them.

    Raises:
        UndeclaredScope: A root field, or a type behind an interface or union, does not say what it needs.
    """
    library = Library(limits or Limits())
    schema = Schema(
        query,
        mutation,
        subscription,
        types=types,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        extensions=[partial(Guard, library)],
    )
    schema.documents, schema.plans = library, plans
    library.counted = settle_rules(schema._schema)  # noqa: SLF001  Strawberry gives graphql-core's schema no other name.
    return schema


async def _refusing(errors: list[GraphQLError]) -> AsyncGenerator[Any, None]:
    yield PreExecutionError(None, errors)


async def _stream(
    source: AsyncGenerator[Any, None], context: Any, guests: Guests
) -> AsyncGenerator[Any, None]:
    async with aclosing(source), aclosing(_while_welcome(source, context, guests)) as results:
        try:
            async for result in results:
                yield _disclosed(result)
        except Exception as error:  # noqa: BLE001  Strawberry lets errors of hooks out of a stream; they end it here.
            log_exception("stream", error)
            yield PreExecutionError(None, [disclose(GraphQLError(str(error), original_error=error))])


async def _while_welcome(
    source: AsyncGenerator[Any, None], context: Any, guests: Guests
) -> AsyncGenerator[Any, None]:
    """The results until the token is revoked: it is asked for before anything runs, before each event, and meanwhile."""
    if not await _welcome(context):
        yield _turned_away()
        return
    if not isinstance(context, Context):
        async for result in source:
            yield result
        return
    async with guests.stay(context) as end:
        while (result := await _next_before(end, source)) is not _OVER:
            if end.done() or not await _welcome(context):
                yield _turned_away()
                return
            yield result
            context.forget()


_OVER: Any = object()


async def _next_before(end: asyncio.Future[None], source: AsyncGenerator[Any, None]) -> Any:
    """What comes next: a result, `_OVER` after the last one, or nothing where the stream has to end before."""
    coming = asyncio.ensure_future(anext(source, _OVER))
    try:
        await asyncio.wait((coming, end), return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _ended(coming)
    return None if coming.cancelled() else coming.result()


async def _ended(coming: asyncio.Future[Any]) -> None:
    """Ends what was asked for, however often whoever waits is cancelled meanwhile: its source cannot be closed before.

    A client that goes cancels a stream more than once, since what awaits a task hands every cancellation on to it.
    """
    cancelled: asyncio.CancelledError | None = None
    coming.cancel()
    while not coming.done():
        try:
            await asyncio.wait((coming,))
        except asyncio.CancelledError as again:
            cancelled = again
    if not coming.cancelled():
        coming.exception()
    if cancelled is not None:
        raise cancelled


def _turned_away() -> PreExecutionError:
    return PreExecutionError(None, [refusal(Code.UNAUTHENTICATED, "The token is not valid any more.")])


async def _welcome(context: Any) -> bool:
    return not isinstance(context, Context) or await context.still_welcome()


def _disclosed(result: AnyResult) -> AnyResult:
    if result.errors:
        shown = [disclose(error) for error in result.errors]
        ran = any(error.path is not None for error in shown)
        result.errors = shown if ran else shown[:MOST_ERRORS]
    return result
