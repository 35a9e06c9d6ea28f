"""What a mailing's report says, and what it says nothing about (domain.md §7, §10)."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from app.disclosure.report_sheets import ClientClassView, LinkReportView
from app.disclosure.report_times import TimelineBucket, TimelinePointView
from app.disclosure.reports import MailingChoice, ReportView, Together, chosen
from app.domain.modes import Channel, ClientClass
from app.domain.segments import ContactMetric, contacts
from graphql_schema.figures import Figure, Rate, figure, rate
from graphql_schema.ids import number_of
from graphql_schema.loaders import ReportByMailings, TimelineByMailings
from graphql_schema.resolving import Asked, given, reader_of
from graphql_schema.scopes import needs
from graphql_schema.segments import COUNTING, SegmentPreview, preview_of


@strawberry.type(description="A number of people for each axis.")
class AxisCounts:
    """Counts per axis."""

    opens: int | None = strawberry.field(description="For opens.")
    clicks: int | None = strawberry.field(description="For clicks.")


@strawberry.type(description="A share for each axis; null where nothing was delivered.")
class AxisShares:
    """Shares per axis."""

    opens: float | None = strawberry.field(description="For opens.")
    clicks: float | None = strawberry.field(description="For clicks.")


@strawberry.type(description="What is said about one link.")
class LinkReport:
    """One link of a mailing."""

    url: str = strawberry.field(description="Where the link leads.")
    clicks: Figure = strawberry.field(description="How often it was clicked.")
    unique_clicks: Figure = strawberry.field(description="How many deliveries it was clicked in.")


@strawberry.type(description="What was done in one hour or day.")
class TimelinePoint:
    """One bucket of a timeline."""

    at: datetime = strawberry.field(description="When it begins.")
    opens: Figure = strawberry.field(description="How often mails were opened in it.")
    clicks: Figure = strawberry.field(description="How often links were clicked in it.")


@strawberry.type(description="What clients of one class did, machines and early loads of proxies included.")
class ClientClassReport:
    """One class of clients."""

    client_class: ClientClass = strawberry.field(description="The class.")
    opens: Figure = strawberry.field(description="How often they loaded a mail, for whatever reason.")
    clicks: Figure = strawberry.field(description="How often they followed links.")


Metric = Annotated[ContactMetric, strawberry.argument(description="Which figure.")]
Bucket = Annotated[TimelineBucket, strawberry.argument(description="How wide the buckets are.")]


@strawberry.type(
    description="Figures of a mailing, or of several together, with what is known about their reach. Unique figures "
    "count deliveries: who got two mailings counts in each."
)
class Report:
    """A report."""

    sent: int = strawberry.field(description="Deliveries prepared; preparing counts as sending.")
    delivered: int = strawberry.field(description="Recorded as delivered, or sent less bounced if none was.")
    bounced: int = strawberry.field(description="Deliveries that could not be delivered.")
    measured: AxisCounts = strawberry.field(description="How many of the delivered were measured at all.")
    coverage: AxisShares = strawberry.field(description="Measured ÷ delivered.")
    opens: Figure = strawberry.field(description="How often it was opened.")
    unique_opens: Figure = strawberry.field(description="How many deliveries were opened.")
    clicks: Figure = strawberry.field(description="How often links were clicked.")
    unique_clicks: Figure = strawberry.field(description="How many deliveries were clicked in.")
    open_rate: Rate = strawberry.field(description="Opens among the measured.")
    click_rate: Rate = strawberry.field(description="Clicks among the measured.")
    click_to_open_rate: Rate = strawberry.field(
        description="Clickers among openers, of people measured personally on both axes."
    )
    links: list[LinkReport] = strawberry.field(
        description="The same for each link, in the order of their first use.", metadata=needs(size=50)
    )
    by_client_class: list[ClientClassReport] = strawberry.field(
        description="What each class of clients did. Here scanners and proxies count, which `opens` and `clicks` leave "
        "out.",
        metadata=needs(size=4),
    )
    mailings: strawberry.Private[Together]

    @strawberry.field(
        description="When it was opened and clicked, oldest first; buckets in which nothing is shown are left out. What "
        "was counted anonymously shows by day, and in no hour.",
        metadata=needs(cost=50, size=30),
    )
    async def timeline(self, info: Asked, bucket: Bucket) -> list[TimelinePoint]:
        points = await info.context.loader(TimelineByMailings).load((self.mailings, bucket))
        return [_point(each) for each in points or ()]

    @strawberry.field(
        description="The people behind a figure, of all subscribers: for OPENS and CLICKS those who were measured "
        "personally, and nobody where all were counted anonymously. How many nobody can tell is in `unmeasured`. Of "
        "several mailings, at most 20, whoever did it in one of them, which needs the scope personal:read; so "
        "do the people themselves.",
        metadata=needs("subscribers:read", cost=COUNTING),
    )
    async def contacts(self, info: Asked, metric: Metric) -> SegmentPreview:
        return await preview_of(info, contacts(metric, self.mailings), include_unmeasured=False)


MailingIds = Annotated[
    list[ID] | None,
    strawberry.argument(name="mailingIds", description="These mailings; all that the rest says unless told."),
]
OfChannel = Annotated[Channel | None, strawberry.argument(name="channel", description="Of this channel.")]
MadeFrom = Annotated[
    datetime | None, strawberry.argument(name="from", description="Made at this time or later.")
]
MadeUntil = Annotated[datetime | None, strawberry.argument(name="to", description="Made before this time.")]


@strawberry.type
class ReportQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="One report over several mailings, at most 1,000; over all of the account unless told. It adds up "
        "what the report of each says, rounded as it is there, and says nothing else: where a figure of one is "
        "SUPPRESSED, so is the sum.",
        metadata=needs("mailings:read", "reports:read", cost=500),
    )
    async def report(
        self,
        info: Asked,
        mailing_ids: MailingIds = strawberry.UNSET,
        channel: OfChannel = strawberry.UNSET,
        made_from: MadeFrom = strawberry.UNSET,
        made_until: MadeUntil = strawberry.UNSET,
    ) -> Report:
        named = given(mailing_ids)
        choice = MailingChoice(
            None if named is None else _numbers(named), given(channel), given(made_from), given(made_until)
        )
        mailings = await chosen(reader_of(info), choice)
        return report(mailings, await info.context.loader(ReportByMailings).one(mailings))


def _numbers(ids: list[ID]) -> tuple[int, ...]:
    return tuple(number_of(each, "Mailing", path=("mailingIds", place)) for place, each in enumerate(ids))


def report(mailings: Together, view: ReportView) -> Report:
    """The report of these mailings as the schema shows it."""
    return Report(
        mailings=mailings,
        sent=view.sent,
        delivered=view.delivered,
        bounced=view.bounced,
        measured=AxisCounts(opens=view.measured[0], clicks=view.measured[1]),
        coverage=AxisShares(opens=view.coverage[0], clicks=view.coverage[1]),
        opens=figure(view.opens),
        unique_opens=figure(view.unique_opens),
        clicks=figure(view.clicks),
        unique_clicks=figure(view.unique_clicks),
        open_rate=rate(view.open_rate),
        click_rate=rate(view.click_rate),
        click_to_open_rate=rate(view.click_to_open_rate),
        links=[_link(each) for each in view.links],
        by_client_class=[_class(each) for each in view.classes],
    )


def _link(view: LinkReportView) -> LinkReport:
    return LinkReport(url=view.url, clicks=figure(view.clicks), unique_clicks=figure(view.unique_clicks))


def _class(view: ClientClassView) -> ClientClassReport:
    return ClientClassReport(
        client_class=view.client_class, opens=figure(view.opens), clicks=figure(view.clicks)
    )


def _point(view: TimelinePointView) -> TimelinePoint:
    return TimelinePoint(at=view.at, opens=figure(view.opens), clicks=figure(view.clicks))
