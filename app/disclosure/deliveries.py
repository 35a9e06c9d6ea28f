"""Deliveries, as far as this reader may see what came of them.

    opens, clicks, times, links are shown where the axis was PERSONAL, the mail went to one person, the person has
    not withdrawn under a setting that hides, the mailing is not another user's one-to-one mail, and the reader
    holds personal:read; elsewhere they are 0 and NOT_MEASURED. Sent, delivered and bounced are always shown.
    Whose it is, and what somebody was sent, is for who holds personal:read; its id never tells (`personal_ids`).

Source: domain.md §6, §8, §11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.account_keys import account_keys
from app.disclosure.personal_ids import PersonalIds
from app.disclosure.reader import Reader
from app.disclosure.subscribers import hidden
from app.domain.modes import Axis, TrackingMode
from app.domain.privacy import NOT_MEASURED_ON_PAGE, Figure, exact
from app.domain.settings import AccountSettings
from app.storage import accounts, deliveries, identities, mailings, subscribers
from app.storage.database import Connection, Record
from app.storage.deliveries import DeliveryKey
from app.storage.mailings import MailingRow
from app.storage.subscribers import SubscriberRow

NEWEST = 2**63 - 1
_FIRST = UUID(int=0)
_LAST = UUID(int=2**128 - 1)


class DeliveryView:
    """One delivery. The mailing and the subscriber are named by id; ask for them by their own gates.

    Pages hold thousands, and few ask for everything, so what the row holds is read when it is asked for.
    """

    __slots__ = ("_gate", "_ids", "_row", "key", "mailing_id")

    def __init__(self, gate: "_Gate", ids: PersonalIds, row: Record) -> None:
        """`row` is the delivery's as it came from storage."""
        self._gate = gate
        self._ids = ids
        self._row = row
        self.key = DeliveryKey(row["subscriber_id"], row["id"])
        self.mailing_id: int = row["mailing_id"]

    @property
    def global_id(self) -> str:
        """Its id, which tells nobody whose it is."""
        return self._ids.delivery(self.key)

    @property
    def message_id(self) -> UUID:
        """The message that it belongs to."""
        message_id: UUID = self._row["message_id"]
        return message_id

    @property
    def sent_at(self) -> datetime:
        """When it was prepared."""
        sent_at: datetime = self._row["sent_at"]
        return sent_at

    @property
    def delivered_at(self) -> datetime | None:
        """When it was recorded as delivered."""
        delivered_at: datetime | None = self._row["delivered_at"]
        return delivered_at

    @property
    def bounced_at(self) -> datetime | None:
        """When it was recorded as bounced."""
        bounced_at: datetime | None = self._row["bounced_at"]
        return bounced_at

    @property
    def opens_mode(self) -> TrackingMode:
        """How opens are tracked, frozen at sending."""
        return deliveries.shown_mode(self._row, Axis.OPENS)

    @property
    def clicks_mode(self) -> TrackingMode:
        """How clicks are tracked, frozen at sending."""
        return deliveries.shown_mode(self._row, Axis.CLICKS)

    @property
    def opens(self) -> Figure:
        """How often it was opened."""
        return self._figure(Axis.OPENS, "opens")

    @property
    def clicks(self) -> Figure:
        """How often it was clicked."""
        return self._figure(Axis.CLICKS, "clicks")

    @property
    def first_opened_at(self) -> datetime | None:
        """When it was opened first."""
        return self._row["first_opened_at"] if self._gate.shows(self, self._row, Axis.OPENS) else None

    @property
    def last_opened_at(self) -> datetime | None:
        """When it was opened last."""
        return self._row["last_opened_at"] if self._gate.shows(self, self._row, Axis.OPENS) else None

    @property
    def clicked_links(self) -> tuple[str, ...]:
        """The targets that were clicked."""
        if not self._gate.shows(self, self._row, Axis.CLICKS):
            return ()
        targets = self._gate.links.get(self.mailing_id, {})
        return tuple(targets[each] for each in self._row["clicked_links"] if each in targets)

    def _figure(self, axis: Axis, column: str) -> Figure:
        return exact(self._row[column]) if self._gate.shows(self, self._row, axis) else NOT_MEASURED_ON_PAGE


async def deliveries_by_key(reader: Reader, keys: Sequence[DeliveryKey]) -> dict[DeliveryKey, DeliveryView]:
    """The deliveries by the keys they have or had before a merge; keys of other accounts are absent."""
    async with reader.instance.database.connection() as connection:
        there = await identities.current_keys(connection, keys)
        rows = await deliveries.records(connection, reader.account_id, there.values())
        views = {view.key: view for view in await _views(reader, connection, list(rows.values()))}
    return {asked: views[key] for asked, key in there.items() if key in views}


async def deliveries_of_mailing(
    reader: Reader,
    mailing_id: int,
    *,
    before: tuple[int, UUID] = (NEWEST, _LAST),
    limit: int,
    measured: bool = True,
) -> list[DeliveryView]:
    """A page of a mailing's deliveries, newest first."""
    async with reader.instance.database.connection() as connection:
        records = await connection.fetch(
            deliveries.SQL.of_mailing, reader.account_id, mailing_id, *before, limit
        )
        return await _views(reader, connection, records, measured=measured)


def delivery_key(subscriber_id: UUID, number: int) -> DeliveryKey:
    """The key of a delivery, from the two parts of it that a door knows."""
    return DeliveryKey(subscriber_id, number)


async def deliveries_of_subscribers(
    reader: Reader, ids: Sequence[UUID], *, key: int | None, backward: bool, limit: int, measured: bool = True
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
        views = await _views(reader, connection, records, measured=measured)
    found: dict[UUID, list[DeliveryView]] = {each: [] for each in ids}
    for view in views:
        found[view.key.subscriber_id].append(view)
    return found


async def deliveries_of_mailing_backwards(
    reader: Reader,
    mailing_id: int,
    *,
    after: tuple[int, UUID] = (0, _FIRST),
    limit: int,
    measured: bool = True,
) -> list[DeliveryView]:
    """A page of a mailing's deliveries, oldest first."""
    async with reader.instance.database.connection() as connection:
        records = await connection.fetch(
            deliveries.SQL.of_mailing_backwards, reader.account_id, mailing_id, *after, limit
        )
        return await _views(reader, connection, records, measured=measured)


async def count_of_mailing(reader: Reader, mailing_id: int) -> int:
    """How many deliveries a mailing has, up to 10,001."""
    rows = await reader.instance.database.fetch(
        deliveries.SQL.count_of_mailing, reader.account_id, mailing_id
    )
    count: int = rows[0]["count"]
    return count


async def counts_of_subscribers(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many deliveries each subscriber has, in one statement for all."""
    query = deliveries.SQL.count_of_subscribers
    rows = await reader.instance.database.fetch(query, reader.account_id, list(ids))
    return dict.fromkeys(ids, 0) | {row["subscriber_id"]: row["count"] for row in rows}


async def _views(
    reader: Reader, connection: Connection, rows: Sequence[Record], *, measured: bool = True
) -> list[DeliveryView]:
    """The views of these rows; `measured` where somebody asks for what was measured, which takes four statements more."""
    if not rows:
        return []
    gate = await _gate(reader, connection, rows) if measured and reader.sees_people else _CLOSED
    await account_keys(reader.instance, connection, reader.account_id)
    ids = reader.ids
    return [DeliveryView(gate, ids, row) for row in rows]


async def _gate(reader: Reader, connection: Connection, rows: Sequence[Record]) -> "_Gate":
    people_ids, mailing_ids = {row["subscriber_id"] for row in rows}, {row["mailing_id"] for row in rows}
    people = await subscribers.by_ids(connection, reader.account_id, list(people_ids))
    sent = await mailings.by_ids(connection, reader.account_id, list(mailing_ids))
    links = await mailings.links(connection, list(mailing_ids))
    settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    return _Gate(reader, settings, people, sent, links)


@dataclass(frozen=True, slots=True)
class _Gate:
    """What decides whether something measured is shown. A closed gate, without anybody in it, shows nothing."""

    reader: Reader | None = None
    settings: AccountSettings | None = None
    people: Mapping[UUID, SubscriberRow] = field(default_factory=dict)
    mailings: Mapping[int, MailingRow] = field(default_factory=dict)
    links: Mapping[int, Mapping[int, str]] = field(default_factory=dict)

    def shows(self, view: DeliveryView, row: Record, axis: Axis) -> bool:
        """Whether this reader sees what was measured of a delivery; the table stands at the top."""
        person, mailing = self.people.get(view.key.subscriber_id), self.mailings.get(view.mailing_id)
        if person is None or mailing is None or self.reader is None or self.settings is None:
            return False
        if deliveries.shown_mode(row, axis) is not TrackingMode.PERSONAL or row["gathered"]:
            return False
        if not self.reader.owns(mailing):
            return False
        return not hidden(self.settings, person.permissions, axis, self.reader.now)


_CLOSED = _Gate()
