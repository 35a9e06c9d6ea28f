"""Report pages: where a mailing's is, and what stands on it. The sealed, expiring link is the right to look.

    a link shows nothing any more once     because
    30 days are over                       it expires
    the API token that made it ended       whoever may read no more lends no more
    that token lacks a scope               likewise; scopes never change, so such a link was never made

The page is read as a caller without a user and with two scopes, whatever else the token may do, so nothing personal
can stand on it. One-to-one mail has no page: its report is about single people. Source: domain.md §7, §11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.disclosure.brands import BrandView, own_brand
from app.disclosure.mailings import MailingView, mailings_by_id
from app.disclosure.reader import Reader
from app.disclosure.report_times import TimelineBucket, TimelinePointView
from app.disclosure.reports import ReportView, reports_of, timeline_of
from app.domain.modes import Channel
from app.domain.principal import Principal
from app.domain.privacy import Figure, added
from app.domain.report_links import ReportLink
from app.instance import Instance
from app.sealing.keyring import TokenInvalid
from app.sealing.links import open_report
from app.storage import tokens

VALID_FOR = timedelta(days=30)

SCOPES = frozenset({"mailings:read", "reports:read"})
"""What a token needs to make a link, and all that a link can do."""


@dataclass(frozen=True, slots=True)
class ReportPageView:
    """All that a report page says. `read_at` is when the figures were read, `until` when the link ends at the latest.

    `times` are hours or days, as `bucket` says.
    """

    brand: BrandView
    mailing: MailingView
    report: ReportView
    bucket: TimelineBucket
    times: Sequence[TimelinePointView]
    read_at: datetime
    until: datetime


def report_url(reader: Reader, mailing: MailingView) -> str | None:
    """The address of a mailing's report page, for 30 days; None for one-to-one mail, and without the scopes."""
    principal = reader.principal
    if not _has_page(mailing) or not principal.scopes >= SCOPES:
        return None
    until = int((reader.now + VALID_FOR).timestamp())
    link = ReportLink(principal.account_id, mailing.id, principal.token_id, until)
    return reader.instance.addresses.report(link)


async def report_behind(instance: Instance, token: str) -> ReportPageView | None:
    """The page that a link leads to; None where the link is none, or no longer. Raises `DatabaseAway`."""
    try:
        link = open_report(instance.keyring, token, int(instance.clock().timestamp()))
    except TokenInvalid:
        return None
    reader = Reader(instance, Principal(link.account, link.token, None, SCOPES))
    until = await _until(reader, link)
    mailing = (await mailings_by_id(reader, [link.mailing])).get(link.mailing)
    if until is None or mailing is None or not _has_page(mailing):
        return None
    report = (await reports_of(reader, [mailing.id]))[mailing.id]
    bucket, times = await _times(reader, mailing.id)
    return ReportPageView(await own_brand(reader), mailing, report, bucket, times, reader.now, until)


async def _times(reader: Reader, mailing_id: int) -> tuple[TimelineBucket, Sequence[TimelinePointView]]:
    """The hours where it all happened within two days and the hours tell as much as the days; the days otherwise."""
    days = await timeline_of(reader, mailing_id, TimelineBucket.DAY)
    if days and days[-1].at - days[0].at <= TimelineBucket.DAY.width:
        hours = await timeline_of(reader, mailing_id, TimelineBucket.HOUR)
        if _whole(hours) == _whole(days):
            return TimelineBucket.HOUR, hours
    return TimelineBucket.DAY, days


def _whole(points: Sequence[TimelinePointView]) -> tuple[Figure, Figure]:
    return added([each.opens for each in points]), added([each.clicks for each in points])


def _has_page(mailing: MailingView) -> bool:
    return mailing.channel is not Channel.ONE_TO_ONE


async def _until(reader: Reader, link: ReportLink) -> datetime | None:
    """When the link ends, or its API token before it; None where that token may read no more."""
    rows = await reader.instance.database.fetch(tokens.SQL.usable, link.account, link.token, reader.now)
    for row in rows:
        if set(row["scopes"]) >= SCOPES:
            ends = datetime.fromtimestamp(link.expires_at, UTC)
            return min(ends, row["expires_at"] or ends)
    return None
