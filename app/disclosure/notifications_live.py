"""Notifications as they come to be told: when their event has arrived and its class is final, whichever is later.

All users of an account share one look; each gets their own. Source: domain.md §11, row P4.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from app.disclosure.event_log_views import NOBODY
from app.disclosure.notifications import NotificationView, told
from app.disclosure.reader import Reader
from app.disclosure.settled import MARGIN, settled_until, steady
from app.domain.errors import Forbidden
from app.domain.scanners import FINAL_AFTER
from app.instance import DatabaseAway
from app.live import Feed, Place, Stretch
from app.storage import users
from app.storage.event_log import SQL

AT_ONCE = 500
_SLACK = 2 * FINAL_AFTER
"""No event arrives so long before its hit that this would miss it, however far clocks are apart."""


class _Told(NamedTuple):
    user_id: int
    view: NotificationView


async def notifications_live(reader: Reader) -> AsyncGenerator[NotificationView, None]:
    """What the user is told of from now on, until it is closed. Raises `Forbidden` for tokens of no user."""
    reader.must_see_people("notifications")
    if reader.principal.user_id is None:
        message = "Notifications are a user's own. Use a token of a user (createToken with user)."
        raise Forbidden(message, path=("notifications",))
    now = (reader.now - MARGIN, NOBODY)

    def feed() -> Feed[_Told]:
        return Feed(now, lambda place: _look(reader, place), steady)

    async with (
        reader.instance.feeds.on(("notifications", reader.account_id), feed) as shared,
        aclosing(shared.follow(now)) as rows,
    ):
        async for each in rows:
            if each.user_id == reader.principal.user_id:
                yield each.view


async def _look(reader: Reader, start: Place) -> Stretch[_Told] | None:
    try:
        async with reader.instance.database.patient_connection() as connection:
            until = await settled_until(reader, connection)
            events = await connection.fetch(
                SQL.became_final, reader.account_id, *start, until, start[0] - _SLACK, FINAL_AFTER, AT_ONCE
            )
            found = await told(connection, reader.account_id, events)
            listening = await users.by_ids(
                connection, reader.account_id, list({event["user_id"] for event, _ in found})
            )
    except DatabaseAway:
        return None
    rows = [
        ((event["told_at"], event["id"]), _Told(event["user_id"], view))
        for event, view in found
        if event["user_id"] in listening and listening[event["user_id"]].switches.notifications
    ]
    if len(events) == AT_ONCE:
        return Stretch(start, (events[-1]["told_at"], events[-1]["id"]), rows, more=True)
    return Stretch(start, max(start, (until, NOBODY)), rows)
