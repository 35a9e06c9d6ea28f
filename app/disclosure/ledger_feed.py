"""Every change of a permission in an account, in an order that can be followed: nothing is skipped, nothing comes twice.

Theory: lines stand in the order of their server time, then of subscriber and number, and are shown once they are settled
(`settled`). Whoever goes on after the last line that they saw has then seen every line before it, and may as well follow
the feed live: one look a second serves all who do.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.disclosure import settled
from app.disclosure.ledger import LineView, view_of
from app.disclosure.reader import Reader
from app.domain.ledger import SealedLine
from app.instance import DatabaseAway
from app.live import Feed, Place, Stretch
from app.storage import ledger

AT_ONCE = 500
_NOBODY = UUID(int=0)


class FeedPlace(NamedTuple):
    """Where a line stands in the feed."""

    server_time: datetime
    subscriber_id: UUID
    number: int


async def changes_after(reader: Reader, place: FeedPlace | None, limit: int) -> list[LineView]:
    """The settled lines behind a place, oldest first; from the beginning where there is none."""
    async with reader.instance.database.connection() as connection:
        until = await settled.settled_until(reader, connection)
        start = place or FeedPlace(_BEGINNING, _NOBODY, 0)
        rows = await connection.fetch(ledger.SQL.feed, reader.account_id, *start, until, limit)
    return [view_of(reader, ledger.from_record(row)) for row in rows]


async def changes_before(reader: Reader, place: FeedPlace | None, limit: int) -> list[LineView]:
    """The settled lines ahead of a place, newest first; from the newest settled one where there is none.

    What is not settled yet is behind the end of the list, so nothing turns up later between lines that were read.
    """
    async with reader.instance.database.connection() as connection:
        until = await settled.settled_until(reader, connection)
        end = FeedPlace(until, _NOBODY, 0) if place is None else place
        rows = await connection.fetch(ledger.SQL.feed_backwards, reader.account_id, *end, until, limit)
    return [view_of(reader, ledger.from_record(row)) for row in rows]


async def count_changes(reader: Reader) -> int:
    """How many settled lines there are, up to 10,001."""
    async with reader.instance.database.connection() as connection:
        until = await settled.settled_until(reader, connection)
        count: int = await connection.fetchval(ledger.SQL.count_of_account, reader.account_id, until)
    return count


async def changes_live(reader: Reader, place: FeedPlace | None) -> AsyncGenerator[LineView, None]:
    """The lines behind a place, or from now on, as they are settled, oldest first, until it is closed."""
    now = FeedPlace(reader.now - settled.MARGIN, _NOBODY, 0)

    def feed() -> Feed[SealedLine]:
        return Feed(now, lambda start: _look(reader, start), settled.steady)

    async with (
        reader.instance.feeds.on(("lines", reader.account_id), feed) as shared,
        aclosing(shared.follow(place or now)) as lines,
    ):
        async for line in lines:
            yield view_of(reader, line)


async def _look(reader: Reader, start: Place) -> Stretch[SealedLine] | None:
    try:
        async with reader.instance.database.patient_connection() as connection:
            until = await settled.settled_until(reader, connection)
            rows = await connection.fetch(ledger.SQL.feed, reader.account_id, *start, until, AT_ONCE)
    except DatabaseAway:
        return None
    placed = [
        (FeedPlace(row["server_time"], row["subscriber_id"], row["number"]), ledger.from_record(row))
        for row in rows
    ]
    if len(rows) == AT_ONCE:
        return Stretch(start, placed[-1][0], placed, more=True)
    return Stretch(start, max(start, FeedPlace(until, _NOBODY, 0)), placed)


_BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
