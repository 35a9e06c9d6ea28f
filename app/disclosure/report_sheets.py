"""What may be said of one mailing, or of several together, before it is put into shares.

A sheet of several mailings is made of their sheets and of nothing else: people, hits and links add up as they are
published for each mailing, so that the whole says nothing that its parts do not. Unique figures count deliveries; who
got two mailings is two of them. Source: domain.md §7, §10.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.disclosure.report_counts import MailingCounts
from app.domain.modes import Axis, ClientClass, TrackingMode
from app.domain.privacy import NOT_MEASURED, SUPPRESSED, Figure, added, exact, total
from app.domain.rates import Reach


@dataclass(frozen=True, slots=True)
class LinkReportView:
    """What is said about one link."""

    url: str
    clicks: Figure
    unique_clicks: Figure


@dataclass(frozen=True, slots=True)
class ClientClassView:
    """What is said about the hits of one class of clients, machines and proxies' early loads included."""

    client_class: ClientClass
    opens: Figure
    clicks: Figure


@dataclass(frozen=True, slots=True)
class AxisSheet:
    """One axis: of how many people something is known, how often it was done, and how many did it."""

    reach: Reach
    has_uniques: bool
    hits: Figure
    unique: Figure


_NOTHING = AxisSheet(Reach(0, 0, 0), has_uniques=False, hits=NOT_MEASURED, unique=NOT_MEASURED)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report before it is put into shares.

    `both` are clickers who opened, openers and people, of those who are measured personally on both axes.
    """

    sent: int = 0
    bounced: int = 0
    opens: AxisSheet = _NOTHING
    clicks: AxisSheet = _NOTHING
    both: tuple[int, int, int] = (0, 0, 0)
    links: tuple[LinkReportView, ...] = ()
    classes: tuple[ClientClassView, ...] = field(
        default=tuple(ClientClassView(each, NOT_MEASURED, NOT_MEASURED) for each in ClientClass)
    )


def sheet_of(counts: MailingCounts, *, parts: bool = True) -> Sheet:
    """The sheet of one mailing, with its links and classes if `parts`."""
    opens, clicks = _axis(counts, Axis.OPENS), _axis(counts, Axis.CLICKS)
    return Sheet(
        sent=counts.sum("sent"),
        bounced=counts.sum("bounced"),
        opens=opens,
        clicks=clicks,
        both=_both(counts),
        links=_links(counts) if parts else (),
        classes=_classes(counts, opens, clicks) if parts else (),
    )


def together(sheets: Sequence[Sheet]) -> Sheet:
    """The sheet of several mailings, all with parts or all without; of none, nothing was sent and nothing measured."""
    if len(sheets) <= 1:
        # What is said of one mailing adds up to itself.
        return sheets[0] if sheets else Sheet()
    clickers, openers, people = zip(*(sheet.both for sheet in sheets), strict=True)
    return Sheet(
        sent=sum(sheet.sent for sheet in sheets),
        bounced=sum(sheet.bounced for sheet in sheets),
        opens=_axes_together([sheet.opens for sheet in sheets]),
        clicks=_axes_together([sheet.clicks for sheet in sheets]),
        both=(sum(clickers), sum(openers), sum(people)),
        links=_links_together(sheets),
        classes=_classes_together(sheets),
    )


def _axis(counts: MailingCounts, axis: Axis) -> AxisSheet:
    personal = counts.personal_people(axis)
    with_uniques = personal + (counts.anonymous_people(axis, unlinked=True) if axis is Axis.OPENS else 0)
    measured = min(personal + counts.anonymous_people(axis), counts.delivered)
    return AxisSheet(
        reach=Reach(counts.delivered, measured, min(with_uniques, measured)),
        has_uniques=with_uniques > 0,
        hits=counts.hits(axis),
        unique=_unique(counts, axis, personal) if with_uniques else NOT_MEASURED,
    )


def _unique(counts: MailingCounts, axis: Axis, personal: int) -> Figure:
    if axis is Axis.CLICKS:
        # A number differs from link to link, so nobody knows how many people clicked at all.
        return exact(counts.sum("clickers"))
    return total(counts.sum("openers") if personal else None, counts.anonymous_unique_opens())


def _both(counts: MailingCounts) -> tuple[int, int, int]:
    if not counts.owned:
        return (0, 0, 0)
    both = {"opens_mode": TrackingMode.PERSONAL.value, "clicks_mode": TrackingMode.PERSONAL.value}
    people = counts.sum("sent", gathered=False, **both) + counts.sum("messages", gathered=True, **both)
    return counts.sum("clicked_openers", **both), counts.sum("openers", **both), people


def _links(counts: MailingCounts) -> tuple[LinkReportView, ...]:
    clickers = counts.counts.clickers
    return tuple(
        LinkReportView(
            url=counts.links[number],
            clicks=total(counts.personal_hits(Axis.CLICKS, link=number), anonymous),
            unique_clicks=exact(clickers.get(number, 0)) if counts.has_personally(number) else NOT_MEASURED,
        )
        for number, anonymous in zip(counts.links, counts.anonymous_links(), strict=True)
    )


def _classes(counts: MailingCounts, opens: AxisSheet, clicks: AxisSheet) -> tuple[ClientClassView, ...]:
    by_class = [
        _of_classes(counts, axis, sheet.hits) for axis, sheet in ((Axis.OPENS, opens), (Axis.CLICKS, clicks))
    ]
    return tuple(ClientClassView(each, *(found[each] for found in by_class)) for each in ClientClass)


def _of_classes(counts: MailingCounts, axis: Axis, hits: Figure) -> dict[ClientClass, Figure]:
    if hits == SUPPRESSED:
        # The classes add up to what is withheld.
        return dict.fromkeys(ClientClass, SUPPRESSED)
    found, nothing = counts.anonymous_classes(axis), counts.anonymous_nothing(axis)
    return {
        each: total(counts.personal_class(axis, each), found.get(each.value, nothing)) for each in ClientClass
    }


def _axes_together(sheets: Sequence[AxisSheet]) -> AxisSheet:
    return AxisSheet(
        reach=Reach(
            sum(sheet.reach.delivered for sheet in sheets),
            sum(sheet.reach.measured for sheet in sheets),
            sum(sheet.reach.counted for sheet in sheets),
        ),
        has_uniques=any(sheet.has_uniques for sheet in sheets),
        hits=added([sheet.hits for sheet in sheets]),
        unique=added([sheet.unique for sheet in sheets]),
    )


def _links_together(sheets: Iterable[Sheet]) -> tuple[LinkReportView, ...]:
    """Links of the same target are one, in the order of their first use."""
    by_url: dict[str, list[LinkReportView]] = {}
    for sheet in sheets:
        for link in sheet.links:
            by_url.setdefault(link.url, []).append(link)
    return tuple(
        LinkReportView(
            url, added([link.clicks for link in links]), added([link.unique_clicks for link in links])
        )
        for url, links in by_url.items()
    )


def _classes_together(sheets: Sequence[Sheet]) -> tuple[ClientClassView, ...]:
    by_class = zip(*(sheet.classes for sheet in sheets), strict=True)
    return tuple(
        ClientClassView(
            views[0].client_class,
            added([view.opens for view in views]),
            added([view.clicks for view in views]),
        )
        for views in by_class
    )
