"""What this door says beside its pages: which methods an address takes, and that there is no such page.

    request                                    answer
    OPTIONS of a page                          204, and what it takes in `Allow`
    an address below ours that is no page      404, like any other problem (`answers`)
    a page, by a method that it does not take  405, and what it takes in `Allow`

Litestar raises the last two before it knows whose address it is, so the application hands them to this door by the
first part of the path; what belongs to other doors is answered as if this one were not there.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from litestar import HttpMethod, Litestar, Response, route
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.exceptions.responses import create_exception_response
from litestar.routes import HTTPRoute

from app.look.pages import PAGE_HEADERS
from preference_center.answers import problem
from preference_center.requests import AnyRequest

_OURS: Final = frozenset({"preferences", "unsubscribe", "forms", "receipts", "look"})
_ORDER: Final = ("GET", "HEAD", "POST", "OPTIONS")


@route(
    [
        "/preferences",
        "/preferences/{token:str}",
        "/preferences/{token:str}/stop-tracking",
        "/unsubscribe/{token:str}",
        "/forms/{form_id:str}/confirm/{token:str}",
    ],
    http_method=[HttpMethod.OPTIONS],
    status_code=204,
)
async def options(request: AnyRequest) -> Response[None]:
    """Says which methods a page takes that is sent something."""
    return Response(None, status_code=204, headers={**PAGE_HEADERS, "Allow": _allowed(request)})


def no_such_page(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """The answer to an address that is none of ours, or to a method that it does not take."""
    # `OPTIONS *` and CONNECT name no path at all (RFC 9112 §3.2).
    if request.scope["path"].removeprefix("/").partition("/")[0] not in _OURS:
        return create_exception_response(request, error)
    response = problem(request, error)
    if isinstance(error, MethodNotAllowedException):
        response.headers["Allow"] = _allowed(request)
    return response


def _allowed(request: AnyRequest) -> str:
    path = request.scope["path"].rstrip("/")
    taken = next(
        (methods for pattern, methods in _routes(request.app) if pattern.fullmatch(path)), frozenset()
    )
    return ", ".join(method for method in _ORDER if method in taken)


def _routes(app: Litestar) -> list[tuple[re.Pattern[str], frozenset[str]]]:
    """The addresses of an application as patterns, those without a part left open first, as they are routed."""
    found = [each for each in app.routes if isinstance(each, HTTPRoute)]
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(each.path_format))), frozenset(each.methods))
        for each in sorted(found, key=lambda each: each.path_format.count("{"))
    ]


# Litestar adds an answer to OPTIONS of its own to a path that it meets without one, so ours comes first.
HANDLERS = [options]

ROUTING_PROBLEMS: Mapping[int | type[Exception], Any] = MappingProxyType(
    {NotFoundException: no_such_page, MethodNotAllowedException: no_such_page}
)
"""The handlers of an application that holds this door."""
