"""The events of single deliveries as the log shows them: the history of one mail to one person.

A message to several people has its events in the log alone, since they are nobody's (domain.md §6).
"""

from collections.abc import Sequence
from uuid import UUID

from app.disclosure.event_log_people import judge, key_of
from app.disclosure.event_log_views import EARLIEST, LATEST, NOBODY, EventView, LogKey, Start, within_reach
from app.disclosure.reader import Reader
from app.domain.retention import addresses_since
from app.storage import mailings
from app.storage.database import Connection, Record
from app.storage.deliveries import DeliveryKey
from app.storage.event_log import SQL


async def events_of_deliveries(
    reader: Reader, keys: Sequence[DeliveryKey], start: Start, limit: int
) -> dict[DeliveryKey, list[EventView]]:
    """A page of what came of each delivery, by the keys that they have now, in reading order.

    Nothing of what the reader may not see is in it.
    """
    found: dict[DeliveryKey, list[EventView]] = {key: [] for key in keys}
    query = SQL.events_of_deliveries_backwards if start.backward else SQL.events_of_deliveries
    places = dict.fromkeys(keys, _first_place(start)) if reader.sees_people and limit else {}
    async with reader.instance.database.connection() as connection:
        while places:
            columns = _columns(places)
            rows = await connection.fetch(query, reader.account_id, *columns, limit)
            for key, view in await _shown(reader, connection, rows):
                found[key].append(view)
            # What is hidden takes no place in a page: whose page is short of shown rows is read on.
            places = {
                key: LogKey(last["occurred_at"], last["id"])
                for key, last, count in _ends(rows)
                if count == limit and len(found[key]) < limit
            }
    return {key: views[:limit] for key, views in found.items()}


def _first_place(start: Start) -> LogKey:
    if start.key is None:
        return LogKey(EARLIEST if start.backward else LATEST, NOBODY)
    return start.key._replace(at=within_reach(start.key.at))


def _columns(places: dict[DeliveryKey, LogKey]) -> tuple[list[UUID], list[int], list[object], list[UUID]]:
    return (
        [key.subscriber_id for key in places],
        [key.id for key in places],
        [place.at for place in places.values()],
        [place.id for place in places.values()],
    )


async def _shown(
    reader: Reader, connection: Connection, rows: Sequence[Record]
) -> list[tuple[DeliveryKey, EventView]]:
    """The events of mailings that are the reader's, each with its delivery."""
    sent = await mailings.by_ids(connection, reader.account_id, list({row["mailing_id"] for row in rows}))
    own = [row for row in rows if row["mailing_id"] in sent and reader.owns(sent[row["mailing_id"]])]
    judged = await judge(connection, reader.account_id, own, addresses=addresses_since(reader.now))
    return [(key_of(each.event), each.view) for each in judged]


def _ends(rows: Sequence[Record]) -> list[tuple[DeliveryKey, Record, int]]:
    """The last row of each delivery, and how many there were."""
    counted: dict[DeliveryKey, tuple[Record, int]] = {}
    for row in rows:
        _, before = counted.get(key_of(row), (row, 0))
        counted[key_of(row)] = row, before + 1
    return [(key, last, count) for key, (last, count) in counted.items()]
