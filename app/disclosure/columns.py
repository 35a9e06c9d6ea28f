"""Pages a column at a time: the same rows and the same gate as `subscribers` and `deliveries`, without an object for each row.

Theory: whether a reader sees addresses, and whether a permission runs out, is the same question for every row of a page, so
it is asked once, and a column is shown as it is or not at all. What has to be judged row by row (reasons, attributes,
whatever was measured) is in no column here. A page that would need such a judgement is refused with None, and the caller
asks for its rows.

Source: domain.md §6, §8, §11.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from app.disclosure.deliveries import NEWEST
from app.disclosure.personal_ids import PersonalIds
from app.disclosure.reader import Reader
from app.disclosure.subscribers import SubscriberPage, page_filters
from app.domain.privacy import Anonymized
from app.storage import deliveries, subscribers
from app.storage.accounts import settings_of
from app.storage.deliveries import DeliveryKey

Texts = Sequence[str]
Times = Sequence[str | None]
"""RFC 3339 in UTC, as `2026-03-01T12:00:00Z`; six places behind the second where there are any."""


class SubscriberColumns(NamedTuple):
    """Subscribers by creation, oldest first; `emails` reads "Anonymized contact" without `personal:read`."""

    ids: Texts
    emails: Texts
    created_at: Times
    opens: Texts
    clicks: Texts

    def part(self, first: int, last: int) -> "SubscriberColumns":
        """The rows from `first` up to `last`, without it."""
        here = slice(first, last)
        return SubscriberColumns(
            self.ids[here], self.emails[here], self.created_at[here], self.opens[here], self.clicks[here]
        )


class DeliveryColumns(NamedTuple):
    """Deliveries of several subscribers, newest first, those of one subscriber next to each other."""

    written_by: PersonalIds
    subscriber_ids: Texts
    ids: Sequence[int]
    mailing_ids: Sequence[int]
    sent_at: Times
    delivered_at: Times
    bounced_at: Times
    opens_mode: Texts
    clicks_mode: Texts

    def global_ids(self) -> list[str]:
        """The ids by which the API knows them; none tells whose it is."""
        write, people = self.written_by.delivery, {each: UUID(each) for each in set(self.subscriber_ids)}
        keys = zip(self.subscriber_ids, self.ids, strict=True)
        return [write(DeliveryKey(people[person], number)) for person, number in keys]


class DeliveryPages(NamedTuple):
    """A page of each subscriber; `more` are those who have more deliveries than a page holds."""

    columns: DeliveryColumns
    more: frozenset[str]


async def subscriber_columns(reader: Reader, page: SubscriberPage) -> SubscriberColumns | None:
    """A page of subscribers in the order of their creation, a backward one too; None where only rows can answer it.

    Raises:
        Forbidden: It looks for addresses, without `personal:read`.
        ValueError: PostgreSQL was told to write times in another form.
    """
    if page.by_email or page.whole:
        return None
    key = page.after or (None, None)
    list_id, prefix, limit = page_filters(reader, page)
    filters = () if list_id is None and prefix is None else (list_id, prefix)
    query = _query(filtered=bool(filters), backward=page.backward)
    [row] = await reader.instance.database.fetch(
        query, reader.account_id, reader.sees_people, *key, limit, *filters
    )
    if settings_of(row["settings"]).permission_lifetime_days is not None:
        return None
    ids = row["ids"] or ()
    emails = row["addresses"] if reader.sees_people else [Anonymized.CONTACT.value] * len(ids)
    return SubscriberColumns(
        ids=ids,
        emails=emails or (),
        created_at=times(row["created_at"] or ()),
        opens=row["opens"] or (),
        clicks=row["clicks"] or (),
    )


def _query(*, filtered: bool, backward: bool) -> str:
    query: str
    match filtered, backward:
        case False, False:
            query = subscribers.SQL.columns_by_creation
        case False, True:
            query = subscribers.SQL.columns_by_creation_backwards
        case True, False:
            query = subscribers.SQL.columns_filtered
        case _:
            query = subscribers.SQL.columns_filtered_backwards
    return query


async def delivery_columns(
    reader: Reader, subscriber_ids: Texts, *, key: int | None, backward: bool, size: int
) -> DeliveryPages:
    """A page of what each of them was sent: older than the delivery numbered `key`, or newer and next to it if `backward`.

    Raises:
        ValueError: PostgreSQL was told to write times in another form.
    """
    query, start = (
        (deliveries.SQL.columns_of_subscribers_backwards, 0)
        if backward
        else (deliveries.SQL.columns_of_subscribers, NEWEST)
    )
    [row] = await reader.instance.database.fetch(
        query, reader.account_id, subscriber_ids, start if key is None else key, size
    )
    columns = DeliveryColumns(
        written_by=reader.ids,
        subscriber_ids=row["subscriber_ids"] or (),
        ids=row["ids"] or (),
        mailing_ids=row["mailing_ids"] or (),
        sent_at=times(row["sent_at"] or ()),
        delivered_at=times(row["delivered_at"] or ()),
        bounced_at=times(row["bounced_at"] or ()),
        opens_mode=row["opens_mode"] or (),
        clicks_mode=row["clicks_mode"] or (),
    )
    return DeliveryPages(columns, frozenset(row["more"] or ()))


def times(written: Times) -> list[str | None]:
    """Times as PostgreSQL writes them in UTC and ISO style, `2026-03-01 12:00:00.5+00`, as RFC 3339.

    Raises:
        ValueError: A text has another form, such as that of a time before Christ or of infinity.
    """
    return [
        None
        if text is None
        else f"{text[:10]}T{text[11:26]}Z"
        if len(text) == _LONGEST and text[_ZONE:] == "+00" and text[4] == "-"
        else _time(text)
        for text in written
    ]


_LONGEST = len("2026-03-01 12:00:00.123456+00")
_ZONE = _LONGEST - 3
_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00", re.ASCII)


def _time(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None:
        message = "The database writes times in a form that is not ISO in UTC."
        raise ValueError(message)
    day, hour, fraction = found.groups()
    return f"{day}T{hour}Z" if fraction is None else f"{day}T{hour}.{fraction:0<6}Z"
