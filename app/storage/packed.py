"""Many values as one: lists that go to PostgreSQL as one text, rows that come from it as one string of bytes.

asyncpg makes an object of each value, and looks at each element of a list several times; for tens of thousands of hits
a second that is more than all that is done with them. A list as the text of a PostgreSQL array (`$1::text::uuid[]`) is
one value, and so are rows that a statement joins (`string_agg(uuid_send(id) || …)`), read here by `struct`.

Times among them are microseconds since 2000, as PostgreSQL counts them. NEVER stands for none.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What packed times are counted from."""

NEVER: Final = -(2**63)
"""No time: PostgreSQL's `-infinity`."""

_EPOCH_MS = 946_684_800_000
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def listed_ids(ids: Iterable[bytes]) -> str:
    """The text of a `uuid[]`; an id is its 16 bytes."""
    return "{" + ",".join(map(bytes.hex, ids)) + "}"


def listed(numbers: Iterable[int]) -> str:
    """The text of an array of numbers."""
    return "{" + ",".join(map(str, numbers)) + "}"


def listed_or_null(numbers: Iterable[int | None]) -> str:
    """The text of an array of numbers, in which None and NEVER are NULL."""
    return "{" + ",".join("NULL" if each is None or each == NEVER else str(each) for each in numbers) + "}"


def listed_words(words: Iterable[str]) -> str:
    """The text of a `text[]` of words that hold neither quotes nor backslashes."""
    return '{"' + '","'.join(words) + '"}'


def micros(at_ms: int) -> int:
    """A packed time, of milliseconds since 1970; OverflowError beyond what a `datetime` holds."""
    if not _FIRST_MS <= at_ms <= _LAST_MS:
        raise OverflowError("no calendar has this time")
    return (at_ms - _EPOCH_MS) * 1000


def moment(packed: int) -> datetime:
    """The time that a packed one is."""
    return EPOCH + timedelta(microseconds=packed)
