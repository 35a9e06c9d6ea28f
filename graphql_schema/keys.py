"""The keys inside global ids of subscribers, and of what belongs to one and has a number there."""

import re
from uuid import UUID

from app.domain.errors import NotFound
from graphql_schema.ids import key_of

_UUID = re.compile(r"[0-9a-f]{32}")
_NUMBERED = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]{0,18})")
_LARGEST = 2**63 - 1
_NO_ID = "This is not an id of this service."


def subscriber_key(key: str, *, path: tuple[str | int, ...] = ()) -> UUID:
    """The id of a subscriber. Raises `NotFound`."""
    if not _UUID.fullmatch(key):
        raise NotFound(_NO_ID, path=path)
    return UUID(hex=key)


def numbered_key(key: str, *, path: tuple[str | int, ...] = ()) -> tuple[UUID, int]:
    """A subscriber's id and the number of something there. Raises `NotFound`."""
    found = _NUMBERED.fullmatch(key)
    if found is None or int(found[2]) > _LARGEST:
        raise NotFound(_NO_ID, path=path)
    return UUID(hex=found[1]), int(found[2])


def subscriber_of(value: str, *, path: tuple[str | int, ...] = ()) -> UUID:
    """The subscriber that a global id names. Raises `NotFound`, also for ids of other types."""
    return subscriber_key(key_of(value, "Subscriber", path=path), path=path)


def delivery_of(value: str, *, path: tuple[str | int, ...] = ()) -> tuple[UUID, int]:
    """The delivery that a global id names. Raises `NotFound`, also for ids of other types."""
    return numbered_key(key_of(value, "Delivery", path=path), path=path)
