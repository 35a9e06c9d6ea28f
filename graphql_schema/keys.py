"""The keys inside global ids of subscribers. What belongs to one has a sealed key: `app/disclosure/personal_ids`."""

import re
from uuid import UUID

from app.domain.errors import NotFound
from graphql_schema.ids import key_of

_UUID = re.compile(r"[0-9a-f]{32}")
_NO_ID = "This is not an id of this service."


def subscriber_key(key: str, *, path: tuple[str | int, ...] = ()) -> UUID:
    """The id of a subscriber. Raises `NotFound`."""
    if not _UUID.fullmatch(key):
        raise NotFound(_NO_ID, path=path)
    return UUID(hex=key)


def subscriber_of(value: str, *, path: tuple[str | int, ...] = ()) -> UUID:
    """The subscriber that a global id names. Raises `NotFound`, also for ids of other types."""
    return subscriber_key(key_of(value, "Subscriber", path=path), path=path)
