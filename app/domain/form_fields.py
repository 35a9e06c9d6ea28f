r"""The fields of a form's own: what a form asks of people besides their address, and how an answer is read.

    type      an answer is                                        kept as
    TEXT      1 to 500 characters                                 a text
    NUMBER    at most 15 digits, a point and 6 more, a minus      a number
    DATE      a day of the calendar, 2026-11-22                   that text
    BOOLEAN   yes or no                                           true or false

A blank answer is none, and a required field has one. A form that declares fields takes these and no others; one that
declares none keeps whatever else it is sent as texts. Labels are shown word for word.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from app.domain.attributes import AttributeType
from app.domain.errors import InvalidValue
from app.domain.texts import checked_name, merged_attributes

MOST_FIELDS = 20
LONGEST_ANSWER = 500
ATTRIBUTE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BOOLEANS = {"yes": True, "no": False}

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: the attribute that it fills, what people read beside it, and whether it has to be answered."""

    name: str
    label: str
    type: AttributeType = AttributeType.TEXT
    required: bool = False


def checked_fields(fields: Sequence[FormField], reserved: frozenset[str]) -> tuple[FormField, ...]:
    """Fields that a form may have; `reserved` are the names that mean something else. Raises `InvalidValue`."""
    if len(fields) > MOST_FIELDS:
        message = f"A form has at most {MOST_FIELDS} fields of its own."
        raise InvalidValue(message, path=("fields",))
    found: dict[str, FormField] = {}
    for number, each in enumerate(fields):
        if ATTRIBUTE_NAME.fullmatch(each.name) is None or each.name in reserved or each.name in found:
            message = (
                "A field's name begins with a letter, has up to 40 letters, digits and _, and is no other's."
            )
            raise InvalidValue(message, path=("fields", number, "name"))
        label = checked_name(each.label, "fields", number, "label")
        found[each.name] = FormField(each.name, label, each.type, each.required)
    return tuple(found.values())


def read_fields(fields: Sequence[FormField], given: Mapping[str, str]) -> dict[str, Value]:
    """The answers of one submission, by the table at the top. Raises `InvalidValue` with the field's name as path."""
    if not fields:
        return _undeclared(given)
    declared = {each.name for each in fields}
    for name in given:
        if name not in declared:
            message = f"This form has no field {name}."
            raise InvalidValue(message, path=(name,))
    answered = {each.name: _read(each, given.get(each.name, "").strip()) for each in fields}
    found = {name: value for name, value in answered.items() if value is not None}
    merged_attributes({}, found, "attributes")
    return found


def _undeclared(given: Mapping[str, str]) -> dict[str, Value]:
    if len(given) > MOST_FIELDS:
        message = f"A form takes at most {MOST_FIELDS} fields of its own."
        raise InvalidValue(message, path=("attributes",))
    for name, value in given.items():
        _text(name, value)
    merged_attributes({}, given, "attributes")
    return dict(given)


def _read(field: FormField, text: str) -> Value | None:
    if not text:
        if field.required:
            message = f"{field.name} has to be answered."
            raise InvalidValue(message, path=(field.name,))
        return None
    match field.type:
        case AttributeType.TEXT:
            return _text(field.name, text)
        case AttributeType.NUMBER:
            return _number(field.name, text)
        case AttributeType.DATE:
            return _day(field.name, text)
        case AttributeType.BOOLEAN:
            return _boolean(field.name, text)
        case _:
            assert_never(field.type)


def _text(name: str, text: str) -> str:
    if len(text) > LONGEST_ANSWER:
        message = f"{name} has at most {LONGEST_ANSWER} characters."
        raise InvalidValue(message, path=(name,))
    return text


def _number(name: str, text: str) -> int | float:
    if _NUMBER.fullmatch(text) is None or not text.isascii():
        message = f"{name} is a number such as 12 or -1.5."
        raise InvalidValue(message, path=(name,))
    return float(text) if "." in text else int(text)


def _day(name: str, text: str) -> str:
    if _DAY.fullmatch(text) is not None and text.isascii():
        with suppress(ValueError):
            return date.fromisoformat(text).isoformat()
    message = f"{name} is a day such as 2026-11-22."
    raise InvalidValue(message, path=(name,))


def _boolean(name: str, text: str) -> bool:
    value = _BOOLEANS.get(text)
    if value is None:
        message = f"{name} is yes or no."
        raise InvalidValue(message, path=(name,))
    return value
