"""Who calls an address of ours with a token, and how it is told what is wrong: JSON with `code` and `message`.

error                    status
no token, none of ours   401 with WWW-Authenticate
FORBIDDEN                403
NOT_FOUND                404
LIMIT_EXCEEDED           413
anything else asked      422
the budget is spent      429
the database is away     503
the disk is full         503
nothing comes any more   408
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Any, Final

from litestar import Request, Response

from app.budgets import Wait
from app.disclosure.reader import Reader, authenticate
from app.domain.errors import Forbidden, LimitExceeded, NotFound, RequestError
from app.instance import Instance

AnyRequest = Request[Any, Any, Any]

_LONGEST_TOKEN = 512
_UNPROCESSABLE = 422
_ASKS_AGAIN = 1.0
"""Seconds after which who waits for a budget sees whether the client is still there."""
LONGEST_WAIT: Final = 600.0
"""Seconds that one spending waits. A minute pays for anything, so longer means that others spend all of it."""
_STATUS: dict[type[RequestError], int] = {Forbidden: 403, NotFound: 404, LimitExceeded: 413}


class Unauthenticated(Exception):
    """There is no valid token."""


class Spent(Exception):
    """The token has spent its budget; `seconds` until it has enough again."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__()


@dataclass(frozen=True, slots=True)
class Purse:
    """What one token may spend; without `wait`, everything costs nothing."""

    token_id: int
    wait: Wait | None

    def spend(self, cost: int) -> None:
        """Takes the cost now. Raises `Spent`."""
        seconds = self.wait(self.token_id, cost) if self.wait else 0.0
        if seconds:
            raise Spent(seconds)

    async def spend_in_turn(
        self, cost: int, gone: Callable[[], bool], patience: float = LONGEST_WAIT
    ) -> None:
        """Takes the cost as soon as there is enough, unless the client is gone before.

        Raises:
            Spent: There was not enough for `patience` seconds; 0 does not wait at all.
        """
        end = monotonic() + patience
        while not gone():
            try:
                self.spend(cost)
            except Spent as spent:
                if monotonic() >= end:
                    raise
                await asyncio.sleep(min(spent.seconds, _ASKS_AGAIN))
            else:
                return


async def caller_with(request: AnyRequest, scope: str) -> Reader:
    """The caller. Raises `Unauthenticated`, and `Forbidden` where the token lacks the scope."""
    reader = await caller(request)
    if not reader.principal.may(scope):
        message = f"This needs the scope {scope}."
        raise Forbidden(message)
    return reader


async def caller(request: AnyRequest) -> Reader:
    """The caller, whatever they may do. Raises `Unauthenticated`."""
    instance: Instance = request.app.state.instance
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    principal = None
    if kind.lower() == "bearer" and 0 < len(token) <= _LONGEST_TOKEN:
        principal = await authenticate(instance, token)
    if principal is None:
        raise Unauthenticated
    return Reader(instance, principal)


def unauthenticated(_request: AnyRequest, _error: Exception) -> Response[dict[str, Any]]:
    """The answer to who has no valid token."""
    body = {
        "code": "UNAUTHENTICATED",
        "message": "This needs a valid token: Authorization: Bearer <token>.",
    }
    return Response(body, status_code=401, headers={"WWW-Authenticate": "Bearer"})


def refused(_request: AnyRequest, error: RequestError) -> Response[dict[str, Any]]:
    """The answer to a request that cannot be done."""
    body = {"code": error.code, "message": error.message, "path": [str(step) for step in error.path]}
    return Response(body, status_code=_STATUS.get(type(error), _UNPROCESSABLE))


def away(_request: AnyRequest, _error: Exception) -> Response[dict[str, Any]]:
    """The answer while the database is away."""
    body = {"code": "UNAVAILABLE", "message": "The database does not answer. Try again shortly."}
    return Response(body, status_code=503, headers={"Retry-After": "5"})


def no_room(_request: AnyRequest, _error: Exception) -> Response[dict[str, Any]]:
    """The answer where what is sent cannot be kept."""
    body = {"code": "UNAVAILABLE", "message": NO_ROOM}
    return Response(body, status_code=503, headers={"Retry-After": "60"})


def spent(_request: AnyRequest, error: Spent) -> Response[dict[str, Any]]:
    """The answer to who has to wait for their budget."""
    seconds = ceil(error.seconds)
    message = f"This token has spent its budget. Try again in {seconds} s; nothing was done."
    body = {"code": "RATE_LIMITED", "message": message}
    return Response(body, status_code=429, headers={"Retry-After": str(seconds)})


def silent(_request: AnyRequest, _error: Exception) -> Response[dict[str, Any]]:
    """The answer to who has not said everything and says nothing more."""
    return Response({"code": "LIMIT_EXCEEDED", "message": SILENT}, status_code=408)


NO_ROOM = "The disk has no room for what is sent. Tell the operator, and repeat the call later."
SILENT = "Nothing came for ten minutes. Repeat the call."
STARVED = "For ten minutes the budget of this token was spent by others. Repeat the call."
