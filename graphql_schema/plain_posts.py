"""Plain POSTs to /graphql, answered by the door of `endpoint` without Litestar's routing around it.

A POST that is not plain goes the long way, and nothing of its body has been read by then:

    header                         why it is left to Litestar
    Origin                         whether a page may read the answer is asked of its account (`origins`)
    Accept for a stream            frames are sent as they come
    none, or a large Content-Length, or Transfer-Encoding    Litestar counts what comes, and stops at its limit
    the same name twice            Litestar says which one holds

A method that Litestar does not route here is answered here, too, for its own 405 is neither GraphQL's form nor says what
this address takes.

Both ways give the same answer, header for header (`tests/graphql_schema/test_plain_posts.py`); what is saved is a quarter
of the time of a small query. This file may go without any other change than its line in `app/main.py`.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, cast

from litestar.exceptions import InternalServerException

from graphql_schema.endpoint import METHODS, AnyRequest, Door
from graphql_schema.negotiation import stream_form

LARGEST_BODY = 1_000_000
"""Of bytes; what is longer is read by Litestar, up to its limit."""
_DIGITS = len(str(LARGEST_BODY))

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """As much of Litestar's request as the door looks at."""

    headers: Mapping[str, str]
    content: bytes | None
    method: str = "POST"

    async def body(self) -> bytes:
        """The whole body. Raises as Litestar does where the client has gone before it had sent it."""
        if self.content is None:
            raise InternalServerException
        return self.content


@dataclass(frozen=True, slots=True)
class PlainPosts:
    """The ASGI application of one address; `long_way` is the whole application."""

    door: Door
    long_way: Application
    path: str = "/graphql"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request to the address."""
        headers = _plain(scope)
        if scope["method"] not in METHODS:
            await self._answer(PlainRequest({}, None, scope["method"]), send)
        elif headers is None:
            await self.long_way(scope, receive, send)
        else:
            # A client that is gone is answered, too: a server takes silence for a crash, and a half-closed one still reads.
            await self._answer(PlainRequest(headers, await _content(receive)), send)

    async def _answer(self, request: PlainRequest, send: Send) -> None:
        response = await self.door.answer(cast("AnyRequest", request))
        body: bytes = response.content
        told = {
            **response.headers,
            "Vary": "Accept, Origin",
            "Content-Type": str(response.media_type),
            "Content-Length": str(len(body)),
        }
        head = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]
        await send({"type": "http.response.start", "status": response.status_code, "headers": head})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _plain(scope: Scope) -> dict[str, str] | None:
    """The headers of a plain POST, by their names in lower case; None for any other request."""
    if scope["method"] != "POST":
        return None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    length = headers.get("content-length", "")
    unusual = (
        len(headers) != len(scope["headers"])
        # Python reads no number of thousands of digits, though they may all be zeros.
        or not (
            length.isascii() and length.isdigit() and len(length) <= _DIGITS and int(length) <= LARGEST_BODY
        )
        or "origin" in headers
        or "transfer-encoding" in headers
        or stream_form(headers.get("accept", "")) is not None
    )
    return None if unusual else headers


async def _content(receive: Receive) -> bytes | None:
    """The body; None where the client has gone before it had sent it."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
