"""What a mailing's report says, and what it says nothing about (domain.md §7, §10)."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.disclosure.report_sheets import ClientClassView, LinkReportView
from app.disclosure.report_times import TimelineBucket, TimelinePointView
from app.disclosure.reports import ReportView, Together
from app.domain.modes import ClientClass
from graphql_schema.figures import Figure, Rate, figure, rate
from graphql_schema.loaders import TimelineByMailings
from graphql_schema.resolving import Asked
from graphql_schema.scopes import needs


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
        metadata=needs(cost=50, size=100),
    )
    async def timeline(self, info: Asked, bucket: Bucket) -> list[TimelinePoint]:
        points = await info.context.loader(TimelineByMailings).load((self.mailings, bucket))
        return [_point(each) for each in points or ()]


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
