"""The address /graphql: the way of a request from bytes to bytes.

    1  method         GET, HEAD and POST, or 405; HEAD is a GET whose answer has no body, and never a stream
    2  page           a browser's GET gets GraphiQL
    3  form           one of the two JSON media types or a stream (`negotiation`), or 406
    4  token          `Authorization: Bearer …`, or 401 with WWW-Authenticate
    5  parameters     from the query string or a body of application/json, or 415 or 400, or 429 for a large one that cannot
                      be paid for (`metering`); the query of a hash (`persisted`)
    6  operation      through the guard and the resolvers; GET runs queries only, or 405
    7  answer         JSON (`responses`) with errors as `errors` shows them

Which status an answer has stands in `responses`. Whatever goes wrong is answered in JSON with `extensions.code`.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import GraphQLError
from litestar import Controller, HttpMethod, Request, Response, WebSocket, get, route, websocket
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import ClientException, InternalServerException
from litestar.params import FromPath
from litestar.response import Stream
from strawberry.http.streaming import HTTPStreamTransport, merge_stream_with_heartbeat
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from app.budgets import Wait
from graphql_schema.build import Schema
from graphql_schema.context import Authenticate, Context, Meter, bearer_token
from graphql_schema.errors import Code, log_exception, refusal
from graphql_schema.graphiql import asset, page
from graphql_schema.metering import metered, unpaid_reading
from graphql_schema.negotiation import GRAPHQL_RESPONSE, JSON, is_json, json_form, stream_form, wants_page
from graphql_schema.origins import NoOrigins, Origins, preflight, readable
from graphql_schema.parameters import Parameters, UnreadableParameters, from_body, from_query_string
from graphql_schema.persisted import NOT_FOUND, PersistedQueries, PersistedQueryNotFound
from graphql_schema.responses import HEADERS, body_of, response, result_response, text_of
from graphql_schema.sockets import SocketDoor

AnyRequest = Request[Any, Any, Any]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""What is routed to the door; of any other method Litestar says by itself that it is not allowed."""
_BY_URL = frozenset({"GET", "HEAD"})
_ALLOWED = "GET, HEAD, POST"
_QUERY = frozenset({OperationType.QUERY})
_ANY_BUT_SUBSCRIPTION = frozenset({OperationType.QUERY, OperationType.MUTATION})
_ANY = frozenset(OperationType)
_UNEXPECTED = refusal(Code.INTERNAL_SERVER_ERROR, "Unexpected error.")


class Turned(Exception):
    """The request is turned away before any GraphQL runs, with this status."""

    def __init__(
        self, status: int, code: Code, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


class Refused(Exception):
    """The request has no operation that may run, and these errors say why."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("The request is refused.")
        self.errors = errors


def make_controller(
    schema: Schema,
    authenticate: Authenticate,
    services: Any,
    *,
    path: str = "/graphql",
    origins: Origins | None = None,
    wait: Wait | None = None,
    door: "Door | None" = None,
) -> type[Controller]:
    """The Litestar controller of this schema: HTTP, streams, sockets and GraphiQL.

    Args:
        schema: What `build_schema` made.
        authenticate: Answers who a bearer token belongs to, or None. It is asked once a request, and for a stream again
            before each event, so that a revoked token ends it.
        services: Handed to resolvers as `info.context.services`.
        path: Where the door is.
        origins: Tells whose pages, beside our own, may speak to this door (`origins`); nobody's unless told.
        wait: Says how long a token has to wait until it may spend a cost; without it, nothing is limited.
        door: What answers HTTP, where somebody else uses it as well (`plain_posts`).
    """
    meter = metered(wait) if wait else None
    answering = door or Door(schema, authenticate, services, meter=meter)
    allowed = origins or NoOrigins()
    sockets = SocketDoor(schema, authenticate, services, allowed, meter)
    controller_path = path

    class GraphQLController(Controller):
        path = controller_path
        include_in_schema = False

        @route("/", http_method=[HttpMethod(name) for name in METHODS])
        async def answer(self, request: AnyRequest) -> Response[Any]:
            if request.method == "OPTIONS":
                return await preflight(allowed, request)
            return await readable(allowed, authenticate, request, await answering.answer(request))

        @websocket("/")
        async def converse(self, socket: WebSocket[Any, Any, Any]) -> None:
            await sockets.serve(socket)

        @get("/assets/{name:str}")
        async def asset(self, name: FromPath[str]) -> Response[bytes]:
            return asset(name)

    return GraphQLController


@dataclass(frozen=True, slots=True)
class Door:
    """Answers HTTP requests; the steps stand at the top of this file."""

    schema: Schema
    authenticate: Authenticate
    services: Any
    meter: Meter | None = None
    persisted: PersistedQueries = field(default_factory=PersistedQueries)

    async def answer(self, request: AnyRequest) -> Response[Any]:
        """Never raises: what fails outside of GraphQL is answered as an error of GraphQL's form, too."""
        media = json_form(request.headers.get("accept", "")) or JSON
        try:
            return await self._steps(request)
        except Turned as turned:
            body = {"errors": [refusal(turned.code, turned.message).formatted]}
            return response(body, turned.status, media, turned.headers)
        except Exception as error:  # noqa: BLE001  The client gets JSON, and the log gets no personal data.
            log_exception("request", error)
            return response({"errors": [_UNEXPECTED.formatted]}, 500, media)

    async def _steps(self, request: AnyRequest) -> Response[Any]:
        accept = request.headers.get("accept", "")
        by_url = request.method in _BY_URL
        if not by_url and request.method != "POST":
            raise Turned(405, Code.BAD_USER_INPUT, "Use GET or POST.", {"Allow": _ALLOWED})
        if by_url and wants_page(accept):
            return page()
        stream = None if request.method == "HEAD" else stream_form(accept)
        media = json_form(accept)
        if stream is None and media is None:
            raise Turned(406, Code.BAD_USER_INPUT, f"Accept {GRAPHQL_RESPONSE} or {JSON}.")
        context = await self._context(request)
        try:
            parameters = await self._parameters(request, context)
        except Refused as refused:
            return result_response(PreExecutionError(None, refused.errors), media or JSON)
        if stream is not None:
            return await self._stream(request, stream, parameters, context)
        result = await self._execute(request, parameters, context)
        return result_response(result, media or JSON)

    async def _context(self, request: AnyRequest) -> Context:
        token = bearer_token(request.headers.get("authorization"))
        caller = await self.authenticate(token) if token else None
        if token is None or caller is None:
            message = "This needs a valid token: Authorization: Bearer <token>."
            challenge = 'Bearer error="invalid_token"' if token else "Bearer"
            raise Turned(401, Code.UNAUTHENTICATED, message, {"WWW-Authenticate": challenge})
        confirm, in_url = partial(self.authenticate, token), request.method in _BY_URL
        return Context(self.services, caller, confirm=confirm, meter=self.meter, in_url=in_url)

    async def _parameters(self, request: AnyRequest, context: Context) -> Parameters:
        try:
            return self.persisted.whole(context.principal.account_id, await _parameters(request, context))
        except PersistedQueryNotFound:
            raise Refused([refusal(Code.PERSISTED_QUERY_NOT_FOUND, NOT_FOUND)]) from None
        except UnreadableParameters as error:
            raise Turned(400, Code.BAD_USER_INPUT, str(error)) from None

    async def _execute(
        self, request: AnyRequest, parameters: Parameters, context: Context
    ) -> ExecutionResult:
        try:
            return await self.schema.execute(
                parameters.query,
                variable_values=parameters.variables,
                context_value=context,
                operation_name=parameters.operation_name,
                operation_extensions=parameters.extensions,
                allowed_operation_types=_ANY_BUT_SUBSCRIPTION if request.method == "POST" else _QUERY,
            )
        except CannotGetOperationTypeError:
            message = "The document has no operation of that name."
            return PreExecutionError(None, [refusal(Code.BAD_USER_INPUT, message)])
        except InvalidOperationTypeError as error:
            raise _not_here(error, request.method) from None

    async def _stream(
        self, request: AnyRequest, transport: HTTPStreamTransport, parameters: Parameters, context: Context
    ) -> Stream:
        results = await self.schema.stream(
            parameters.query,
            variable_values=parameters.variables,
            context_value=context,
            operation_name=parameters.operation_name,
            operation_extensions=parameters.extensions,
            allowed_operation_types=_ANY - {OperationType.MUTATION} if request.method == "GET" else _ANY,
        )
        frames = merge_stream_with_heartbeat(
            partial(_frames, results, transport),
            partial(transport.heartbeat_message, text_of),
            transport.heartbeat_interval,
            send_initial_heartbeat=transport.send_initial_heartbeat,
        )()
        headers = {**HEADERS, **transport.headers}
        return Stream(frames, status_code=200, headers=headers, background=BackgroundTask(_close, frames))


async def _parameters(request: AnyRequest, context: Context) -> Parameters:
    try:
        if request.method in _BY_URL:
            return from_query_string(request.query_params)
        if not is_json(request.headers.get("content-type", "")):
            raise Turned(
                415, Code.BAD_USER_INPUT, f"The body must be {JSON} in UTF-8.", {"Accept-Post": JSON}
            )
        content = await request.body()
        unpaid = unpaid_reading(context, content)
        if unpaid:
            raise Refused(unpaid)
        return from_body(content)
    except InternalServerException:
        # The client is gone, so nobody reads this, and it is no fault of ours.
        raise Turned(400, Code.BAD_USER_INPUT, "The body did not come whole.") from None
    except ClientException as error:
        raise Turned(
            error.status_code, Code.QUERY_TOO_LARGE, "The body cannot be read or is too long."
        ) from None


async def _close(frames: Any) -> None:
    """Ends what waits behind a stream whose client is gone: Litestar leaves it open, for the collector to find."""
    try:
        await frames.aclose()
    except Exception as error:  # noqa: BLE001  Nobody is there to be answered, and the log gets no personal data.
        log_exception("stream", error)


async def _frames(
    results: AsyncGenerator[ExecutionResult, None], transport: HTTPStreamTransport
) -> AsyncGenerator[str, None]:
    """What is raised in here while a stream is being ended would leave its heartbeat behind, and reach a begun answer."""
    try:
        async for result in results:
            yield transport.encode_next(body_of(result), text_of)  # type: ignore[arg-type]  # A TypedDict of the same shape.
    except Exception as error:  # noqa: BLE001  Results are disguised before; nothing but the end of a stream is left.
        log_exception("stream", error)
        return
    yield transport.encode_complete()


def _not_here(error: InvalidOperationTypeError, method: str) -> Turned:
    if error.operation_type is OperationType.SUBSCRIPTION:
        message = "Subscriptions need a WebSocket (graphql-transport-ws) or Accept: text/event-stream."
        return Turned(400, Code.BAD_USER_INPUT, message)
    return Turned(
        405, Code.BAD_USER_INPUT, f"Mutations are not run by {method}. Use POST.", {"Allow": "POST"}
    )
