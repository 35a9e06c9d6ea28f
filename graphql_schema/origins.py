"""Pages of other websites at this door: what a browser needs to hear before it lets their scripts speak and read (CORS).

    OPTIONS                        no token comes along, so any account's allowed origin is answered, and not whose it is
    an answer to a valid token     may be read by pages of the origins that the token's account allows
    an answer to no valid token    as OPTIONS: it says nothing, and a front end should be able to read why
    a WebSocket                    opened for any account's origin, closed at `connection_init` for a foreign account's

Every origin is named back word for word, never as `*`; there are no cookies here, so credentials are never allowed;
everything says `Vary: Origin`. Origins are not a lock: programs send any that they like, and the token decides.

Source: Fetch, "HTTP-network-or-cache fetch" and "CORS protocol".
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from litestar import Request, Response
from strawberry.http.websocket_origin import is_same_origin

from app.domain.principal import Principal
from graphql_schema.context import Authenticate, bearer_token
from graphql_schema.errors import log_exception

METHODS = "GET, HEAD, POST"
_HEADERS = "Accept, Authorization, Content-Type, Apollo-Require-Preflight, X-Requested-With"
_READABLE = "Retry-After, WWW-Authenticate"
_REMEMBERED_SECONDS = "600"


class Origins(Protocol):
    """What accounts have allowed."""

    async def anybodys(self, origin: str) -> bool:
        """Whether any account allows pages of this origin."""

    async def of(self, account_id: int, origin: str) -> bool:
        """Whether this account does."""


class NoOrigins:
    """Nobody allows anything: pages of our own only."""

    async def anybodys(self, origin: str) -> bool:  # noqa: ARG002  Says the same of all.
        """No."""
        return False

    async def of(self, account_id: int, origin: str) -> bool:  # noqa: ARG002  Says the same of all.
        """No."""
        return False


async def preflight(origins: Origins, request: Request[Any, Any, Any]) -> Response[None]:
    """The answer to a browser that asks whether a page may send what it wants to send."""
    headers = {"Allow": f"{METHODS}, OPTIONS", "Vary": "Origin"}
    origin = request.headers.get("origin")
    if origin is not None and await _allowed(origins, origin, None):
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": _REMEMBERED_SECONDS,
        }
    return Response(None, status_code=204, headers=headers)


async def readable(
    origins: Origins, authenticate: Authenticate, request: Request[Any, Any, Any], response: Response[Any]
) -> Response[Any]:
    """The response, marked as readable for the page that asked where its account allows that."""
    response.headers["Vary"] = f"{response.headers.get('Vary', 'Accept')}, Origin"
    origin = request.headers.get("origin")
    if origin is None or is_same_origin(origin, request.headers.get("host")):
        return response
    token = bearer_token(request.headers.get("authorization"))
    if await _allowed(origins, origin, partial(authenticate, token) if token else None):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _READABLE
    return response


async def _allowed(
    origins: Origins, origin: str, caller: Callable[[], Awaitable[Principal | None]] | None
) -> bool:
    """What the table at the top says; no, where the database cannot be asked."""
    try:
        known = await origins.anybodys(origin)
        found = await caller() if known and caller else None
        return known if found is None else await origins.of(found.account_id, origin)
    except Exception as error:  # noqa: BLE001  The answer itself stands, and says what is wrong with the database.
        log_exception("origins", error)
        return False
