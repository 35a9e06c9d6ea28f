"""The parameters of a GraphQL request, read from a query string, a body, or a socket's message."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Parameters(msgspec.Struct, rename="camel"):
    """As GraphQL over HTTP §5.1 names them; others are ignored, wrong types are not."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


class UnreadableParameters(ValueError):
    """The request does not hold GraphQL parameters; the message says where it goes wrong and quotes nothing."""


def from_body(body: bytes) -> Parameters:
    """Reads a JSON body.

    Raises:
        UnreadableParameters: No JSON, no UTF-8, nested too deeply, a list, a wrong type, or no query in it.
    """
    try:
        return _with_query_or_hash(_DECODER.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableParameters(_reason(error)) from None


def from_query_string(values: Mapping[str, str]) -> Parameters:
    """Reads the parameters of a GET, where `variables` and `extensions` are JSON.

    Raises:
        UnreadableParameters: As `from_body`.
    """
    try:
        return _with_query_or_hash(
            Parameters(
                query=values.get("query"),
                variables=_mapping(values.get("variables")),
                operation_name=values.get("operationName") or None,
                extensions=_mapping(values.get("extensions")),
            )
        )
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise UnreadableParameters(_reason(error)) from None


def from_message(payload: object) -> Parameters:
    """Reads the payload of a `subscribe` message, which always brings its query along.

    Raises:
        UnreadableParameters: As `from_body`.
    """
    try:
        return _with_query(msgspec.convert(payload, Parameters))
    except msgspec.MsgspecError as error:
        raise UnreadableParameters(_reason(error)) from None


_DECODER = msgspec.json.Decoder(Parameters)
_MAPPING = msgspec.json.Decoder(dict[str, Any] | None)


def _mapping(text: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = _MAPPING.decode(text) if text else None
    return found


def _with_query_or_hash(parameters: Parameters) -> Parameters:
    # What stands for a query that was sent before is found in `persisted`.
    by_hash = (parameters.extensions or {}).get("persistedQuery") is not None
    return parameters if by_hash else _with_query(parameters)


def _with_query(parameters: Parameters) -> Parameters:
    if not parameters.query:
        raise UnreadableParameters("The request holds no GraphQL query: the parameter query is missing.")
    return parameters


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "The JSON is nested too deeply."
    if isinstance(error, msgspec.ValidationError):
        return f"The request is not a GraphQL request: {error}."
    return "The request is not JSON in UTF-8."
