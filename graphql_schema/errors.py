"""What an error of the GraphQL door looks like from outside, and what of it is kept inside.

    raised                                          shown                                     logged
    a refusal of this door (`refusal`)              as it is, with its code                    no
    domain.errors.RequestError, in a query          its message, the code of TRANSPORT_CODES   no
    domain.errors.RequestError, in a mutation       a `UserError` in the payload (`attempt`)   no
    a mistake in the document or its variables      graphql-core's message, no suggestions     no
    anything else                                   "Unexpected error.", no details            type, field, source line

Every error carries `extensions.code`. A log line never holds a message, because messages quote data. Codes: contract.md.
"""

import logging
import re
from collections.abc import Awaitable, Iterable
from enum import StrEnum, unique
from traceback import extract_tb
from typing import Protocol, TypeVar

import strawberry
from graphql import FieldNode, GraphQLError, GraphQLSyntaxError
from graphql.language import Node
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.utils.str_converters import to_camel_case

from app.domain import errors as domain

log = logging.getLogger(__name__)

MOST_ERRORS = 5
"""How many errors of a request that did not run are told."""


@unique
class Code(StrEnum):
    """Transport errors, as `extensions.code` names them (contract.md)."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    QUERY_TOO_LARGE = "QUERY_TOO_LARGE"
    QUERY_TOO_EXPENSIVE = "QUERY_TOO_EXPENSIVE"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


TRANSPORT_CODES: dict[type[domain.RequestError], Code] = {
    domain.NullNotAllowed: Code.BAD_USER_INPUT,
    domain.EvidenceMissing: Code.BAD_USER_INPUT,
    domain.RefusalKept: Code.BAD_USER_INPUT,
    domain.ErasedEarlier: Code.BAD_USER_INPUT,
    domain.InvalidSource: Code.BAD_USER_INPUT,
    domain.InvalidEmail: Code.BAD_USER_INPUT,
    domain.InvalidSetting: Code.BAD_USER_INPUT,
    domain.InvalidValue: Code.BAD_USER_INPUT,
    domain.InvalidRule: Code.BAD_USER_INPUT,
    domain.MailingProtected: Code.BAD_USER_INPUT,
    domain.AskedRecently: Code.BAD_USER_INPUT,
    domain.DispatchRunning: Code.BAD_USER_INPUT,
    domain.RelayNotPermissionBased: Code.BAD_USER_INPUT,
    domain.SwitchOff: Code.BAD_USER_INPUT,
    domain.LimitExceeded: Code.BAD_USER_INPUT,
    domain.Conflict: Code.BAD_USER_INPUT,
    domain.NotFound: Code.BAD_USER_INPUT,
    domain.Forbidden: Code.FORBIDDEN,
}


@strawberry.type(
    description="Why a mutation, or a part of it, was not done. Nothing is wrong with the service."
)
class UserError:
    """The payload's form of a domain error."""

    code: str = strawberry.field(description="A stable name of the reason, for programs.")
    message: str = strawberry.field(description="The reason and the way out, for people.")
    path: list[str] | None = strawberry.field(
        default=None,
        description="The input at fault, outermost name first; list positions are numbers from 0.",
    )


class Payload(Protocol):
    """A mutation's payload type: all its fields but `errors` have defaults."""

    def __init__(self, *, errors: list[UserError]) -> None: ...


AnyPayload = TypeVar("AnyPayload", bound=Payload)


def refusal(code: Code, message: str, nodes: Node | list[Node] | None = None) -> GraphQLError:
    """An error to raise or return from anywhere in this door; it reaches the client word for word."""
    return GraphQLError(message, nodes, extensions={"code": code.value})


def user_errors(*errors: domain.RequestError) -> list[UserError]:
    """Domain errors as a payload lists them; names in paths become camelCase, as the caller wrote them."""
    return [UserError(code=e.code, message=e.message, path=_input_path(e) or None) for e in errors]


async def attempt(payload: type[AnyPayload], work: Awaitable[AnyPayload]) -> AnyPayload:
    """Awaits `work`; a domain error becomes `payload(errors=[…])` instead of a transport error.

    `Forbidden` stays a transport error, since no other input would help.
    """
    try:
        return await work
    except domain.Forbidden:
        raise
    except domain.RequestError as error:
        return payload(errors=user_errors(error))


def disclose(error: GraphQLError) -> GraphQLError:
    """The error as a client may see it, always with a code, never with details of an unexpected exception."""
    cause = _cause(error)
    if isinstance(cause, domain.RequestError):
        return _from_domain(error, cause)
    if is_unexpected(error):
        return _shown(error, "Unexpected error.", {"code": Code.INTERNAL_SERVER_ERROR.value})
    extensions = {"code": _code_of(error, cause).value, **(error.extensions or {})}
    return _shown(error, _message_of(error, cause), extensions)


def is_unexpected(error: GraphQLError) -> bool:
    """Whether the error is a fault of ours rather than a mistake of the caller.

    graphql-core reports both with its own class. Errors about arguments point at a value in the document, while a
    result that does not fit its type points at the field that was being resolved.
    """
    cause = _cause(error)
    if (error.extensions or {}).get("code") or isinstance(cause, (domain.RequestError, *_CALLERS_MISTAKES)):
        return False
    if cause is not None:
        return not (isinstance(cause, RecursionError) and error.path is None)
    return error.path is not None and any(isinstance(node, FieldNode) for node in error.nodes or ())


def log_unexpected(errors: Iterable[GraphQLError]) -> None:
    """Logs our own faults: exception type, field path, and the line that raised. No message, no variables."""
    for error in errors:
        if is_unexpected(error):
            field = ".".join(str(step) for step in error.path or ()) or "-"
            log_exception(f"field {field}", _cause(error) or error)


def log_exception(where: str, exception: BaseException) -> None:
    """Logs that `where` failed with this exception, without its message: messages quote data."""
    frames = extract_tb(exception.__traceback__)
    line = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "-"
    log.error("graphql: %s failed with %s at %s", where, type(exception).__name__, line)


_CALLERS_MISTAKES = (CannotGetOperationTypeError, InvalidOperationTypeError)
# The parser reports its caps on length, tokens and nesting as syntax errors.
_OVER_A_CAP = re.compile(r"Syntax Error: (Source|Document) (contains more than|is nested too deeply)")
_SUGGESTION = re.compile(r"\s*Did you mean .*", re.DOTALL)


def _cause(error: GraphQLError) -> Exception | None:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _code_of(error: GraphQLError, cause: Exception | None) -> Code:
    if isinstance(error, GraphQLSyntaxError):
        return Code.QUERY_TOO_LARGE if _OVER_A_CAP.match(error.message) else Code.GRAPHQL_PARSE_FAILED
    return Code.QUERY_TOO_LARGE if isinstance(cause, RecursionError) else Code.BAD_USER_INPUT


def _message_of(error: GraphQLError, cause: Exception | None) -> str:
    match cause:
        case RecursionError():
            return "The document is nested too deeply."
        case CannotGetOperationTypeError():
            return "The document has no operation of that name."
        case _:
            return _SUGGESTION.sub("", error.message)


def _from_domain(error: GraphQLError, cause: domain.RequestError) -> GraphQLError:
    extensions: dict[str, object] = {"code": TRANSPORT_CODES[type(cause)].value, "reason": cause.code}
    if cause.path:
        extensions["input"] = ".".join(_input_path(cause))
    return _shown(error, cause.message, extensions)


def _input_path(error: domain.RequestError) -> list[str]:
    return [to_camel_case(step) if isinstance(step, str) else str(step) for step in error.path]


def _shown(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        message, error.nodes, error.source, error.positions, error.path, extensions=extensions
    )
