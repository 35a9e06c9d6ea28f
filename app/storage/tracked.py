"""What hits belong to: deliveries and messages to several people, and the people behind them, all locked.

A batch of hits belongs to thousands of deliveries that differ in little. So PostgreSQL sends one row for all that are
alike, with what each of them has of its own behind one another (`packed`), and is sent columns.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from struct import Struct
from typing import NamedTuple
from uuid import UUID

from app.domain.modes import Axis, TrackingMode
from app.domain.permission import Permission, PermissionState
from app.storage import packed
from app.storage.database import Connection, Record
from app.storage.deliveries import RollupKey
from app.storage.packed import NEVER
from app.storage.queries import load

SQL = load("tracked")

Key = tuple[bytes, int]
"""Where a delivery or message lies: its subscriber's id in 16 bytes, and its number."""

_DELIVERY = Struct(">16sqiiqqq")
_PERSON = Struct(">16sqq")


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What deliveries have in common. Two are the same only if they are one object, so that it is quickly looked up.

    `recipients` are those of a message to several people, by their ids of when it was sent; None for a delivery.
    """

    account_id: int
    mailing_id: int
    send_day: int
    opens_mode: TrackingMode
    clicks_mode: TrackingMode
    settings_version: int
    permission_based: bool
    recipients: Sequence[UUID] | None
    rollup_key: RollupKey = field(init=False)
    """Where they are counted."""

    def __post_init__(self) -> None:
        modes = self.opens_mode, self.clicks_mode
        key = RollupKey(self.mailing_id, self.send_day, *modes, gathered=self.recipients is not None)
        object.__setattr__(self, "rollup_key", key)

    def mode(self, axis: Axis) -> TrackingMode:
        """The mode frozen at sending."""
        return self.opens_mode if axis is Axis.OPENS else self.clicks_mode


@dataclass(slots=True, eq=False)
class Tracked:
    """A delivery, or a message to several people, and what it has seen so far; times as in `packed`.

    `clicked_links` are joined by semicolons.
    """

    sent: Sent
    clicked_links: str
    subscriber: bytes
    id: int
    opens: int
    clicks: int
    first_opened: int
    last_opened: int
    first_clicked: int
    changed: bool = False

    @property
    def key(self) -> Key:
        """Where it lies."""
        return self.subscriber, self.id

    @property
    def links(self) -> tuple[int, ...]:
        """The links that were clicked, in the order of their first clicks."""
        return tuple(map(int, filter(None, self.clicked_links.split(";"))))

    @links.setter
    def links(self, links: Sequence[int]) -> None:
        self.clicked_links = ";".join(map(str, links))


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What stands for people who stand alike, but for when they said so."""

    opens: Permission
    opens_by_person: bool
    clicks: Permission
    clicks_by_person: bool

    def state(self, axis: Axis, said: int) -> PermissionState:
        """As much as decides about a hit; `said` is when the person said so."""
        person_time = None if said == NEVER else packed.moment(said)
        if axis is Axis.OPENS:
            return PermissionState(self.opens, None, person_time, by_person=self.opens_by_person)
        return PermissionState(self.clicks, None, person_time, by_person=self.clicks_by_person)


class Steady(NamedTuple):
    """Somebody who has said nothing new; times as in `packed`."""

    answers: Answers
    opens_said: int
    clicks_said: int


async def lock(connection: Connection, keys: Collection[Key], *, gathered: bool) -> dict[Key, Tracked]:
    """The deliveries with these keys, or the messages to several people, locked in a fixed order."""
    query = SQL.lock_gathered if gathered else SQL.lock_deliveries
    # In the order of the index, where neighbours lie on one page.
    keys = sorted(keys)
    ids, numbers = packed.listed_ids(key[0] for key in keys), packed.listed(key[1] for key in keys)
    found: dict[Key, Tracked] = {}
    for row in await connection.fetch(query, ids, numbers):
        sent = _sent(row)
        for own, links in zip(_DELIVERY.iter_unpack(row["packed"]), row["links"], strict=True):
            found[own[:2]] = Tracked(sent, links, *own)
    return found


def _sent(row: Record) -> Sent:
    return Sent(
        row["account_id"],
        row["mailing_id"],
        row["send_day"],
        TrackingMode(row["opens_mode"]),
        TrackingMode(row["clicks_mode"]),
        row["settings_version"],
        row["permission_based"],
        row["recipients"],
    )


async def steady_people(
    connection: Connection, ids: Collection[bytes], since: datetime
) -> dict[bytes, Steady]:
    """Those of these people who said nothing new since a time. All who are there are held until the transaction ends."""
    found: dict[bytes, Steady] = {}
    for row in await connection.fetch(SQL.steady_people, packed.listed_ids(ids), since):
        answers = Answers(
            Permission(row["opens_value"]),
            row["opens_by_person"],
            Permission(row["clicks_value"]),
            row["clicks_by_person"],
        )
        for person, opens_said, clicks_said in _PERSON.iter_unpack(row["packed"]):
            found[person] = Steady(answers, opens_said, clicks_said)
    return found


async def recipients(connection: Connection, ids: Collection[bytes]) -> set[bytes]:
    """Everybody who got messages to several people that lie under these ids."""
    rows = await connection.fetch(SQL.recipients, packed.listed_ids(ids))
    return {person.bytes for row in rows for person in row["recipients"]}


async def save(connection: Connection, rows: Sequence[Tracked], *, gathered: bool) -> None:
    """Writes what deliveries, or messages to several people, have seen; the caller has them locked."""
    if rows:
        await connection.execute(
            SQL.save_gathered if gathered else SQL.save_deliveries,
            packed.listed_ids(row.subscriber for row in rows),
            packed.listed(row.id for row in rows),
            packed.listed(row.opens for row in rows),
            packed.listed(row.clicks for row in rows),
            packed.listed_or_null(row.first_opened for row in rows),
            packed.listed_or_null(row.last_opened for row in rows),
            packed.listed_or_null(row.first_clicked for row in rows),
            packed.listed_words(row.clicked_links for row in rows),
            packed.EPOCH,
        )
