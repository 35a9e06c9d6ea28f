"""Every change of a permission in an account, in an order that can be followed: nothing is skipped, nothing comes twice.

Theory: lines stand in the order of their server time, then of subscriber and number. A line's server time is read after
its transaction began and before it is committed, so a line can still turn up behind one that was read already, as
long as a transaction is open that began before that one's time. Lines are therefore shown once they are settled: older
than every open transaction, and than MARGIN, which is how far the clocks of several machines may be apart. Whoever goes on
after the last line that they saw has then seen every line before it.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from app.disclosure.ledger import LineView, view_of
from app.disclosure.reader import Reader
from app.storage import ledger
from app.storage.database import Connection

MARGIN = timedelta(seconds=2)


class FeedPlace(NamedTuple):
    """Where a line stands in the feed."""

    server_time: datetime
    subscriber_id: UUID
    number: int


async def changes_after(reader: Reader, place: FeedPlace | None, limit: int) -> list[LineView]:
    """The settled lines behind a place, oldest first; from the beginning where there is none."""
    async with reader.instance.database.connection() as connection:
        until = await settled_until(reader, connection)
        start = place or FeedPlace(_BEGINNING, UUID(int=0), 0)
        rows = await connection.fetch(ledger.SQL.feed, reader.account_id, *start, until, limit)
    return [view_of(reader, ledger.from_record(row)) for row in rows]


async def count_changes(reader: Reader) -> int:
    """How many settled lines there are, up to 10,001."""
    async with reader.instance.database.connection() as connection:
        until = await settled_until(reader, connection)
        count: int = await connection.fetchval(ledger.SQL.count_of_account, reader.account_id, until)
    return count


_BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


async def settled_until(reader: Reader, connection: Connection) -> datetime:
    """Until when lines are settled: whoever reads them afterwards sees every one from before."""
    # The age is asked for before the lines are read: who begins afterwards writes a later time.
    now = reader.now
    age: timedelta | None = await connection.fetchval(ledger.SQL.oldest_transaction)
    return now - MARGIN - (age or timedelta())
