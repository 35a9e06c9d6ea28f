"""Subscribers by columns (`columns`): the same values as those of `Subscriber`, for a page at once."""

from operator import attrgetter
from typing import Any

from app.disclosure.columns import SubscriberColumns
from graphql_schema.columns import Pages, Table, encode_cursors, page_info
from graphql_schema.connections import Page, total
from graphql_schema.ids import encode_ids
from graphql_schema.subscribers import SubscriberConnection


def _ids(rows: SubscriberColumns) -> list[str]:
    return encode_ids("Subscriber", [each.replace("-", "") for each in rows.ids])


SUBSCRIBERS = Table(
    {
        ("id",): _ids,
        ("email",): attrgetter("emails"),
        ("createdAt",): attrgetter("created_at"),
        ("permission", "opens", "value"): attrgetter("opens"),
        ("permission", "clicks", "value"): attrgetter("clicks"),
    }
)
"""The fields of `Subscriber` that have columns."""


def page_in_columns(page: Page, found: SubscriberColumns, count: int | None) -> Pages:
    """The page of up to `page.fetch` rows, which come in the order of the list, a backward page's too."""
    more = len(found.ids) > page.size
    rows = found
    if more:
        rows = found.part(1, page.fetch) if page.backward else found.part(0, page.size)
    ends = _cursors(rows.part(0, 1)) + _cursors(rows.part(-1, len(rows.ids)))
    connection: Any = SubscriberConnection(
        edges=[], page_info=page_info(page, ends, more=more), **total(count)
    )
    return Pages(rows, [(0, len(rows.ids))], [connection], lambda: _cursors(rows))


def _cursors(rows: SubscriberColumns) -> list[str]:
    return encode_cursors([f'["{at}","{each}"]' for at, each in zip(rows.created_at, rows.ids, strict=True)])
