"""Deliveries by columns (`columns`): the same values as those of `Delivery`, for the pages of many people at once."""

from operator import attrgetter
from typing import Any
from uuid import UUID

import strawberry

from app.disclosure.columns import DeliveryColumns, SubscriberColumns, delivery_columns
from graphql_schema import mailings as mailing_types
from graphql_schema.columns import Pages, Table, encode_cursors, page_info
from graphql_schema.connections import Page, total
from graphql_schema.deliveries import DeliveryConnection
from graphql_schema.loaders import DeliveryCountBySubscriber, MailingById
from graphql_schema.paging import asked_page
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.selection import selected


async def _mailings(info: Asked, rows: DeliveryColumns) -> list["mailing_types.Mailing"]:
    different = list(dict.fromkeys(rows.mailing_ids))
    views = await info.context.loader(MailingById).all_of(different)
    shown = dict(zip(different, map(mailing_types.mailing, views), strict=True))
    return [shown[each] for each in rows.mailing_ids]


DELIVERIES = Table(
    {
        ("id",): DeliveryColumns.global_ids,
        ("sentAt",): attrgetter("sent_at"),
        ("deliveredAt",): attrgetter("delivered_at"),
        ("bouncedAt",): attrgetter("bounced_at"),
        ("opensMode",): attrgetter("opens_mode"),
        ("clicksMode",): attrgetter("clicks_mode"),
    },
    {"mailing": _mailings},
)
"""The fields of `Delivery` that have columns; what was measured is judged row by row."""


async def pages_of_deliveries(
    info: Asked,
    people: Any,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
) -> Pages:
    """A page of what each subscriber was sent; `people` are subscribers of the schema, or columns of them."""
    page = asked_page(tuple[int], first, after, last, before)
    ids = people.ids if isinstance(people, SubscriberColumns) else [str(each.key) for each in people]
    rows, more = await delivery_columns(
        reader_of(info), ids, key=page.keys[0] if page.keys else None, backward=page.backward, size=page.size
    )
    counts = await _counts(info, ids)
    spans = _spans(rows.subscriber_ids, ids)
    connections = [
        _connection(info, page, rows.ids[begins:ends], count, more=each in more)
        for each, (begins, ends), count in zip(ids, spans, counts, strict=True)
    ]
    return Pages(rows, spans, connections, lambda: _cursors(rows.ids))


def _connection(
    info: Asked, page: Page, numbers: Any, count: int | None, *, more: bool
) -> DeliveryConnection:
    ends = _cursors([*numbers[:1], *numbers[-1:]]) if selected(info, "pageInfo") else []
    return DeliveryConnection(edges=[], page_info=page_info(page, ends, more=more), **total(count))


async def _counts(info: Asked, ids: Any) -> list[int | None]:
    if not selected(info, "totalCount", "totalCountCapped"):
        return [None] * len(ids)
    return await info.context.loader(DeliveryCountBySubscriber).some_of([UUID(each) for each in ids])


def _spans(owners: Any, wanted: Any) -> list[tuple[int, int]]:
    """Where the rows of each wanted subscriber begin and end; those of one stand next to each other."""
    begins: dict[str, int] = {}
    ends: dict[str, int] = {}
    for place, owner in enumerate(owners):
        begins.setdefault(owner, place)
        ends[owner] = place + 1
    return [(begins.get(each, 0), ends.get(each, 0)) for each in wanted]


def _cursors(numbers: Any) -> list[str]:
    return encode_cursors([f"[{each}]" for each in numbers])
