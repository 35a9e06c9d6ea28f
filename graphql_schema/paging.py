"""The arguments of a page, and how a keyset loader is asked for one."""

from typing import Annotated, Any, NamedTuple, TypedDict

import strawberry

from graphql_schema.connections import Page, page_of
from graphql_schema.resolving import given

LARGEST = 2**63 - 1

First = Annotated[
    int | None, strawberry.argument(description="How many items from the start, 0 to 1,000; 20 unless told.")
]
After = Annotated[
    str | None, strawberry.argument(description="The cursor that the page starts behind; goes with `first`.")
]
Last = Annotated[
    int | None, strawberry.argument(description="How many items from the end, 0 to 1,000; 20 unless told.")
]
Before = Annotated[
    str | None, strawberry.argument(description="The cursor that the page ends ahead of; goes with `last`.")
]


class Stretch(NamedTuple):
    """A page of somebody's rows as loaders batch it: rows beyond `key`, in which direction, at most how many."""

    key: int | None
    backward: bool
    limit: int
    measured: bool = True
    """Of deliveries: whether somebody asks for what was measured."""


def asked_page(
    keys: type[tuple[Any, ...]],
    first: int | None,
    after: str | None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    """`page_of` with arguments that may have been left out. Raises as it does."""
    return page_of(keys, first=given(first), after=given(after), last=given(last), before=given(before))


class Bounds(TypedDict):
    """Where a page of rows that are sorted by one number begins, and how it is read from there."""

    after: int
    limit: int
    backward: bool


def bounds(page: Page, *, newest_first: bool = False) -> Bounds:
    """The bounds of a page. A page without a cursor begins at the end that it is read from."""
    start = LARGEST if page.backward is not newest_first else 0
    return Bounds(after=page.keys[0] if page.keys else start, limit=page.fetch, backward=page.backward)


def stretch(page: Page, *, measured: bool = True) -> Stretch:
    """The stretch of a page whose sort key is one number."""
    return Stretch(None if page.keys is None else page.keys[0], page.backward, page.fetch, measured)
