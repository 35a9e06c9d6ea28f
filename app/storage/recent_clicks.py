"""The clicks of the last two minutes with the tags of their networks, for rules over several hits.

Nothing of it is kept for longer: `forget` runs every few seconds, and the table is in no log of the database.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.storage.database import Connection
from app.storage.queries import load

SQL = load("recent_clicks")

_SIGN, _RANGE = 1 << 63, 1 << 64


class RecentClick(NamedTuple):
    """One click. `network` tells networks apart for a few minutes, from 0 to 2**64 - 1, and names none."""

    subscriber_id: UUID
    delivery_id: int
    event_id: UUID
    occurred_at: datetime
    link: int
    network: int | None


async def of_deliveries(
    connection: Connection, keys: Sequence[tuple[UUID, int]], since: datetime
) -> dict[tuple[UUID, int], list[RecentClick]]:
    """The clicks on these deliveries since a time; deliveries without any are absent."""
    found: dict[tuple[UUID, int], list[RecentClick]] = defaultdict(list)
    subscriber_ids, ids = [key[0] for key in keys], [key[1] for key in keys]
    for row in await connection.fetch(SQL.of_deliveries, subscriber_ids, ids, since):
        click = RecentClick(**row)
        network = None if click.network is None else click.network % _RANGE
        found[click.subscriber_id, click.delivery_id].append(click._replace(network=network))
    return found


async def remember(connection: Connection, clicks: Sequence[RecentClick]) -> None:
    """Keeps these clicks until they are forgotten."""
    if clicks:
        *columns, networks = (list(column) for column in zip(*clicks, strict=True))
        await connection.execute(SQL.remember, *columns, [_signed(each) for each in networks])


def _signed(network: int | None) -> int | None:
    return network if network is None or network < _SIGN else network - _RANGE


async def forget(connection: Connection, before: datetime) -> None:
    """Deletes what is older."""
    await connection.execute(SQL.forget, before)


async def forget_person(connection: Connection, subscriber_id: UUID) -> None:
    """Deletes the clicks of one person at once."""
    await connection.execute(SQL.forget_person, subscriber_id)
