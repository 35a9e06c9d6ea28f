"""The clicks of the last two minutes with the tags of their networks, for rules over several hits.

Nothing of it is kept for longer: `forget` runs every few seconds, and the table is in no log of the database.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.storage import packed
from app.storage.copying import microseconds
from app.storage.database import Connection
from app.storage.queries import load
from app.storage.tracked import Key

SQL = load("recent_clicks")

_SIGN, _RANGE = 1 << 63, 1 << 64


class RecentClick(NamedTuple):
    """One click; ids have 16 bytes, `at` is as in `packed`.

    `network` tells networks apart for a few minutes, from 0 to 2**64 - 1, and names none.
    """

    subscriber: bytes
    delivery_id: int
    event_id: bytes
    at: int
    link: int
    network: int | None


async def of_deliveries(
    connection: Connection, keys: Collection[Key], since: datetime
) -> dict[Key, list[RecentClick]]:
    """The clicks on these deliveries since a time; deliveries without any are absent."""
    found: dict[Key, list[RecentClick]] = defaultdict(list)
    ids, numbers = packed.listed_ids(key[0] for key in keys), packed.listed(key[1] for key in keys)
    for row in await connection.fetch(SQL.of_deliveries, ids, numbers, since):
        subscriber_id, delivery_id, event_id, at, link, network = row
        network = None if network is None else network % _RANGE
        key = subscriber_id.bytes, delivery_id
        found[key].append(RecentClick(*key, event_id.bytes, microseconds(at), link, network))
    return found


async def remember(connection: Connection, clicks: Sequence[RecentClick]) -> None:
    """Keeps these clicks until they are forgotten."""
    if clicks:
        await connection.execute(
            SQL.remember,
            packed.listed_ids(click.subscriber for click in clicks),
            packed.listed(click.delivery_id for click in clicks),
            packed.listed_ids(click.event_id for click in clicks),
            packed.listed(click.at for click in clicks),
            packed.listed(click.link for click in clicks),
            packed.listed_or_null(_signed(click.network) for click in clicks),
            packed.EPOCH,
        )


def _signed(network: int | None) -> int | None:
    return network if network is None or network < _SIGN else network - _RANGE


async def forget(connection: Connection, before: datetime) -> None:
    """Deletes what is older."""
    await connection.execute(SQL.forget, before)


async def forget_person(connection: Connection, subscriber_id: UUID) -> None:
    """Deletes the clicks of one person at once."""
    await connection.execute(SQL.forget_person, subscriber_id)
