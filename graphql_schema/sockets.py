"""GraphQL over WebSocket: the protocol `graphql-transport-ws`, and no other.

The token comes in the payload of `connection_init`, as `{"Authorization": "Bearer …"}`, or in the handshake's header,
which browsers cannot set. No token closes the socket with 4403, no `connection_init` within ten seconds with 4408, a
message that is none with 4400. A page of an origin that no account allows is refused before the handshake, one that the
token's account does not allow by 4403.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
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
from graphql_schema.origins import Origins
from graphql_schema.parameters import UnreadableParameters, from_message

INIT_TIMEOUT = timedelta(seconds=10)
LARGEST_MESSAGE = 1_000_000
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
        view: Any = _View(self.authenticate, self.origins, socket.headers.get("authorization"), foreign)
        await _Handler(
            view=view,
            websocket=LitestarWebSocketAdapter(view, socket, socket),
            context=Context(self.services, meter=self.meter),
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

    def decode_json(self, text: str) -> dict[str, Any]:
        try:
            return _MESSAGE.decode(text if len(text) <= LARGEST_MESSAGE else "")
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


def _token(parameters: Mapping[str, Any]) -> str | None:
    for name, value in parameters.items():
        if name.lower() == "authorization" and isinstance(value, str):
            return bearer_token(value)
    return None
