"""The arguments of a page, and how a keyset loader is asked for one."""

from typing import Annotated, Any, NamedTuple

import strawberry

from app.disclosure.pages import Beyond
from graphql_schema.connections import Page, page_of
from graphql_schema.resolving import given

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


def beyond(page: Page) -> Beyond:
    """The same page for a list of an account, which no loader batches."""
    return Beyond(key=None if page.keys is None else page.keys[0], backward=page.backward, limit=page.fetch)


def asked_page(
    keys: type[tuple[Any, ...]],
    first: int | None,
    after: str | None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    """`page_of` with arguments that may have been left out. Raises as it does."""
    return page_of(keys, first=given(first), after=given(after), last=given(last), before=given(before))


def stretch(page: Page, *, measured: bool = True) -> Stretch:
    """The stretch of a page whose sort key is one number."""
    return Stretch(None if page.keys is None else page.keys[0], page.backward, page.fetch, measured)
