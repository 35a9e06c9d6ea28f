"""How an answer of the door looks: its status, its headers, its JSON.

Status of an answer whose request failed as a whole (no `data` in it): under application/graphql-response+json 401, 403,
429 or 400 by code; under application/json 200, as GraphQL over HTTP §6.4.1 wants it, but for 429 (`metering`). Everything
carries `Vary: Accept` and `Cache-Control: no-store`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response
from strawberry.types.execution import ExecutionResult

from graphql_schema.errors import Code
from graphql_schema.metering import retry_after
from graphql_schema.negotiation import GRAPHQL_RESPONSE

HEADERS = {"Vary": "Accept", "Cache-Control": "no-store"}
_STATUS = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL_SERVER_ERROR: 500,
}


def result_response(result: ExecutionResult, media: str) -> Response[bytes]:
    """The answer to an operation, as this media type."""
    errors = result.errors or []
    failed = result.data is None and bool(errors) and all(error.path is None for error in errors)
    wait = retry_after(errors) if failed else None
    if wait is not None:
        return response(body_of(result), 429, media, {"Retry-After": str(wait)})
    status = 200
    if failed and media == GRAPHQL_RESPONSE:
        status = _STATUS.get((errors[0].extensions or {}).get("code", ""), 400)
    return response(body_of(result), status, media)


def body_of(result: ExecutionResult) -> dict[str, Any]:
    """The result as JSON; one that failed before it ran has no `data` (GraphQL §7.1.1)."""
    errors = [error.formatted for error in result.errors or ()]
    failed = result.data is None and all("path" not in error for error in errors)
    body: dict[str, Any] = {} if errors and failed else {"data": result.data}
    return {**body, "errors": errors} if errors else body


def response(
    body: Mapping[str, Any], status: int, media: str, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """A body as JSON, with the headers that every answer has."""
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=f"{media}; charset=utf-8",
        headers={**HEADERS, **(headers or {})},
    )


def text_of(value: object) -> str:
    """Any part of an answer as JSON."""
    return msgspec.json.encode(value).decode()
