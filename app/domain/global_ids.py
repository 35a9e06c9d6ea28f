"""Global ids as Relay expects them: base64 of `Type:key`, opaque to the client, readable for us.

    encode_id("Subscriber", 42)  →  "U3Vic2NyaWJlcjo0Mg=="

The keys of what belongs to one subscriber are sealed, so that they tell nobody whose it is (`app/disclosure/personal_ids`).
Whatever is no id of this service, or an id of another type, is `NotFound`: a mutation answers NOT_FOUND in its
payload, a query the transport error BAD_USER_INPUT. Nobody learns from the answer which ids exist.
"""

import re
from base64 import b64decode
from binascii import b2a_base64
from collections.abc import Iterable
from typing import NamedTuple

from app.domain.errors import NotFound


class GlobalId(NamedTuple):
    """A type's GraphQL name, and the key of one thing of that type."""

    kind: str
    key: str


def encode_id(kind: str, key: int | str) -> str:
    """The global id of a thing; `kind` is the GraphQL name of its type."""
    return b2a_base64(f"{kind}:{key}".encode(), newline=False).decode()


def encode_ids(kind: str, keys: Iterable[int | str]) -> list[str]:
    """The global ids of many things of one type, in order."""
    return [b2a_base64(f"{kind}:{key}".encode(), newline=False).decode() for key in keys]


def parse_id(value: str, *, path: tuple[str | int, ...] = ()) -> GlobalId:
    """Splits a global id of any type, for `node` and `nodes`.

    Raises:
        NotFound: The value is not a global id.
    """
    try:
        text = b64decode(value, validate=True).decode()
    except ValueError:
        text = ""
    found = _SHAPE.fullmatch(text)
    if found is None or encode_id(*found.groups()) != value:
        raise NotFound("This is not an id of this service.", path=path)
    return GlobalId(*found.groups())


def key_of(value: str, kind: str, *, path: tuple[str | int, ...] = ()) -> str:
    """The key inside an id that must be of this type.

    Raises:
        NotFound: The value is not a global id, or one of another type.
    """
    found = parse_id(value, path=path)
    if found.kind != kind:
        raise NotFound(f"This is the id of a {found.kind}; a {kind} is needed.", path=path)
    return found.key


def number_of(value: str, kind: str, *, path: tuple[str | int, ...] = ()) -> int:
    """The key inside an id of a type whose keys are PostgreSQL's bigint.

    Raises:
        NotFound: As `key_of`, or the key is no positive bigint.
    """
    key = key_of(value, kind, path=path)
    if not _NUMBER.fullmatch(key) or int(key) > _LARGEST:
        raise NotFound("This is not an id of this service.", path=path)
    return int(key)


_SHAPE = re.compile(r"([A-Z][A-Za-z0-9]{0,63}):([ -~]{1,200})")
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_LARGEST = 2**63 - 1
