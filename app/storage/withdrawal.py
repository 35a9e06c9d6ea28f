"""What was recorded of one person, taken back: the counts fall in the same transaction as the rows go."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from app.domain.modes import Axis, EventKind
from app.storage import deliveries, events
from app.storage.database import Connection
from app.storage.deliveries import DeliveryRow
from app.storage.events import EventCount
from app.storage.queries import load

SQL = load("withdrawal")

_KINDS = {
    Axis.OPENS: (EventKind.LOADED_BY_PROXY, EventKind.FIRST_OPENING, EventKind.OPENED),
    Axis.CLICKS: (EventKind.CLICKED,),
}


async def recorded(
    connection: Connection, account_id: int, subscriber_id: UUID, axes: Sequence[Axis]
) -> list[DeliveryRow]:
    """The person's own deliveries that were frozen PERSONAL on one of the axes, locked."""
    rows = await connection.fetch(
        SQL.recorded, subscriber_id, account_id, Axis.OPENS in axes, Axis.CLICKS in axes
    )
    return [deliveries.from_record(row) for row in rows]


async def sever(connection: Connection, subscriber_id: UUID, axis: Axis, ids: Sequence[int]) -> None:
    """Empties these deliveries on one axis and sets it to OFF."""
    query = SQL.sever_opens if axis is Axis.OPENS else SQL.sever_clicks
    await connection.execute(query, subscriber_id, list(ids))


async def delete_events(
    connection: Connection, account_id: int, subscriber_id: UUID, axes: Sequence[Axis]
) -> Counter[EventCount]:
    """Deletes the person's events on the axes; returns what they were counted as."""
    kinds = [kind.value for axis in axes for kind in _KINDS[axis]]
    deleted: Counter[EventCount] = Counter()
    for row in await connection.fetch(SQL.delete_events, subscriber_id, account_id, kinds):
        hour = row["occurred_at"].replace(minute=0, second=0, microsecond=0)
        deleted[EventCount(row["mailing_id"], hour, row["kind"], row["link"], row["client_class"])] += 1
    return deleted


async def uncount_events(connection: Connection, deleted: Counter[EventCount]) -> None:
    """Lets the counts of events fall by what was deleted."""
    await events.add_rollup(connection, {key: -count for key, count in deleted.items()})
