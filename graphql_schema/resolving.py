"""What every resolver uses: the way down to the floors below, and the difference between absent and null.

    left out            nothing is said: `given` answers None, `stated` leaves the field out
    null                an answer where null means something (inherit, no limit), else NULL_NOT_ALLOWED
    anything else       that value

Source: domain.md §3, §4.
"""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import fields
from typing import Any, TypeVar

import strawberry
from strawberry import Info
from strawberry.scalars import JSON

from app.actions.unit import Unit, unit
from app.disclosure.reader import Reader
from app.domain.errors import InvalidValue, NullNotAllowed
from graphql_schema.context import Context

Value = TypeVar("Value")
Asked = Info[Context, None]
"""What a resolver knows: annotate its argument `info` with it."""

_NULL = "Null is not a value here. Leave the field out to change nothing."


def reader_of(info: Asked) -> Reader:
    """The caller at the gate of reading."""
    return Reader(info.context.services, info.context.principal)


def unit_of(info: Asked) -> AbstractAsyncContextManager[Unit]:
    """A unit of work of the caller. What was loaded before is forgotten, since the unit may change it."""
    context = info.context
    context.forget()
    principal = context.principal
    return unit(context.services, principal.account_id, principal.actor, principal.user_id)


def given(value: Value | None) -> Value | None:
    """The value, or None where it is null or was left out."""
    return None if value is strawberry.UNSET else value


def not_null(value: Value | None, *path: str | int) -> Value | None:
    """The value, or None where it was left out.

    Raises:
        NullNotAllowed: It is null. `path` names the input.
    """
    if value is None:
        raise NullNotAllowed(path=path)
    return given(value)


def stated(
    given_input: object, *path: str | int, nullable: Collection[str], skip: Collection[str]
) -> dict[str, Any]:
    """The fields of an input that were sent, by their Python names, without those of `skip`.

    Raises:
        NullNotAllowed: A field that is not `nullable` is null.
    """
    found = {}
    for name in (field.name for field in fields(given_input)):  # type: ignore[arg-type]  # Inputs are dataclasses.
        value = getattr(given_input, name)
        if value is None and name not in nullable:
            raise NullNotAllowed(_NULL, path=(*path, name))
        if name not in skip and value is not strawberry.UNSET:
            found[name] = value
    return found


def as_object(value: JSON | None, *path: str | int) -> dict[str, Any] | None:
    """A JSON object, or None where there is none.

    Raises:
        InvalidValue: It is JSON of another kind.
    """
    found: Any = given(value)
    if found is not None and not isinstance(found, dict):
        raise InvalidValue("This must be a JSON object: names with values.", path=path)
    return found
