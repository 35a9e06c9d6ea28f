"""Attributes of subscribers as segments read them: four types, and what an operator means for each.

    type      reads                                                   operators
    TEXT      JSON strings                                            EQ NE LT LE GT GE CONTAINS EXISTS
    NUMBER    JSON numbers, and strings that are decimal numbers      EQ NE LT LE GT GE EXISTS
    DATE      strings that begin with YYYY-MM-DD; the rest is left    EQ NE LT LE GT GE EXISTS
    BOOLEAN   true, false, and the strings "true" and "false"         EQ NE EXISTS

What is missing, null, or does not read as its type is no, whatever the operator: NE too. Texts compare by code point,
upper and lower case differ. An attribute that nobody defined has the type of the value that it is compared with.
Source: domain.md §9, contract.graphql (AttributeCondition).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum, unique
from operator import eq, ge, gt, le, lt, ne
from typing import Any, assert_never

from app.domain.errors import InvalidRule, InvalidValue


@unique
class AttributeType(StrEnum):
    """How an attribute is read, by the table at the top."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DATE = "DATE"
    BOOLEAN = "BOOLEAN"


@unique
class AttributeOperator(StrEnum):
    """How an attribute is compared with a value. EXISTS has none."""

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    LE = "LE"
    GT = "GT"
    GE = "GE"
    CONTAINS = "CONTAINS"
    EXISTS = "EXISTS"


_COMPARING = {
    AttributeOperator.EQ: eq,
    AttributeOperator.NE: ne,
    AttributeOperator.LT: lt,
    AttributeOperator.LE: le,
    AttributeOperator.GT: gt,
    AttributeOperator.GE: ge,
}
_ANY_TYPE = frozenset({AttributeOperator.EQ, AttributeOperator.NE, AttributeOperator.EXISTS})
_OPERATORS = {
    AttributeType.TEXT: frozenset(AttributeOperator),
    AttributeType.NUMBER: frozenset(AttributeOperator) - {AttributeOperator.CONTAINS},
    AttributeType.DATE: frozenset(AttributeOperator) - {AttributeOperator.CONTAINS},
    AttributeType.BOOLEAN: _ANY_TYPE,
}
NUMBER_TEXT = r"-?[0-9]{1,30}(\.[0-9]{1,30})?"
"""A string that reads as a number, as a regular expression of Python and of PostgreSQL alike."""
DATE_TEXT = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
"""How a string begins that reads as a date, likewise."""
_NUMBER, _DATE = re.compile(NUMBER_TEXT), re.compile(DATE_TEXT)
_DAY = 10  # characters of YYYY-MM-DD

Comparable = str | Decimal | bool
"""A value as it is compared: a text or day, a number, a truth."""


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """One attribute, an operator, and the value that it is compared with; None for EXISTS."""

    name: str
    operator: AttributeOperator
    type: AttributeType
    value: Comparable | None = None


def attribute_type(name: str | None, *path: str | int) -> AttributeType:
    """The type of this name in any case; TEXT where there is none. Raises `InvalidValue`."""
    if name is None:
        return AttributeType.TEXT
    try:
        return AttributeType(name.strip().upper())
    except ValueError:
        message = "An attribute is text, number, date or boolean."
        raise InvalidValue(message, path=path) from None


def attribute_condition(
    name: str, operator: AttributeOperator, defined: AttributeType | None, value: Any, *path: str | int
) -> AttributeCondition:
    """A condition whose operator and value fit its type. Raises `InvalidRule`."""
    if operator is AttributeOperator.EXISTS:
        if value is not None:
            message = "EXISTS compares with nothing: leave value out."
            raise InvalidRule(message, path=(*path, "value"))
        return AttributeCondition(name, operator, defined or AttributeType.TEXT)
    chosen = defined or _type_of(value)
    if operator not in _OPERATORS[chosen]:
        known = ", ".join(each for each in AttributeOperator if each in _OPERATORS[chosen])
        message = f"This attribute is a {chosen.lower()}; its operators are {known}."
        raise InvalidRule(message, path=(*path, "op"))
    wanted = None if value is None else _wanted(chosen, value)
    if wanted is None:
        message = f"This attribute is compared with a {chosen.lower()}."
        raise InvalidRule(message, path=(*path, "value"))
    return AttributeCondition(name, operator, chosen, wanted)


def _type_of(value: Any) -> AttributeType:
    match value:
        case bool():
            return AttributeType.BOOLEAN
        case int() | float():
            return AttributeType.NUMBER
        case _:
            return AttributeType.TEXT


def _wanted(chosen: AttributeType, value: Any) -> Comparable | None:
    """The value of a rule, which has to be a day that exists where the attribute is one."""
    found = read(chosen, value)
    if chosen is AttributeType.DATE and found is not None:
        try:
            date.fromisoformat(str(found))
        except ValueError:
            return None
    return found


def read(chosen: AttributeType, stored: Any) -> Comparable | None:
    """What a stored value is worth as that type; None where it is nothing of the kind."""
    match chosen:
        case AttributeType.TEXT:
            return stored if isinstance(stored, str) else None
        case AttributeType.NUMBER:
            return _number(stored)
        case AttributeType.DATE:
            return stored[:_DAY] if isinstance(stored, str) and _DATE.match(stored) else None
        case AttributeType.BOOLEAN:
            return {"true": True, "false": False}.get(stored) if isinstance(stored, str) else _truth(stored)
        case _:
            assert_never(chosen)


def _number(stored: Any) -> Decimal | None:
    if isinstance(stored, str):
        return Decimal(stored) if _NUMBER.fullmatch(stored) else None
    if isinstance(stored, bool) or not isinstance(stored, int | float):
        return None
    found = Decimal(str(stored))
    return found if found.is_finite() else None


def _truth(stored: Any) -> bool | None:
    return stored if isinstance(stored, bool) else None


def holds(condition: AttributeCondition, attributes: Mapping[str, Any]) -> bool:
    """Whether somebody's attributes fulfil a condition, by the table at the top."""
    stored = attributes.get(condition.name)
    if condition.operator is AttributeOperator.EXISTS:
        return stored is not None
    found, wanted = read(condition.type, stored), condition.value
    if found is None or wanted is None:
        return False
    if condition.operator is AttributeOperator.CONTAINS:
        return str(wanted) in str(found)
    compared: bool = _COMPARING[condition.operator](found, wanted)
    return compared
