"""The two scalars beside GraphQL's own: points in time, and free JSON.

DateTime   in and out: RFC 3339 with an offset, "2026-03-01T12:00:00Z". Inside: aware, in UTC. Annotate `datetime`.
JSON       any JSON value (RFC 8259). Annotate `strawberry.scalars.JSON`.
"""

import re
from datetime import UTC, datetime
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from app.domain.moments import moment_in_utc


def read_datetime(value: Any) -> datetime:
    """An aware datetime in UTC.

    Raises:
        GraphQLError: The value is no RFC 3339 date-time. One without an offset is refused, since it could mean any of
            26 hours.
    """
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise GraphQLError("A DateTime is written as RFC 3339 says, with its offset: 2026-03-01T12:00:00Z.")
    try:
        return moment_in_utc(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError):
        raise GraphQLError("There is no such date or time.") from None


def write_datetime(value: datetime) -> str:
    """RFC 3339 in UTC, with a Z; fractions only where there are any.

    Raises:
        TypeError: A naive datetime. Ours are all aware, so this is a bug.
    """
    if value.tzinfo is UTC:
        # What the database gives, and by far the most that is written.
        return f"{value.isoformat()[:-6]}Z"
    if value.tzinfo is None:
        raise TypeError("A datetime without a time zone cannot be shown.")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A point in time as RFC 3339 writes it, such as `2026-03-01T12:00:00Z`. Answers are in UTC.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_datetime,
        parse_value=read_datetime,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value: an object, a list, a string, a number, true, false or null.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
    ),
}

_RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
