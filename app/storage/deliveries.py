"""Deliveries: one message sent to one subscriber, and the counts of them per mailing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from app.domain.modes import Axis, TrackingMode
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("deliveries")


class DeliveryKey(NamedTuple):
    """What names a delivery: its subscriber (the shard) and a number that rises with time."""

    subscriber_id: UUID
    id: int


class RollupKey(NamedTuple):
    """What deliveries are counted by. `send_day` is 0 where anonymity is kept per mailing."""

    mailing_id: int
    send_day: int
    opens_mode: TrackingMode
    clicks_mode: TrackingMode
    gathered: bool


class LinkKey(NamedTuple):
    """What a link's audience and clickers are counted by."""

    mailing_id: int
    send_day: int
    link: int


COUNTED = (
    "sent",
    "messages",
    "delivered",
    "bounced",
    "audience_opens",
    "audience_clicks",
    "openers",
    "clickers",
    "clicked_openers",
)
"""The counts of a rollup row. `messages` counts mails to several people once each."""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery as stored."""

    key: DeliveryKey
    mailing_id: int
    message_id: UUID
    user_id: int | None
    sent_at: datetime
    send_day: int
    delivered_at: datetime | None
    bounced_at: datetime | None
    opens_mode: TrackingMode
    clicks_mode: TrackingMode
    settings_version: int
    permission_based: bool
    gathered: bool
    content_id: int
    in_audience_opens: bool
    in_audience_clicks: bool
    opens: int = 0
    clicks: int = 0
    first_opened_at: datetime | None = None
    last_opened_at: datetime | None = None
    first_clicked_at: datetime | None = None
    clicked_links: tuple[int, ...] = ()

    def mode(self, axis: Axis) -> TrackingMode:
        """The mode frozen at sending."""
        return self.opens_mode if axis is Axis.OPENS else self.clicks_mode

    @property
    def counted(self) -> Counter[str]:
        """What this delivery adds to the counts under its key, `messages` aside."""
        there = self.bounced_at is None
        opened, clicked = self.first_opened_at is not None, self.first_clicked_at is not None
        return Counter(
            sent=1,
            delivered=int(there and self.delivered_at is not None),
            bounced=int(not there),
            audience_opens=int(there and self.in_audience_opens),
            audience_clicks=int(there and self.in_audience_clicks),
            openers=int(opened),
            clickers=int(clicked),
            clicked_openers=int(opened and clicked),
        )

    @property
    def rollup_key(self) -> RollupKey:
        """Where this delivery is counted."""
        return RollupKey(
            self.mailing_id, self.send_day, self.opens_mode, self.clicks_mode, gathered=self.gathered
        )


def from_record(record: asyncpg.Record) -> DeliveryRow:
    """A row of the delivery table."""
    names = set(DeliveryRow.__dataclass_fields__) - {"key", "opens_mode", "clicks_mode", "clicked_links"}
    return DeliveryRow(
        key=DeliveryKey(record["subscriber_id"], record["id"]),
        opens_mode=TrackingMode(record["opens_mode"]),
        clicks_mode=TrackingMode(record["clicks_mode"]),
        clicked_links=tuple(record["clicked_links"]),
        **{name: record[name] for name in names},
    )


def shown_mode(record: asyncpg.Record, axis: Axis) -> TrackingMode:
    """The mode frozen at sending."""
    return _MODES[record[_MODE_COLUMNS[axis]]]


# Looking a member up is several times quicker than asking its class for it, and pages hold thousands.
_MODES = {each.value: each for each in TrackingMode}
_MODE_COLUMNS = {axis: f"{axis.value.lower()}_mode" for axis in Axis}


async def insert(connection: Connection, account_id: int, rows: Sequence[DeliveryRow]) -> set[DeliveryKey]:
    """Adds the deliveries of one call (one mailing, one time, one template); returns the keys that were new."""
    if not rows:
        return set()
    head = rows[0]
    added = await connection.fetch(
        SQL.insert,
        account_id,
        head.mailing_id,
        head.user_id,
        head.sent_at,
        head.send_day,
        head.settings_version,
        head.permission_based,
        head.content_id,
        [row.key.subscriber_id for row in rows],
        [row.key.id for row in rows],
        [row.message_id for row in rows],
        [row.opens_mode.value for row in rows],
        [row.clicks_mode.value for row in rows],
        [row.gathered for row in rows],
        [row.in_audience_opens for row in rows],
        [row.in_audience_clicks for row in rows],
    )
    return {DeliveryKey(record["subscriber_id"], record["id"]) for record in added}


async def by_keys(
    connection: Connection, account_id: int, keys: Iterable[DeliveryKey], *, lock: bool = False
) -> dict[DeliveryKey, DeliveryRow]:
    """The deliveries of one account by their keys, locked in a fixed order where asked."""
    query = SQL.lock if lock else SQL.by_keys
    found = await _of_keys(connection, query, account_id, set(keys))
    return {key: from_record(record) for key, record in found.items()}


async def records(
    connection: Connection, account_id: int, keys: Iterable[DeliveryKey]
) -> dict[DeliveryKey, asyncpg.Record]:
    """The same as they come, for views that read a column only when it is asked for."""
    return await _of_keys(connection, SQL.by_keys, account_id, set(keys))


async def _of_keys(
    connection: Connection, query: str, account_id: int, wanted: set[DeliveryKey]
) -> dict[DeliveryKey, asyncpg.Record]:
    subscriber_ids, ids = [key.subscriber_id for key in wanted], [key.id for key in wanted]
    found = await connection.fetch(query, account_id, subscriber_ids, ids)
    # Two lists of ids can pair up across keys, so only the pairs that were asked for are kept.
    keyed = {DeliveryKey(record["subscriber_id"], record["id"]): record for record in found}
    return {key: record for key, record in keyed.items() if key in wanted}


async def add_rollup(connection: Connection, deltas: Mapping[RollupKey, Counter[str]]) -> None:
    """Adds to the counts of deliveries."""
    if deltas:
        columns = [[delta[name] for delta in deltas.values()] for name in COUNTED]
        keys = [list(column) for column in zip(*deltas, strict=True)]
        await connection.execute(SQL.add_rollup, *keys, *columns)


async def add_link_rollup(connection: Connection, deltas: Mapping[LinkKey, tuple[int, int]]) -> None:
    """Adds to (audience, clickers) of links."""
    if deltas:
        keys = [list(column) for column in zip(*deltas, strict=True)]
        columns = [list(column) for column in zip(*deltas.values(), strict=True)]
        await connection.execute(SQL.add_link_rollup, *keys, *columns)


async def in_audience(
    connection: Connection, subscriber_ids: list[UUID], mailing_id: int, send_day: int
) -> tuple[set[UUID], set[UUID]]:
    """Who is counted already in the anonymous audience of opens, and of clicks."""
    rows = await connection.fetch(SQL.in_audience, subscriber_ids, mailing_id, send_day)
    opens = {row["subscriber_id"] for row in rows if row["opens"]}
    return opens, {row["subscriber_id"] for row in rows if row["clicks"]}


async def known_batch(connection: Connection, account_id: int, mailing_id: int, key: str) -> bool:
    """Whether a batch was prepared under this idempotency key before."""
    return await connection.fetchval(SQL.batch_base, account_id, mailing_id, key) is not None


async def batch_base(
    connection: Connection,
    account_id: int,
    mailing_id: int,
    key: str,
    base: int,
    digest: bytes,
    now: datetime,
) -> tuple[int, bytes]:
    """What is kept under an idempotency key: the number that ids are counted from, and what the call was."""
    await connection.execute(SQL.claim_batch, account_id, mailing_id, key, base, digest, now)
    row = await connection.fetchrow(SQL.batch_base, account_id, mailing_id, key)
    if row is None:
        message = "The batch was claimed in this transaction and must be there."
        raise LookupError(message)
    return row["base"], row["digest"]


async def links_had(
    connection: Connection, subscriber_ids: Iterable[UUID], mailing_id: int, send_day: int, but: list[int]
) -> dict[UUID, set[int]]:
    """The links of the anonymous mails that people have of a mailing, apart from the deliveries `but`."""
    rows = await connection.fetch(SQL.links_had, list(subscriber_ids), mailing_id, send_day, but)
    found: dict[UUID, set[int]] = defaultdict(set)
    for row in rows:
        found[row["subscriber_id"]].update(row["anonymous_links"])
    return found
