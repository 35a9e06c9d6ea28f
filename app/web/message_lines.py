"""The lines of `POST /messages`: what they say, and what is said in return.

    line        fields
    the first   mailing, html, text, idempotencyKey
    the others  to, cc, bcc (addresses), merge, trackOpens, trackClicks; or, for one address, its fields right here
    address     email, permission, permissionSource, permissionAt

They are the inputs of `prepareMessages`, spelled alike. An unknown field is refused, since a misspelt `permission`
would send untold. Whatever is wrong raises `RequestError` with the path within the line. Source: contract.md.
"""

import hashlib
import json
import logging
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from app.actions.answers import NOTHING_ASKED, Asked
from app.actions.messages import Addressee, MessageRequest, PreparedMessage
from app.disclosure.personal_ids import PersonalIds
from app.domain.decisions import Decision
from app.domain.errors import InvalidValue, NotFound, NullNotAllowed, RequestError
from app.domain.explain import sentence
from app.domain.global_ids import number_of
from app.domain.imports import read_date
from app.domain.modes import Axis
from app.domain.permission import Evidence, PermissionChange, PermissionSource
from app.instance import DatabaseAway
from app.web.callers import NO_ROOM, SILENT, STARVED, Spent, Unauthenticated
from app.web.spool import NoRoom, Silent

logger = logging.getLogger(__name__)

_HEAD = frozenset({"mailing", "html", "text", "idempotencyKey"})
_ADDRESS = frozenset({"email", "permission", "permissionSource", "permissionAt"})
_GROUPS = ("to", "cc", "bcc")
_RECIPIENT = frozenset({*_GROUPS, "merge", "trackOpens", "trackClicks"})

Fields = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Head:
    """What holds for all lines."""

    mailing_id: int
    html: str | None
    text: str | None
    key: str | None

    def batch_key(self, batch: int) -> str | None:
        """The key of a batch: of one length, and none that a caller of prepareMessages would choose."""
        if self.key is None:
            return None
        return f"messages:{hashlib.sha256(self.key.encode('utf-8', 'surrogatepass')).hexdigest()}:{batch}"


def read_head(line: bytes) -> Head:
    """The first line."""
    found = _object(line.removeprefix(b"\xef\xbb\xbf"))
    _known(found, _HEAD)
    mailing = _text(found, "mailing")
    if mailing is None:
        message = 'The first line names the mailing: {"mailing": "<its id>", "html": …}.'
        raise InvalidValue(message, path=("mailing",))
    try:
        number = number_of(mailing, "Mailing", path=("mailing",))
    except NotFound:
        message = "There is no such mailing in this account."
        raise NotFound(message, path=("mailing",)) from None
    return Head(number, _text(found, "html"), _text(found, "text"), _text(found, "idempotencyKey"))


def read_recipient(line: bytes) -> MessageRequest:
    """Any other line."""
    found = _object(line)
    short = "email" in found
    _known(found, _RECIPIENT - {*_GROUPS} | _ADDRESS if short else _RECIPIENT)
    if short:
        own = {name: value for name, value in found.items() if name in _ADDRESS}
        addressees = [_addressee(own)]
    else:
        addressees = [
            _addressee(each, name, place)
            for name in _GROUPS
            for place, each in enumerate(_list(found.get(name), name))
        ]
    return MessageRequest(
        addressees, _merge(found), _toggle(found, "trackOpens"), _toggle(found, "trackClicks")
    )


def _object(line: bytes) -> Fields:
    try:
        found = json.loads(line.decode(), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        message = "This line is not one JSON object in UTF-8."
        raise InvalidValue(message)
    return found


def _no_number(_name: str) -> NoReturn:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _known(found: Fields, names: frozenset[str], *path: str | int) -> None:
    unknown = sorted(set(found) - names)
    if unknown:
        message = f"There is no such field here. Known are {', '.join(sorted(names))}."
        raise InvalidValue(message, path=(*path, unknown[0][:40]))


def _text(found: Fields, name: str, *path: str | int) -> str | None:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        message = "This is a text."
        raise InvalidValue(message, path=(*path, name))
    return value


def _toggle(found: Fields, name: str) -> bool | None:
    value = found.get(name)
    if value is not None and not isinstance(value, bool):
        message = "This is true or false."
        raise InvalidValue(message, path=(name,))
    return value


def _list(value: Any, name: str) -> Sequence[Any]:
    if value is None:
        return ()
    found = value if isinstance(value, list) else [value]
    for place, each in enumerate(found):
        if not isinstance(each, dict):
            message = 'An address is an object: {"email": …}.'
            raise InvalidValue(message, path=(name, place))
    return found


def _addressee(found: Fields, *path: str | int) -> Addressee:
    _known(found, _ADDRESS, *path)
    email = _text(found, "email", *path)
    if email is None:
        message = "An address has an email."
        raise InvalidValue(message, path=(*path, "email"))
    return Addressee(email, _asked(found, *path), path)


def _asked(found: Fields, *path: str | int) -> Asked:
    if "permission" in found and found["permission"] is None:
        raise NullNotAllowed(path=(*path, "permission"))
    said = _word(PermissionChange, found, "permission", *path)
    source = _word(PermissionSource, found, "permissionSource", *path)
    at = _time(found, "permissionAt", *path)
    if said is None or said is PermissionChange.UNCHANGED:
        return NOTHING_ASKED
    return Asked(said, evidence=Evidence(source, at))


def _word(kind: type[Word], found: Fields, name: str, *path: str | int) -> Word | None:
    value = _text(found, name, *path)
    try:
        return None if value is None else kind(value)
    except ValueError:
        message = f"This is one of {', '.join(each.value for each in kind)}."
        raise InvalidValue(message, path=(*path, name)) from None


def _time(found: Fields, name: str, *path: str | int) -> datetime | None:
    value = _text(found, name, *path)
    at = None if value is None else read_date(value)
    if value is not None and at is None:
        message = "This is a time such as 2026-03-01T12:00:00Z."
        raise InvalidValue(message, path=(*path, name))
    return at


def _merge(found: Fields) -> dict[str, str | int | float | bool | None]:
    value = found.get("merge")
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = "This must be a JSON object: names with values."
        raise InvalidValue(message, path=("merge",))
    for name, each in value.items():
        if isinstance(each, (dict, list)):
            message = "A merge value is a string, a number, true, false or null."
            raise InvalidValue(message, path=("merge", name[:100]))
    return value


def prepared_line(
    ids: PersonalIds, number: int, prepared: PreparedMessage, besides: Sequence[RequestError]
) -> dict[str, Any]:
    """The answer to a line whose message is ready; `besides` are errors that did not hinder it.

    The trace tells when people answered, so it is for those who may know.
    """
    stamped = prepared.stamped
    found = {
        "n": number,
        "messageId": str(prepared.message_id),
        "deliveryIds": [ids.delivery(key) for key in prepared.deliveries],
        "html": stamped.html,
        "text": stamped.text,
        "headers": [{"name": name, "value": value} for name, value in stamped.headers],
        "decision": _decision(prepared.decision, traced=ids.sees_people),
        "untrackedLinks": list(stamped.untracked),
    }
    return {**found, "errors": [error_words(each) for each in besides]} if besides else found


def _decision(decided: Decision, *, traced: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for axis in Axis:
        seen = decided.on(axis)
        found[axis.lower()] = {"mode": seen.mode, "boundBy": seen.bound_by}
        if traced:
            found[axis.lower()]["trace"] = [
                {"layer": step.layer, "ceiling": step.ceiling, "reason": sentence(step, axis)}
                for step in seen.trace
            ]
    return found


def failed_line(number: int, error: RequestError) -> dict[str, Any]:
    """The answer to a line of which nothing was prepared."""
    return {"n": number, "error": error_words(error)}


def error_words(error: RequestError) -> dict[str, Any]:
    """An error as a line says it."""
    return {"code": error.code, "message": error.message, "path": [str(step) for step in error.path]}


def by_place(errors: Sequence[RequestError]) -> dict[int, list[RequestError]]:
    """The errors of each message, with their paths as they are within its line."""
    found: dict[int, list[RequestError]] = defaultdict(list)
    for error in errors:
        _, place, *rest = error.path
        found[int(place)].append(type(error)(error.message, path=tuple(rest)))
    return found


def undone(error: Exception) -> dict[str, Any]:
    """The beginning of the last line of a call that could not go on."""
    match error:
        case RequestError():
            words = error_words(error)
        case DatabaseAway():
            words = {
                "code": "UNAVAILABLE",
                "message": "The database does not answer. Repeat the call shortly.",
            }
        case NoRoom():
            words = {"code": "UNAVAILABLE", "message": NO_ROOM}
        case Silent():
            words = {"code": "LIMIT_EXCEEDED", "message": SILENT}
        case Spent():
            words = {"code": "RATE_LIMITED", "message": STARVED}
        case Unauthenticated():
            words = {"code": "UNAUTHENTICATED", "message": "The token has ended."}
        case _:
            logger.error("A call of /messages failed: %s", type(error).__name__)
            words = {"code": "INTERNAL_SERVER_ERROR", "message": "A mistake of ours. Repeat the call."}
    return {"done": False, "error": words}


def written(line: Mapping[str, Any]) -> bytes:
    """A line of the answer. What UTF-8 cannot hold is escaped."""
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(line, separators=(",", ":")).encode() + b"\n"
