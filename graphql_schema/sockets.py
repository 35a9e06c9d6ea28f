"""GraphQL over WebSocket: the protocol `graphql-transport-ws`, and no other.

The token comes in the payload of `connection_init`, as `{"Authorization": "Bearer …"}`, or in the handshake's header,
which browsers cannot set. No token closes the socket with 4403, no `connection_init` within ten seconds with 4408, a
message that is none with 4400, and so is one that is longer than it may be: until the token is known, than a greeting.
A page of an origin that no account allows is refused before the handshake, one that the
token's account does not allow by 4403.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
from graphql import GraphQLError, GraphQLFormattedError
from litestar import WebSocket
from litestar.status_codes import WS_1008_POLICY_VIOLATION
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.websocket_origin import is_same_origin
from strawberry.litestar.controller import LitestarWebSocketAdapter
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage
from strawberry.types.unset import UNSET

from app.domain.principal import Principal
from graphql_schema.build import Schema
from graphql_schema.context import Authenticate, Context, Meter, bearer_token
from graphql_schema.errors import Code, log_exception, refusal
from graphql_schema.metering import unpaid_reading
from graphql_schema.origins import Origins
from graphql_schema.parameters import UnreadableParameters, from_message

INIT_TIMEOUT = timedelta(seconds=10)
LARGEST_MESSAGE = 1_000_000
LARGEST_GREETING = 10_000
"""What a message may hold before it is known who sends it, and who pays for its reading."""
OPERATIONS_PER_SOCKET = 20
_SUBPROTOCOL_NOT_ACCEPTABLE = 4406

AnySocket = WebSocket[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class SocketDoor:
    """Takes sockets in; `origins` tells whose pages beside our own may open one."""

    schema: Schema
    authenticate: Authenticate
    services: Any
    origins: Origins
    meter: Meter | None = None

    async def serve(self, socket: AnySocket) -> None:
        """Speaks with one client until either side closes."""
        foreign = _foreign_origin(socket)
        if foreign is not None and not await self.origins.anybodys(foreign):
            await socket.close(code=WS_1008_POLICY_VIOLATION)
            return
        if GRAPHQL_TRANSPORT_WS_PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(code=_SUBPROTOCOL_NOT_ACCEPTABLE, reason="Subprotocol not acceptable")
            return
        await socket.accept(subprotocols=GRAPHQL_TRANSPORT_WS_PROTOCOL)
        await self._converse(socket, foreign)

    async def _converse(self, socket: AnySocket, foreign: str | None) -> None:
        context = Context(self.services, meter=self.meter)
        view: Any = _View(
            self.authenticate, self.origins, socket.headers.get("authorization"), foreign, context
        )
        await _Handler(
            view=view,
            websocket=LitestarWebSocketAdapter(view, socket, socket),
            context=context,
            root_value=None,
            schema=self.schema,
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=OPERATIONS_PER_SOCKET,
        ).handle()


def _foreign_origin(socket: AnySocket) -> str | None:
    """The origin of the page that opens the socket; None where it is ours, or no page at all."""
    origin = socket.headers.get("origin")
    return None if origin is None or is_same_origin(origin, socket.headers.get("host")) else origin


@dataclass(frozen=True, slots=True)
class _View:
    """The part of Strawberry's view that its handler and adapter use: JSON, and the greeting."""

    authenticate: Authenticate
    origins: Origins
    authorization: str | None
    foreign: str | None
    context: Context

    def decode_json(self, text: str) -> dict[str, Any]:
        known = self.context.caller is not None
        try:
            if len(text) > (LARGEST_MESSAGE if known else LARGEST_GREETING):
                return _MESSAGE.decode("")
            unpaid = unpaid_reading(self.context, text.encode()) if known else []
            return _unread(text, unpaid) if unpaid else _MESSAGE.decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            # The only error that the adapter turns into a close code.
            raise json.JSONDecodeError("The message is not a JSON object.", "", 0) from None

    def encode_json(self, message: Mapping[str, object]) -> bytes:
        return msgspec.json.encode(message)

    async def on_ws_connect(self, context: Context) -> object:
        token = _token(context.connection_params or {}) or bearer_token(self.authorization)
        try:
            context.caller = await self._caller(token) if token else None
        except Exception as error:  # noqa: BLE001  Whatever failed, the socket is refused, and the log says it.
            log_exception("authentication", error)
            raise ConnectionRejectionError from None
        if context.caller is None or token is None:
            raise ConnectionRejectionError
        context.confirm = partial(self.authenticate, token)
        return UNSET  # An acknowledgement without a payload: clients refuse one that is null.

    async def _caller(self, token: str) -> Principal | None:
        """Who the token belongs to, unless a page has it whose origin their account does not allow."""
        caller = await self.authenticate(token)
        if caller is None or self.foreign is None or await self.origins.of(caller.account_id, self.foreign):
            return caller
        return None


class _Handler(BaseGraphQLTransportWSHandler[Context, None]):
    async def handle_message(self, message: Any) -> None:
        """Only messages whose id can be one get as far as Strawberry, which would fail on others."""
        if not isinstance(message.get("id", ""), str) or not isinstance(message.get("type"), str):
            await self.handle_invalid_message("Failed to parse message")
            return
        payload = message.get("payload")
        if isinstance(payload, _Unpaid):
            await self.send_message({"id": message["id"], "type": "error", "payload": payload.errors})
            return
        await super().handle_message(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Refuses what is no GraphQL request, and one too many."""
        try:
            from_message(message["payload"])
        except UnreadableParameters:
            await self.handle_invalid_message("Failed to parse message")
            return
        if len(self.operations) >= OPERATIONS_PER_SOCKET and message["id"] not in self.operations:
            error = refusal(Code.RATE_LIMITED, _TOO_MANY)
            await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})
            return
        await super().handle_subscribe(message)


_TOO_MANY = f"A socket runs {OPERATIONS_PER_SOCKET} operations at once. Complete one, or open another socket."
_MESSAGE = msgspec.json.Decoder(dict[str, Any])


class _Head(msgspec.Struct):
    """What a message is about, without its payload; what it does not name is passed over and no object is made of it."""

    id: str
    type: str


@dataclass(frozen=True, slots=True)
class _Unpaid:
    """Stands for the payload of a message that was not read, and says why."""

    errors: list[GraphQLFormattedError]


def _unread(text: str, unpaid: list[GraphQLError]) -> dict[str, Any]:
    head = _HEAD.decode(text)
    return {"id": head.id, "type": head.type, "payload": _Unpaid([error.formatted for error in unpaid])}


_HEAD = msgspec.json.Decoder(_Head)


def _token(parameters: Mapping[str, Any]) -> str | None:
    for name, value in parameters.items():
        if name.lower() == "authorization" and isinstance(value, str):
            return bearer_token(value)
    return None
