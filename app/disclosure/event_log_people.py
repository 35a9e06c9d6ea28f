"""The personal rows of the log: events of people who may be named, each passed through the gate.

An event is shown where its delivery is PERSONAL on its axis and nobody whom it may be of hides it: the person, or any
recipient of a message to several, who must all be there. Everything else of it is left out, also where what it belongs to cannot be found.
Source: domain.md §6, §8, §11.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.disclosure.event_log_views import (
    EARLIEST,
    LATEST,
    NOBODY,
    EventView,
    LogKey,
    LogPart,
    Start,
    within_reach,
)
from app.disclosure.reader import Reader
from app.domain.global_ids import encode_id
from app.domain.modes import Axis, ClientClass, EventKind, TrackingMode
from app.domain.permission import Permission, PermissionState
from app.domain.privacy import Anonymized
from app.domain.retention import addresses_since
from app.domain.settings import AccountSettings, Withdrawal
from app.domain.withdrawal import hides
from app.storage import accounts, identities, kept_addresses
from app.storage.database import Connection, Record
from app.storage.deliveries import DeliveryKey
from app.storage.event_log import SQL
from app.storage.kept_addresses import EventKey

_Place = tuple[datetime, UUID]


async def views(reader: Reader, part: LogPart, start: Start, batch: int) -> AsyncGenerator[EventView, None]:
    """The personal rows beyond a place, in reading order, read in batches."""
    place = _first_place(part, start)
    query = _query_backwards if start.backward else _query
    while reader.sees_people:
        async with reader.instance.database.connection() as connection:
            events = await connection.fetch(*query(reader, part, place, batch))
            since = addresses_since(reader.now)
            judged = await judge(connection, reader.account_id, events, addresses=since)
        for each in judged:
            yield each.view
        if len(events) < batch:
            return
        place = events[-1]["occurred_at"], events[-1]["id"]


def _first_place(part: LogPart, start: Start) -> _Place:
    # No event has the id of nobody, so what is beyond these ends is all that lies between them.
    end: _Place = (part.since or EARLIEST, NOBODY) if start.backward else (part.until or LATEST, NOBODY)
    if start.key is None:
        return end
    place = within_reach(start.key.at), start.key.id
    return max(end, place) if start.backward else min(end, place)


def _query(reader: Reader, part: LogPart, place: _Place, batch: int) -> tuple[Any, ...]:
    since = part.since or EARLIEST
    if part.mailing_id is not None:
        return SQL.events_of_mailing, reader.account_id, part.mailing_id, *place, since, batch
    return SQL.events_of_channel, reader.account_id, part.channel.value, part.user_id, *place, since, batch


def _query_backwards(reader: Reader, part: LogPart, place: _Place, batch: int) -> tuple[Any, ...]:
    account_id, until = reader.account_id, part.until or LATEST
    if part.mailing_id is not None:
        return SQL.events_of_mailing_backwards, account_id, part.mailing_id, *place, until, batch
    of_channel = part.channel.value, part.user_id
    return SQL.events_of_channel_backwards, account_id, *of_channel, *place, until, batch


class Judged(NamedTuple):
    """An event that may be shown, as it may, and whose it can be: one person, or all recipients of a message."""

    event: Record
    view: EventView
    people: Sequence[UUID]


async def judge(
    connection: Connection, account_id: int, events: Sequence[Record], *, addresses: datetime | None = None
) -> list[Judged]:
    """Those of these events that may be shown, in their order, in a fixed number of statements.

    `addresses`: since when addresses are shown that the account keeps, where it does now; None for none. Whoever calls has seen to it that the reader sees people, and that the mailings are not another user's.
    """
    if not events:
        return []
    gate = _Gate((await accounts.latest_settings(connection, account_id)).settings)
    await gate.load(connection, account_id, events)
    if addresses is not None and gate.settings.keep_ip:
        gate.addresses = await kept_addresses.of_events(connection, account_id, addresses, events)
    judged = [(event, gate.view(event)) for event in events]
    return [Judged(event, view, gate.whose(event)) for event, view in judged if view is not None]


def by_key(rows: Iterable[Record]) -> dict[DeliveryKey, Record]:
    """Deliveries, or messages to several people, by their keys."""
    return {DeliveryKey(row["subscriber_id"], row["id"]): row for row in rows}


def key_of(event: Record) -> DeliveryKey:
    """What an event belongs to: a delivery, or a message to several people."""
    return DeliveryKey(event["subscriber_id"], event["delivery_id"])


@dataclass(slots=True)
class _Gate:
    """What a batch of events is judged by."""

    settings: AccountSettings
    alone: dict[DeliveryKey, Record] = field(default_factory=dict)
    gathered: dict[DeliveryKey, Record] = field(default_factory=dict)
    people: dict[UUID, Record] = field(default_factory=dict)
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    templates: dict[int, str] = field(default_factory=dict)
    addresses: dict[EventKey, str] = field(default_factory=dict)

    async def load(self, connection: Connection, account_id: int, events: Sequence[Record]) -> None:
        """Reads what the events belong to."""
        keys = {key_of(event) for event in events}
        self.alone = by_key(await connection.fetch(SQL.deliveries, account_id, *_columns(keys)))
        owners = {key.subscriber_id: key.subscriber_id for key in self.alone}
        if keys - self.alone.keys():
            rows = await connection.fetch(SQL.gathered, account_id, *_columns(keys - self.alone.keys()))
            self.gathered = by_key(rows)
            recipients = [each for row in rows for each in row["recipients"]]
            owners |= await identities.current(connection, recipients)
        people = await connection.fetch(SQL.people, account_id, list(set(owners.values())))
        by_id = {row["id"]: row for row in people}
        self.people = {asked: by_id[owner] for asked, owner in owners.items() if owner in by_id}
        clicked = {(event["mailing_id"], event["link"]) for event in events if event["link"]}
        if clicked:
            rows = await connection.fetch(SQL.links, *_columns(clicked))
            self.links = {(row["mailing_id"], row["number"]): row["url"] for row in rows}

    def whose(self, event: Record) -> Sequence[UUID]:
        """Whose the event can be, by the ids that they have now."""
        gathered = self.gathered.get(key_of(event))
        if gathered is None:
            return [event["subscriber_id"]]
        return [self.people[each]["id"] for each in gathered["recipients"] if each in self.people]

    def view(self, event: Record) -> EventView | None:
        """The event as it may be shown, or None."""
        axis = Axis.CLICKS if event["kind"] == EventKind.CLICKED else Axis.OPENS
        alone, gathered = self.alone.get(key_of(event)), self.gathered.get(key_of(event))
        if alone is not None:
            person = self.people.get(event["subscriber_id"])
            if person is None or alone["gathered"] or not self._shows(alone, axis, [person]):
                return None
            where = self._address(event), event["country"] or None
            return self._view(event, alone["sent_at"], alone["message_id"], person["address"], *where)
        if gathered is None or not self._shows(gathered, axis, map(self.people.get, gathered["recipients"])):
            return None
        # Its key is the message's id.
        return self._view(event, gathered["sent_at"], event["subscriber_id"], Anonymized.LOG.value)

    def _address(self, event: Record) -> str | None:
        return self.addresses.get((event["subscriber_id"], event["occurred_at"], event["id"]))

    def _shows(self, belongs_to: Record, axis: Axis, people: Iterable[Record | None]) -> bool:
        name = axis.lower()
        return belongs_to[f"{name}_mode"] == TrackingMode.PERSONAL and not any(
            person is None or self._hides(person[f"{name}_value"], person[f"{name}_withdrawal"])
            for person in people
        )

    def _hides(self, value: str, promised: str | None) -> bool:
        if value != Permission.NO:
            return False
        withdrawal = None if promised is None else Withdrawal(promised)
        stands = PermissionState(value=Permission.NO, withdrawal=withdrawal)
        return hides(stands, self.settings.withdrawal)

    def _view(
        self,
        event: Record,
        sent_at: datetime,
        message_id: UUID,
        email: str,
        ip: str | None = None,
        country: str | None = None,
    ) -> EventView:
        mailing_id = event["mailing_id"]
        if mailing_id not in self.templates:
            self.templates[mailing_id] = encode_id("Mailing", mailing_id)
        return EventView(
            key=LogKey(event["occurred_at"], event["id"]),
            kind=EventKind(event["kind"]),
            occurred_at=event["occurred_at"],
            sent_at=sent_at,
            mailing_id=mailing_id,
            template_id=self.templates[mailing_id],
            email=email,
            message_id=str(message_id),
            link=self.links.get((mailing_id, event["link"])),
            client_class=ClientClass(event["client_class"]),
            ip=ip,
            country=country,
        )


def _columns(keys: Iterable[tuple[Any, Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*keys, strict=True)]
