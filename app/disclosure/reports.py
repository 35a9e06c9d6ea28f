"""What the report of a mailing says, and that of several together; what it withholds, `report_counts` decides.

    figure          personal part                     anonymous part (rounded, or withheld)
    opens, clicks   events without proxy loads and    the published tallies, summed over send days whose
                    scanners                          audience suffices, then rounded
    unique opens    deliveries opened                 unlinked numbers seen
    unique clicks   deliveries clicked                none: an unlinked number differs for each link
    by class        events, machines' included        the published tallies, machines' included
    timeline        by hour or day                    by day only

Measured are the delivered frozen above OFF, anonymous ones only where their audience suffices. Totals stay when
somebody withdraws; one-to-one mail reads NOT_MEASURED for everybody but its user. Source: domain.md §6, §7, §10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.disclosure.reader import Reader
from app.disclosure.report_counts import MailingCounts
from app.disclosure.report_sheets import ClientClassView, LinkReportView, Sheet, sheet_of, together
from app.disclosure.report_times import TimelineBucket, TimelinePointView, timeline
from app.domain.errors import LimitExceeded, NotFound
from app.domain.modes import Channel
from app.domain.privacy import Figure
from app.domain.rates import Rate, click_to_open, coverage, rate
from app.storage import mailings, reports
from app.storage.database import Connection

Together = tuple[int, ...]
"""The ids of mailings that one report is about, each once."""

MOST_TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report, ready to be shown. `measured` and `coverage` are (opens, clicks).

    `links` and `classes` are empty where nobody asked for its parts.
    """

    sent: int
    delivered: int
    bounced: int
    measured: tuple[int, int]
    coverage: tuple[float | None, float | None]
    opens: Figure
    unique_opens: Figure
    clicks: Figure
    unique_clicks: Figure
    open_rate: Rate
    click_rate: Rate
    click_to_open_rate: Rate
    links: tuple[LinkReportView, ...]
    classes: tuple[ClientClassView, ...]


@dataclass(frozen=True, slots=True)
class MailingChoice:
    """Which mailings a report is about, all conditions together; None asks for nothing.

    `ids` are named one by one; the others by when they were made, from `made_from` until just before `made_until`.
    """

    ids: tuple[int, ...] | None = None
    channel: Channel | None = None
    made_from: datetime | None = None
    made_until: datetime | None = None


async def chosen(reader: Reader, choice: MailingChoice) -> Together:
    """The mailings that are meant, oldest first; other users' one-to-one mailings are nobody else's.

    Raises `NotFound` for an id of no mailing of the account, and `LimitExceeded` for more than 1,000 mailings.
    """
    async with reader.instance.database.connection() as connection:
        if choice.ids is not None:
            there = await mailings.by_ids(connection, reader.account_id, choice.ids)
            for place, each in enumerate(choice.ids):
                if each not in there:
                    raise NotFound(path=("mailingIds", place))
        rows = await connection.fetch(
            mailings.SQL.chosen,
            reader.account_id,
            choice.ids,
            choice.channel,
            choice.made_from,
            choice.made_until,
            reader.principal.user_id,
            MOST_TOGETHER + 1,
        )
    if len(rows) > MOST_TOGETHER:
        message = f"A report holds at most {MOST_TOGETHER:,} mailings. Name a channel, or a shorter time."
        raise LimitExceeded(message)
    return tuple(row["id"] for row in rows)


async def reports_of(reader: Reader, ids: Sequence[int]) -> dict[int, ReportView]:
    """The reports of mailings in a fixed number of statements; ids of other accounts are absent."""
    async with reader.instance.database.connection() as connection:
        counts = await counted(reader, connection, ids, parts=True)
    return {each: _view(sheet_of(found)) for each, found in counts.items()}


async def reports_together(
    reader: Reader, asked: Sequence[Together], *, parts: bool
) -> dict[Together, ReportView]:
    """A report for each group of mailings, in a fixed number of statements for all of them; links and classes if `parts`.

    Mailings of other accounts are left out; so is a report of one mailing that is not there.
    """
    async with reader.instance.database.connection() as connection:
        counts = await counted(reader, connection, _all(asked), parts=parts)
    sheets = {each: sheet_of(found, parts=parts) for each, found in counts.items()}
    return {
        group: _view(together([sheets[each] for each in group if each in sheets]))
        for group in asked
        if len(group) != 1 or group[0] in sheets
    }


async def timelines_together(
    reader: Reader, asked: Sequence[Together], bucket: TimelineBucket
) -> dict[Together, tuple[TimelinePointView, ...]]:
    """The timeline of each group of mailings, oldest first, in a fixed number of statements for all of them."""
    async with reader.instance.database.connection() as connection:
        counts = await counted(reader, connection, _all(asked), by_day=True)
        hits = await reports.hits_by_time(connection, list(counts), bucket.width)
    return {
        group: timeline([(counts[each], hits[each]) for each in group if each in counts], bucket)
        for group in asked
    }


async def timeline_of(
    reader: Reader, mailing_id: int, bucket: TimelineBucket
) -> tuple[TimelinePointView, ...]:
    """The timeline of one mailing, oldest first; nothing where it is another account's."""
    return (await timelines_together(reader, [(mailing_id,)], bucket))[mailing_id,]


def _all(asked: Sequence[Together]) -> list[int]:
    return sorted({each for group in asked for each in group})


async def counted(
    reader: Reader,
    connection: Connection,
    ids: Sequence[int],
    *,
    by_day: bool = False,
    parts: bool = False,
    audiences_alone: bool = False,
) -> dict[int, MailingCounts]:
    """What was counted of mailings, not to be shown as it is; those of other accounts are absent.

    `by_day` tells the days of anonymous hits apart, `parts` the links and classes of personal ones; `audiences_alone`
    leaves all hits out.
    """
    found, over = await reports.counts(
        connection, reader.account_id, ids, deeds=not audiences_alone, by_day=by_day, parts=parts
    )
    return {
        each: MailingCounts(each, of.counts, over, of.links, owned=reader.owns(of.mailing))
        for each, of in found.items()
    }


def _view(sheet: Sheet) -> ReportView:
    opens, clicks = sheet.opens, sheet.clicks
    return ReportView(
        sent=sheet.sent,
        delivered=opens.reach.delivered,
        bounced=sheet.bounced,
        measured=(opens.reach.measured, clicks.reach.measured),
        coverage=(coverage(opens.reach), coverage(clicks.reach)),
        opens=opens.hits,
        unique_opens=opens.unique,
        clicks=clicks.hits,
        unique_clicks=clicks.unique,
        open_rate=rate(opens.unique if opens.has_uniques else None, opens.hits, opens.reach),
        click_rate=rate(clicks.unique if clicks.has_uniques else None, clicks.hits, clicks.reach),
        click_to_open_rate=click_to_open(*sheet.both),
        links=sheet.links,
        classes=sheet.classes,
    )
