"""What a mailing's report says, and what it says nothing about (domain.md §7, §10)."""

import strawberry

from app.disclosure.reports import LinkReportView, ReportView
from graphql_schema.figures import Figure, Rate, figure, rate
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


@strawberry.type(description="Figures of a mailing, with what is known about their reach.")
class Report:
    """A mailing's report."""

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


def report(view: ReportView) -> Report:
    """A report as the schema shows it."""
    return Report(
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
    )


def _link(view: LinkReportView) -> LinkReport:
    return LinkReport(url=view.url, clicks=figure(view.clicks), unique_clicks=figure(view.unique_clicks))
