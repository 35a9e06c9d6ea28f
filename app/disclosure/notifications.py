"""What a user is told of: opens and clicks of their own one-to-one mail.

    told of                                         not told of
    personal events of the user's own mail          those of colleagues (P7)
    openings and clicks of people                   proxies that load ahead, scanners
    once their class is final (`scanners`)          before that
    while the user's notification switch is on      while it is off
    with whom the purpose NOTIFY was granted        who said yes to a wording without it, as long as that yes stood
    people who have not said no since               who has, whatever was promised about what was recorded

Theory: nothing is stored of a notification. It is an event, and whether it is told is decided when it is asked for, so
it goes with the person, the permission and the switch. Of a message to several people the time is told, and no delivery
(P5). Source: domain.md §3, §4, §11, rows P1, P4, P5, P7.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.disclosure.event_log_people import Judged, judge
from app.disclosure.event_log_views import EARLIEST, NOBODY, within_reach
from app.disclosure.personal_ids import NotificationKey
from app.disclosure.reader import Reader
from app.domain.modes import Axis, Channel, ClientClass, EventKind
from app.domain.permission import Permission
from app.domain.scanners import final_before
from app.storage import identities, users
from app.storage.database import Connection, Record
from app.storage.deliveries import DeliveryKey
from app.storage.event_log import SQL


@dataclass(frozen=True, slots=True)
class NotificationView:
    """One thing to tell a user. `delivery` is None where the message went to several people."""

    key: NotificationKey
    kind: EventKind
    mailing_id: int
    delivery: DeliveryKey | None

    @property
    def place(self) -> tuple[datetime, UUID]:
        """Where it stands in the list, which is newest first."""
        return self.key.occurred_at, self.key.id


_Place = tuple[datetime, UUID]


async def page_of_notifications(
    reader: Reader, key: _Place | None, limit: int, *, backward: bool = False
) -> list[NotificationView]:
    """What the user is told of beyond a place, in reading order: newest first, or oldest first backward.

    Nothing for tokens of no user, and where the switch is off.
    """
    final = final_before(reader.now)
    place, end = ((EARLIEST, NOBODY), final) if backward else ((final, NOBODY), EARLIEST)
    if key is not None:
        place = (max if backward else min)(place, (within_reach(key[0]), key[1]))
    query = SQL.events_of_channel_backwards if backward else SQL.events_of_channel
    whose = reader.account_id, Channel.ONE_TO_ONE.value, reader.principal.user_id
    found: list[NotificationView] = []
    async with reader.instance.database.connection() as connection:
        while len(found) < limit and await _listens(connection, reader):
            events = await connection.fetch(query, *whose, *place, end, limit)
            found += [view for _, view in await told(connection, reader.account_id, events)]
            if len(events) < limit:
                break
            place = events[-1]["occurred_at"], events[-1]["id"]
    return found[:limit]


async def notifications_by_key(
    reader: Reader, keys: Sequence[NotificationKey]
) -> dict[NotificationKey, NotificationView]:
    """Notifications by the keys that they have or had before a merge; what the user is not told of is absent."""
    async with reader.instance.database.connection() as connection:
        if not await _listens(connection, reader):
            return {}
        now = await identities.current(connection, {key.subscriber_id for key in keys})
        there = {key: key._replace(subscriber_id=now[key.subscriber_id]) for key in keys}
        columns = [list(column) for column in zip(*there.values(), strict=True)]
        events = await connection.fetch(SQL.by_keys, reader.account_id, reader.principal.user_id, *columns)
        views = {view.key: view for _, view in await told(connection, reader.account_id, events)}
    final = final_before(reader.now)
    return {asked: views[key] for asked, key in there.items() if key in views and key.occurred_at < final}


async def _listens(connection: Connection, reader: Reader) -> bool:
    user_id = reader.principal.user_id
    if user_id is None or not reader.sees_people:
        return False
    rows = await users.by_ids(connection, reader.account_id, [user_id])
    row = rows.get(user_id)
    return row is not None and row.switches.notifications


async def told(
    connection: Connection, account_id: int, events: Sequence[Record]
) -> list[tuple[Record, NotificationView]]:
    """Those of these events of one-to-one mail that their users are told of, in their order.

    Whoever calls has seen to the time, the user and the switch.
    """
    counted = [each for each in events if _counts(each)]
    judged = await judge(connection, account_id, counted)
    people = {person for each in judged for person in each.people}
    if not people:
        return []
    willing = await _willing(connection, account_id, people)
    return [(each.event, _view(each)) for each in judged if willing.allow(each)]


def _counts(event: Record) -> bool:
    return bool(event["kind"] != EventKind.LOADED_BY_PROXY and event["client_class"] != ClientClass.SCANNER)


def _view(judged: Judged) -> NotificationView:
    event = judged.event
    alone = event["subscriber_id"] in judged.people
    return NotificationView(
        key=NotificationKey(event["subscriber_id"], event["occurred_at"], event["id"]),
        kind=judged.view.kind,
        mailing_id=event["mailing_id"],
        delivery=DeliveryKey(event["subscriber_id"], event["delivery_id"]) if alone else None,
    )


_Spell = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class _Willing:
    """What people say of being told of, by person and axis."""

    refused: frozenset[tuple[UUID, Axis]]
    narrow: Mapping[tuple[UUID, Axis], Sequence[_Spell]]

    def allow(self, judged: Judged) -> bool:
        """Whether everybody whose the event can be allows it."""
        axis = Axis.CLICKS if judged.view.kind is EventKind.CLICKED else Axis.OPENS
        at = judged.view.occurred_at
        return not any(
            (person, axis) in self.refused
            or any(
                since <= at and (until is None or at < until) for since, until in self.narrow[person, axis]
            )
            or any(until is None for _, until in self.narrow[person, axis])
            for person in judged.people
        )


async def _willing(connection: Connection, account_id: int, people: set[UUID]) -> _Willing:
    said = await connection.fetch(SQL.people, account_id, list(people))
    former = await identities.formers(connection, account_id, people)
    now = {each.id: person for person, rows in former.items() for each in rows}
    narrow: dict[tuple[UUID, Axis], list[_Spell]] = defaultdict(list)
    for row in await connection.fetch(SQL.narrow, account_id, [*people, *now]):
        person = now.get(row["subscriber_id"], row["subscriber_id"])
        narrow[person, Axis(row["axis"])].append((row["since"], row["until"]))
    refused = frozenset(
        (row["id"], axis) for row in said for axis in Axis if row[f"{axis.lower()}_value"] == Permission.NO
    )
    return _Willing(refused, narrow)
