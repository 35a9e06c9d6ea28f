"""Personal events as they arrive, for those who may see people: the log of events, live.

An event is told once the drain has written it and it is settled (`settled`), some seconds after its hit, and then as the
log tells it: nothing anonymous, nothing that somebody hides, one-to-one mail to its user alone. Its class is that of
then; a scanner may still be recognised later. Whoever begins to follow is told what arrives from then on.
Source: domain.md §6, §8, §11.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from app.disclosure.event_log_people import judge
from app.disclosure.event_log_views import NOBODY, EventView
from app.disclosure.reader import Reader
from app.disclosure.settled import MARGIN, hinted, settled_until
from app.domain.errors import NotFound
from app.domain.modes import Channel
from app.domain.retention import addresses_since
from app.instance import DatabaseAway
from app.live import Feed, Place, Stretch
from app.storage import mailings
from app.storage.event_log import SQL
from app.storage.hints import events_topic

AT_ONCE = 500


class _Arrived(NamedTuple):
    """An event that may be shown, and to whom: `user_id` is the only one of one-to-one mail."""

    view: EventView
    channel: str
    user_id: int


async def events_live(reader: Reader, mailing_id: int | None) -> AsyncGenerator[EventView, None]:
    """The events that arrive, of one mailing or of all, until it is closed. Raises `NotFound`.

    The door has asked for `personal:read`.
    """
    reader.must_see_people("trackingEvents")
    if mailing_id is not None:
        await _must_own(reader, mailing_id)
    now = (reader.now - MARGIN, NOBODY)
    async with (
        reader.instance.feeds.on(("events", reader.account_id), lambda: _feed(reader, now)) as feed,
        aclosing(feed.follow(now)) as arrived,
    ):
        async for each in arrived:
            if mailing_id in {None, each.view.mailing_id} and _is_for(reader, each):
                yield each.view


async def _must_own(reader: Reader, mailing_id: int) -> None:
    async with reader.instance.database.connection() as connection:
        row = (await mailings.by_ids(connection, reader.account_id, [mailing_id])).get(mailing_id)
    if row is None or not reader.owns(row):
        raise NotFound(path=("mailingId",))


def _is_for(reader: Reader, arrived: _Arrived) -> bool:
    return arrived.channel != Channel.ONE_TO_ONE or arrived.user_id == reader.principal.user_id


def _feed(reader: Reader, start: Place) -> Feed[_Arrived]:
    topic = events_topic(reader.account_id)
    return Feed(start, lambda place: _look(reader, place), lambda: hinted(reader, topic))


async def _look(reader: Reader, start: Place) -> Stretch[_Arrived] | None:
    try:
        async with reader.instance.database.patient_connection() as connection:
            until = await settled_until(reader, connection)
            events = await connection.fetch(SQL.arrived, reader.account_id, *start, until, AT_ONCE)
            judged = await judge(connection, reader.account_id, events, addresses=addresses_since(reader.now))
    except DatabaseAway:
        return None
    rows = [
        ((event["written_at"], event["id"]), _Arrived(view, event["channel"], event["user_id"]))
        for event, view, _ in judged
    ]
    if len(events) == AT_ONCE:
        return Stretch(start, (events[-1]["written_at"], events[-1]["id"]), rows, more=True)
    return Stretch(start, max(start, (until, NOBODY)), rows)
