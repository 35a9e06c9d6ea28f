"""The log of a channel's events, newest first: who opened and clicked, or that somebody did.

    event of                                   reads as
    one person, PERSONAL                       everything
    a message to several people                the message's: time, link and message id, the person "Anonymized"
    somebody who said no, and hides it         nothing at all
    one-to-one mail                            everything to its user, nothing at all to others
    people counted anonymously                 N equal rows for a day's tally whose published size is N
    anybody, to who may not see people         N equal rows for a day's count of N, in the same shape

Theory: the anonymous rows of a day stand behind everything else of that day and are made from its published numbers
alone: kind, event day, send day, mailing. Order, cursors and filters are functions of these, so none of them says
anything beyond the numbers. A filter only chooses among the rows that the whole log shows: it never changes how many
rows a tally has, and a day that a filter by time cuts is left out as a whole. Where an account shows anonymous parts in
totals only, and for one-to-one mail, there are no such rows. Who may not see people gets a day and no hour for personal
events too, since a time would tell whose they are.

It reads the same from either end, one way the reverse of the other. Source: domain.md §6, §7, §8, §11.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime

from app.disclosure import event_log_days, event_log_people
from app.disclosure.event_log_views import EventView, LogPart, Start, within_reach
from app.disclosure.reader import Reader
from app.domain.modes import Channel
from app.storage import mailings

LARGEST_BATCH = 1_000


async def log_part(
    reader: Reader,
    channel: Channel,
    mailing_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> LogPart | None:
    """The part of the log that a filter means, `until` not included; None where the reader sees nothing of it.

    That a mailing is another account's, another channel's or another user's is one answer.
    """
    user_id = reader.principal.user_id if channel is Channel.ONE_TO_ONE else 0
    if user_id is None:
        return None
    if mailing_id is not None:
        async with reader.instance.database.connection() as connection:
            row = (await mailings.by_ids(connection, reader.account_id, [mailing_id])).get(mailing_id)
        if row is None or row.channel is not channel or not reader.owns(row):
            return None
    return LogPart(
        channel,
        user_id,
        mailing_id,
        None if since is None else within_reach(since),
        None if until is None else within_reach(until),
    )


async def page_of_log(reader: Reader, part: LogPart, start: Start, limit: int) -> list[EventView]:
    """So many rows beyond a place, in reading order: newest first, or oldest first backward."""
    rows: list[EventView] = []
    if limit > 0:
        async with aclosing(_rows(reader, part, start, min(limit, LARGEST_BATCH))) as found:
            async for view in found:
                rows.append(view)
                if len(rows) == limit:
                    break
    return rows


async def count_log(reader: Reader, part: LogPart, most: int) -> int:
    """How many rows the log shows, counted up to `most`."""
    count = 0
    async with aclosing(_rows(reader, part, Start(), LARGEST_BATCH)) as found:
        async for _ in found:
            count += 1
            if count == most:
                break
    return count


async def _rows(reader: Reader, part: LogPart, start: Start, batch: int) -> AsyncGenerator[EventView, None]:
    people = event_log_people.views(reader, part, start, batch)
    days = event_log_days.days(reader, part, start)
    async with aclosing(people), aclosing(days):
        head = await _next(people)
        async for day in days:
            # People of the day or of newer ones stand before the rows of nobody, so backward they come after them.
            while head is not None and (head.key.at >= day.begins) is not start.backward:
                yield head
                head = await _next(people)
            async for view in event_log_days.views(reader, part, day, start):
                yield view
        while head is not None:
            yield head
            head = await _next(people)


async def _next(views: AsyncIterator[EventView]) -> EventView | None:
    return await anext(views, None)
