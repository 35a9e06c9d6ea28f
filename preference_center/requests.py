"""Reads what a request says: its fields, whatever they are written in, and the language that is wanted.

    content type                        fields
    application/x-www-form-urlencoded   each name once; blank values count
    multipart/form-data                 the same; a file is no field
    application/json                    one object of texts
    none                                as the first: a plain client that says Tracking=Stop means it

Anything else raises `InvalidValue`, without repeating what was sent.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

from litestar import HttpMethod, Request

from app.domain.errors import InvalidValue, NotFound
from app.instance import Instance
from app.look.languages import Language, language
from app.networks import network_of


class TooFast(Exception):
    """This network sends more than its pace; it may go on after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__()


SHOWING = [HttpMethod.GET, HttpMethod.HEAD]
"""The methods that show, and change nothing."""

LARGEST_BODY = 64 * 1024
_MOST_FIELDS = 100
_HIGHEST_ID = 2**63 - 1

Fields = Mapping[str, str]
AnyRequest = Request[Any, Any, Any]


def instance_of(request: AnyRequest) -> Instance:
    """The instance that the roof put into the application's state."""
    return cast("Instance", request.app.state.instance)


def keep_pace(request: AnyRequest) -> None:
    """Lets a network send so many sign-ups, confirmations and requests for links a minute. Raises `TooFast`, before what it sends is read."""
    instance = instance_of(request)
    peer = request.client.host if request.client else ""
    # Several headers of one name are one list (RFC 9110 §5.3): a proxy may add its own behind one that a client made up.
    forwarded = ",".join(request.headers.getall("x-forwarded-for", []))
    address = instance.trusted.client(peer, forwarded.encode("latin-1"))
    seconds = 0.0 if address is None else instance.pace.wait(network_of(address))
    if seconds:
        raise TooFast(seconds)


def form_number(form_id: str) -> int:
    """The id in the address of a form; anything that is none is no form. Raises `NotFound`."""
    if form_id.isascii() and form_id.isdigit() and len(form_id) <= len(str(_HIGHEST_ID)):
        number = int(form_id)
        if number <= _HIGHEST_ID:
            return number
    raise NotFound(path=("form",))


def spoken_to(request: AnyRequest, fields: Fields | None = None, known: str | None = None) -> Language:
    """The language of the answer. `known` is the subscriber's locale."""
    wanted = (fields or {}).get("lang") or request.query_params.get("lang")
    return language(wanted, accepted=request.headers.get("accept-language"), known=known)


def signals_privacy(request: AnyRequest) -> bool:
    """Whether the browser sends Global Privacy Control."""
    return bool(request.headers.get("sec-gpc", "").strip() == "1")


def wants_json(request: AnyRequest) -> bool:
    """Whether a program asks, which reads JSON, rather than a person with a browser."""
    accept = request.headers.get("accept", "")
    return _content_type(request) == "application/json" or (
        "application/json" in accept and "text/html" not in accept
    )


async def fields_of(request: AnyRequest) -> Fields:
    """The fields of the body, by the table at the top."""
    match _content_type(request):
        case "application/x-www-form-urlencoded" | "":
            return _once(_urlencoded(await request.body()))
        case "multipart/form-data":
            form = await request.form()
            return _once(form.multi_items())
        case "application/json":
            return _object(await request.body())
        case _ if not await request.body():
            return {}
        case _:
            message = "Send the fields urlencoded, as multipart form data, or as JSON."
            raise InvalidValue(message)


def _content_type(request: AnyRequest) -> str:
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        message = "The fields are not readable as urlencoded UTF-8."
        raise InvalidValue(message) from None


def _once(items: Iterable[tuple[str, Any]]) -> Fields:
    found: dict[str, str] = {}
    for name, value in items:
        if name in found:
            message = "A field stands twice. Send each once."
            raise InvalidValue(message, path=(name[:40],))
        found[name] = _text(name, value)
    return found


def _object(body: bytes) -> Fields:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or len(value) > _MOST_FIELDS:
        message = "The body is not one JSON object of texts."
        raise InvalidValue(message)
    return {name: _text(name, each) for name, each in value.items()}


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        message = "Each field is a text."
        raise InvalidValue(message, path=(name[:40],))
    return value
