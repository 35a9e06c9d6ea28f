"""Pages of a longer list, after Relay's cursor connections, with keyset cursors.

A connection is written out, two short classes a noun, so that names, descriptions and mypy are plain:

    @strawberry.type(description="…")
    class SubscriberEdge(Edge):
        node: Subscriber = strawberry.field(description="…")

    @strawberry.type(description="…")
    class SubscriberConnection(Connection):
        edges: list[SubscriberEdge] = strawberry.field(description="…")

    page = page_of(tuple[datetime, int], first=first, after=after)              # checks the arguments
    rows = await disclosure.subscribers(…, keys=page.keys, backward=page.backward, limit=page.fetch)
    cut = page.cut(rows, key=lambda row: (row.created_at, row.id))               # trims, reverses, makes cursors
    return SubscriberConnection(
        edges=[SubscriberEdge(cursor=c, node=Subscriber.of(row)) for c, row in cut.rows],
        page_info=cut.page_info, **total(count))

A cursor is the sort key of its row, readable by anybody, so a personal datum (an address) stands in it sealed. A number to
look it up by would not do: a row may be gone before its cursor comes back. Source: Relay, GraphQL Cursor Connections Specification.
"""

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypedDict, TypeVar

import msgspec
import strawberry

from graphql_schema.errors import Code, refusal

DEFAULT_PAGE = 20
LARGEST_PAGE = 1_000
LARGEST_COUNT = 10_000

Row = TypeVar("Row")


@strawberry.type(description="Where a page lies in the whole list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether more follow after this page.")
    has_previous_page: bool = strawberry.field(description="Whether others stand before this page.")
    start_cursor: str | None = strawberry.field(
        default=None, description="Cursor of the first item, for `before`."
    )
    end_cursor: str | None = strawberry.field(
        default=None, description="Cursor of the last item, for `after`."
    )


@strawberry.type(description="One item of a page.")
class Edge:
    """What all edges have; each noun adds its `node`."""

    cursor: str = strawberry.field(description="The place of this item, for `after` and `before`.")


@strawberry.type(description="One page of a longer list.")
class Connection:
    """What all connections have; each noun adds its `edges`."""

    page_info: PageInfo = strawberry.field(description="Where this page lies in the whole list.")
    total_count: int | None = strawberry.field(
        default=None, description="How many there are in all; null if they are more than 10,000."
    )
    total_count_capped: bool = strawberry.field(
        default=False, description="Whether there are more than 10,000, so that they were not counted."
    )


class Total(TypedDict):
    """The two fields of a connection that say how many there are."""

    total_count: int | None
    total_count_capped: bool


def total(count: int | None) -> Total:
    """How many there are, as the contract shows it: exact to 10,000, then null and capped.

    Count up to `LARGEST_COUNT + 1` in SQL and only if `selected(info, "totalCount", "totalCountCapped")`; None means
    that nobody asked.
    """
    capped = count is not None and count > LARGEST_COUNT
    return Total(total_count=None if capped else count, total_count_capped=capped)


@dataclass(frozen=True, slots=True)
class Cut(Generic[Row]):
    """The rows of one page in list order, each with its cursor."""

    rows: list[tuple[str, Row]]
    page_info: PageInfo


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for.

    `keys` is the sort key of the row that the page starts behind, or None. `backward` pages are read from the end:
    the query turns its order and its comparison round, `cut` turns the rows back.
    """

    size: int
    keys: tuple[Any, ...] | None = None
    backward: bool = False

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than the page holds, which tells whether there are more."""
        return self.size + 1

    def cut(self, rows: Sequence[Row], key: Callable[[Row], tuple[Any, ...]]) -> Cut[Row]:
        """Makes the page out of up to `fetch` rows, which come in the order of reading."""
        more, behind = len(rows) > self.size, self.keys is not None
        kept = list(rows[: self.size])
        if self.backward:
            kept.reverse()
        marked = [(encode_cursor(key(row)), row) for row in kept]
        info = PageInfo(
            has_next_page=behind if self.backward else more,
            has_previous_page=more if self.backward else behind,
            start_cursor=marked[0][0] if marked else None,
            end_cursor=marked[-1][0] if marked else None,
        )
        return Cut(marked, info)


def page_of(
    keys: type[tuple[Any, ...]],
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    """Checks the paging arguments of a connection.

    Args:
        keys: The types of the sort key, such as `tuple[datetime, int]`; a cursor of any other form is refused.
        first: Items from the start, 0 to 1,000. It goes with `after`; 20 unless told.
        after: The cursor that the page starts behind.
        last: Items from the end, 0 to 1,000. It goes with `before`.
        before: The cursor that the page ends ahead of.

    Raises:
        GraphQLError: BAD_USER_INPUT, with a message that names the argument.
    """
    backward = last is not None or before is not None
    if backward and (first is not None or after is not None):
        raise refusal(
            Code.BAD_USER_INPUT, "Page forward with first and after, or backward with last and before."
        )
    size = _size("last", last) if backward else _size("first", first)
    cursor = before if backward else after
    return Page(size, None if cursor is None else decode_cursor(cursor, keys), backward)


def encode_cursor(keys: tuple[Any, ...]) -> str:
    """The sort key of a row as an opaque text: base64url of a JSON array."""
    return b2a_base64(msgspec.json.encode(keys), newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


def decode_cursor(cursor: str, keys: type[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The sort key inside a cursor.

    Raises:
        GraphQLError: BAD_USER_INPUT if the cursor is broken or belongs to a list of another order.
    """
    try:
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        found: tuple[Any, ...] = msgspec.json.decode(text, type=keys)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise refusal(Code.BAD_USER_INPUT, BROKEN_CURSOR) from None
    if not all(_storable(value) for value in found):
        raise refusal(Code.BAD_USER_INPUT, BROKEN_CURSOR)
    return found


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
BROKEN_CURSOR = "This cursor is not one of this list. Use a cursor from pageInfo or an edge, unchanged."


def _size(name: str, value: int | None) -> int:
    if value is None:
        return DEFAULT_PAGE
    if not 0 <= value <= LARGEST_PAGE:
        raise refusal(Code.BAD_USER_INPUT, f"{name} is {value}; it may be 0 to {LARGEST_PAGE:,}.")
    return value


_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def _storable(value: Any) -> bool:
    """Whether PostgreSQL can compare with the value: a forged cursor must not become an error of ours."""
    match value:
        case int():
            return -(2**63) <= value < 2**63
        case str():
            return "\x00" not in value
        case datetime():
            # A zone can move the first and the last day of the calendar out of it.
            return value.tzinfo is not None and _EARLIEST <= value <= _LATEST
        case _:
            return True
