r"""Texts that callers bring: which of them can be kept at all, and how long they may be.

    text         may be                                                            raises InvalidValue for
    any          what PostgreSQL and UTF-8 can hold                                NUL, lone surrogates
    name         1 to 200 characters of one line, without blanks around them       control characters too
    wording      1 to 4,000 characters, without blanks around them
    locale       a language tag such as de or de-CH, at most 35 characters
    attributes   a JSON object of at most 16,384 bytes, what was there included,   NaN, Infinity
                 and 32 levels deep

The messages never repeat what was sent. Source: RFC 5646 §4.4.1 (35 characters hold every tag in use); RFC 8259.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from app.domain.errors import InvalidValue

LONGEST_NAME = 200
LONGEST_WORDING = 4_000
LONGEST_LOCALE = 35
LARGEST_ATTRIBUTES = 16_384
DEEPEST_ATTRIBUTES = 32

_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def storable(text: str, *path: str | int) -> str:
    """The same text. Raises `InvalidValue` where it holds what no database keeps."""
    if not _is_storable(text):
        message = "A text holds neither NUL characters nor halves of surrogate pairs."
        raise InvalidValue(message, path=path)
    return text


def checked_name(name: str, *path: str | int) -> str:
    """A name by the table at the top. Raises `InvalidValue`, at the path `name` unless told."""
    where = path or ("name",)
    trimmed = name.strip()
    if not 0 < len(trimmed) <= LONGEST_NAME:
        message = f"A name has between 1 and {LONGEST_NAME} characters."
        raise InvalidValue(message, path=where)
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in trimmed):
        message = "A name is one line of text, without control characters."
        raise InvalidValue(message, path=where)
    return trimmed


def checked_wording(text: str, *path: str | int) -> str:
    """A wording's text by the table at the top. Raises `InvalidValue`."""
    trimmed = storable(text, *path).strip()
    if not 0 < len(trimmed) <= LONGEST_WORDING:
        message = f"A wording has between 1 and {LONGEST_WORDING} characters."
        raise InvalidValue(message, path=path)
    return trimmed


def checked_locale(text: str, *path: str | int) -> str:
    """A language tag such as `de` or `de-CH`. Raises `InvalidValue`."""
    if len(text) > LONGEST_LOCALE or _LOCALE.fullmatch(text) is None:
        message = "A locale is a language tag such as en or de-CH."
        raise InvalidValue(message, path=path)
    return text


def merged_attributes(
    stands: Mapping[str, Any], given: Mapping[str, Any], *path: str | int
) -> dict[str, Any]:
    """What a subscriber's attributes are once `given` replaced those of the same names. Raises `InvalidValue`."""
    merged = {**stands, **given}
    _check_inside(given, *path)
    if given and _bytes_as_json(merged, *path) > LARGEST_ATTRIBUTES:
        message = f"The attributes of one subscriber have at most {LARGEST_ATTRIBUTES} bytes as JSON."
        raise InvalidValue(message, path=path)
    return merged


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _bytes_as_json(value: Mapping[str, Any], *path: str | int) -> int:
    try:
        return len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError):
        message = "Attributes are plain JSON: texts, finite numbers, true, false, null, lists and objects."
        raise InvalidValue(message, path=path) from None


def _check_inside(given: Mapping[str, Any], *path: str | int) -> None:
    """Looks at every key and every text, without recursion: nobody has said yet how deep it goes."""
    waiting: list[tuple[Any, int]] = [(given, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST_ATTRIBUTES:
            message = f"Attributes nest at most {DEEPEST_ATTRIBUTES} levels deep."
            raise InvalidValue(message, path=path)
        if isinstance(value, str):
            storable(value, *path)
        elif isinstance(value, Mapping):
            waiting += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]
