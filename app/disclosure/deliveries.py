"""Deliveries, as far as this reader may see what came of them.

    opens, clicks, times, links are shown where the axis was PERSONAL, the mail went to one person, the person has
    not withdrawn under a setting that hides, the mailing is not another user's one-to-one mail, and the reader
    holds personal:read; elsewhere they are 0 and NOT_MEASURED. Sent, delivered and bounced are always shown.

Source: domain.md §6, §8, §11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.disclosure.reader import Reader
from app.disclosure.subscribers import hidden
from app.domain.modes import Axis, TrackingMode
from app.domain.privacy import NOT_MEASURED_ON_PAGE, Figure, exact
from app.domain.settings import AccountSettings
from app.storage import accounts, deliveries, identities, mailings, subscribers
from app.storage.database import Connection
from app.storage.deliveries import DeliveryKey, DeliveryRow
from app.storage.mailings import MailingRow
from app.storage.subscribers import SubscriberRow

NEWEST = 2**63 - 1
_FIRST = UUID(int=0)
_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One delivery. The mailing and the subscriber are named by id; ask for them by their own gates."""

    key: DeliveryKey
    mailing_id: int
    message_id: UUID
    sent_at: datetime
    delivered_at: datetime | None
    bounced_at: datetime | None
    opens_mode: TrackingMode
    clicks_mode: TrackingMode
    opens: Figure
    clicks: Figure
    first_opened_at: datetime | None
    last_opened_at: datetime | None
    clicked_links: tuple[str, ...]


async def deliveries_by_key(reader: Reader, keys: Sequence[DeliveryKey]) -> dict[DeliveryKey, DeliveryView]:
    """The deliveries by the keys they have or had before a merge; keys of other accounts are absent."""
    async with reader.instance.database.connection() as connection:
        there = await identities.current_keys(connection, keys)
        rows = await deliveries.by_keys(connection, reader.account_id, there.values())
        views = {view.key: view for view in await _views(reader, connection, list(rows.values()))}
    return {asked: views[key] for asked, key in there.items() if key in views}


async def deliveries_of_mailing(
    reader: Reader, mailing_id: int, *, before: tuple[int, UUID] = (NEWEST, _LAST), limit: int
) -> list[DeliveryView]:
    """A page of a mailing's deliveries, newest first."""
    async with reader.instance.database.connection() as connection:
        records = await connection.fetch(
            deliveries.SQL.of_mailing, reader.account_id, mailing_id, *before, limit
        )
        return await _views(reader, connection, [deliveries.from_record(each) for each in records])


def delivery_key(subscriber_id: UUID, number: int) -> DeliveryKey:
    """The key of a delivery, from the two parts of it that a door knows."""
    return DeliveryKey(subscriber_id, number)


async def deliveries_of_subscribers(
    reader: Reader, ids: Sequence[UUID], *, key: int | None, backward: bool, limit: int
) -> dict[UUID, list[DeliveryView]]:
    """A page of what each of them was sent, in one statement for all, in reading order.

    The list is newest first: forward pages hold what is older than the delivery numbered `key`, backward ones
    what is newer, read from there.
    """
    query, start = (
        (deliveries.SQL.of_subscribers_backwards, 0) if backward else (deliveries.SQL.of_subscribers, NEWEST)
    )
    async with reader.instance.database.connection() as connection:
        records = await connection.fetch(
            query, reader.account_id, list(ids), start if key is None else key, limit
        )
        views = await _views(reader, connection, [deliveries.from_record(each) for each in records])
    found: dict[UUID, list[DeliveryView]] = {each: [] for each in ids}
    for view in views:
        found[view.key.subscriber_id].append(view)
    return found


async def deliveries_of_mailing_backwards(
    reader: Reader, mailing_id: int, *, after: tuple[int, UUID] = (0, _FIRST), limit: int
) -> list[DeliveryView]:
    """A page of a mailing's deliveries, oldest first."""
    async with reader.instance.database.connection() as connection:
        records = await connection.fetch(
            deliveries.SQL.of_mailing_backwards, reader.account_id, mailing_id, *after, limit
        )
        return await _views(reader, connection, [deliveries.from_record(each) for each in records])


async def count_deliveries(
    reader: Reader, *, subscriber_id: UUID | None = None, mailing_id: int | None = None
) -> int:
    """How many deliveries a subscriber or a mailing has, up to 10,001."""
    query, key = (
        (deliveries.SQL.count_of_subscriber, subscriber_id)
        if subscriber_id is not None
        else (deliveries.SQL.count_of_mailing, mailing_id)
    )
    rows = await reader.instance.database.fetch(query, reader.account_id, key)
    count: int = rows[0]["count"]
    return count


async def _views(reader: Reader, connection: Connection, rows: Sequence[DeliveryRow]) -> list[DeliveryView]:
    if not rows:
        return []
    people_ids, mailing_ids = {row.key.subscriber_id for row in rows}, {row.mailing_id for row in rows}
    people = await subscribers.by_ids(connection, reader.account_id, list(people_ids))
    sent = await mailings.by_ids(connection, reader.account_id, list(mailing_ids))
    links = await mailings.links(connection, list(mailing_ids))
    settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    gate = _Gate(reader, settings, people, sent, links)
    return [gate.view(row) for row in rows]


@dataclass(frozen=True, slots=True)
class _Gate:
    reader: Reader
    settings: AccountSettings
    people: dict[UUID, SubscriberRow]
    mailings: dict[int, MailingRow]
    links: dict[int, dict[int, str]]

    def view(self, row: DeliveryRow) -> DeliveryView:
        opens, clicks = self._shows(row, Axis.OPENS), self._shows(row, Axis.CLICKS)
        links = self.links.get(row.mailing_id, {})
        return DeliveryView(
            key=row.key,
            mailing_id=row.mailing_id,
            message_id=row.message_id,
            sent_at=row.sent_at,
            delivered_at=row.delivered_at,
            bounced_at=row.bounced_at,
            opens_mode=row.opens_mode,
            clicks_mode=row.clicks_mode,
            opens=exact(row.opens) if opens else NOT_MEASURED_ON_PAGE,
            clicks=exact(row.clicks) if clicks else NOT_MEASURED_ON_PAGE,
            first_opened_at=row.first_opened_at if opens else None,
            last_opened_at=row.last_opened_at if opens else None,
            clicked_links=tuple(links[each] for each in row.clicked_links if each in links) if clicks else (),
        )

    def _shows(self, row: DeliveryRow, axis: Axis) -> bool:
        person, mailing = self.people.get(row.key.subscriber_id), self.mailings.get(row.mailing_id)
        if person is None or mailing is None or not self.reader.sees_people:
            return False
        if row.mode(axis) is not TrackingMode.PERSONAL or row.gathered or not self.reader.owns(mailing):
            return False
        return not hidden(self.settings, person.permissions, axis, self.reader.now)
