"""What a mailing's report says, and what it withholds.

    figure          personal part                     anonymous part (rounded, or withheld)
    opens, clicks   events without proxy loads and    the published tallies, summed over send days whose
                    scanners                          audience suffices, then rounded
    unique opens    deliveries opened                 unlinked numbers seen
    unique clicks   deliveries clicked                none: an unlinked number differs for each link

Measured are the delivered frozen above OFF, anonymous ones only where their audience suffices. Totals stay when
somebody withdraws; one-to-one mail reads NOT_MEASURED for everybody but its user. Source: domain.md §6, §7, §10.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.disclosure.reader import Reader
from app.domain.modes import Axis, ClientClass, EventKind, TrackingMode
from app.domain.privacy import (
    NOT_MEASURED,
    AnonymousPart,
    Figure,
    exact,
    published,
    published_parts,
    sum_of_send_days,
    total,
    total_beside,
)
from app.domain.rates import Rate, Reach, click_to_open, coverage, rate
from app.domain.rates import delivered as delivered_of
from app.storage import mailings, reports
from app.storage.audiences import Audiences
from app.storage.reports import Counts

_OPENS = {EventKind.FIRST_OPENING.value, EventKind.OPENED.value}
_CLICKS = {EventKind.CLICKED.value}


@dataclass(frozen=True, slots=True)
class LinkReportView:
    """What is said about one link."""

    url: str
    clicks: Figure
    unique_clicks: Figure


@dataclass(frozen=True, slots=True)
class ReportView:
    """A mailing's report, ready to be shown. `measured` and `coverage` are (opens, clicks)."""

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


async def reports_of(reader: Reader, ids: Sequence[int]) -> dict[int, ReportView]:
    """The reports of mailings in a fixed number of statements; ids of other accounts are absent."""
    async with reader.instance.database.connection() as connection:
        rows = await mailings.by_ids(connection, reader.account_id, ids)
        records = await connection.fetch(mailings.SQL.anywhere, list(rows))
        made_under = {each["id"]: (each["account_id"], each["settings_version"]) for each in records}
        counts, over = await reports.counts(connection, made_under)
        links = await mailings.links(connection, list(rows))
    return {
        row.id: _Report(
            row.id,
            counts.get(row.id, Counts()),
            over,
            links.get(row.id, {}),
            per_link=row.id not in over.totals_only,
            owned=reader.owns(row),
        ).view()
        for row in rows.values()
    }


@dataclass(frozen=True, slots=True)
class _AxisPart:
    """One axis: people in deliveries, and hits."""

    reach: Reach
    personal: int | None
    anonymous: Figure
    has_uniques: bool


@dataclass(frozen=True, slots=True)
class _Report:
    """The raw counts of one mailing, on their way to what may be said."""

    mailing_id: int
    counts: Counts
    over: Audiences
    links: dict[int, str]
    per_link: bool
    owned: bool

    def view(self) -> ReportView:
        opens, clicks = self._part(Axis.OPENS), self._part(Axis.CLICKS)
        unique_opens = self._unique(Axis.OPENS, opens)
        unique_clicks = self._unique(Axis.CLICKS, clicks)
        open_total = total(opens.personal, opens.anonymous)
        click_total = total(clicks.personal, clicks.anonymous)
        links = self._links(clicks)
        return ReportView(
            sent=self._sum("sent"),
            delivered=opens.reach.delivered,
            bounced=self._sum("bounced"),
            measured=(opens.reach.measured, clicks.reach.measured),
            coverage=(coverage(opens.reach), coverage(clicks.reach)),
            opens=open_total,
            unique_opens=unique_opens,
            clicks=total_beside([each.clicks for each in links], click_total),
            unique_clicks=unique_clicks,
            open_rate=rate(unique_opens if opens.has_uniques else None, open_total, opens.reach),
            click_rate=rate(unique_clicks if clicks.has_uniques else None, click_total, clicks.reach),
            click_to_open_rate=self._click_to_open(),
            links=links,
        )

    def _sum(self, name: str, **wanted: Any) -> int:
        rows = self.counts.deliveries
        return sum(row[name] for row in rows if all(row[key] == value for key, value in wanted.items()))

    def _part(self, axis: Axis) -> _AxisPart:
        personal = self._personal_people(axis)
        anonymous_people = self._anonymous_people(axis)
        delivered = delivered_of(self._sum("sent"), self._sum("bounced"), self._sum("delivered"))
        with_uniques = personal + (self._unlinked_people(axis) if axis is Axis.OPENS else 0)
        measured = min(personal + anonymous_people, delivered)
        reach = Reach(delivered, measured, min(with_uniques, measured))
        kinds = _OPENS if axis is Axis.OPENS else _CLICKS
        return _AxisPart(
            reach=reach,
            personal=self._events(kinds) if personal else None,
            anonymous=self._anonymous_total(axis) if self.owned else NOT_MEASURED,
            has_uniques=with_uniques > 0,
        )

    def _personal_people(self, axis: Axis) -> int:
        """How many PERSONAL mails arrived; a mail to several people is one. Nobody's where not the reader's."""
        if not self.owned:
            return 0
        mode = {f"{axis.lower()}_mode": TrackingMode.PERSONAL.value}
        alone = self._delivered(gathered=False, **mode)
        return alone + min(self._sum("messages", **mode), self._delivered(gathered=True, **mode))

    def _delivered(self, **wanted: Any) -> int:
        if self._sum("delivered"):
            return self._sum("delivered", **wanted)
        return self._sum("sent", **wanted) - self._sum("bounced", **wanted)

    def _anonymous_people(self, axis: Axis) -> int:
        mode = {f"{axis.lower()}_mode": TrackingMode.ANONYMOUS.value}
        return sum(
            self._delivered(send_day=day, **mode)
            for day in self._send_days()
            if self.owned and self._suffices(day, axis)
        )

    def _unlinked_people(self, axis: Axis) -> int:
        """Those among the anonymous people whose mails had numbers, which was settled when they were sent."""
        mode = {f"{axis.lower()}_mode": TrackingMode.ANONYMOUS.value}
        days = {row["send_day"] for row in self.counts.unlinked}
        return sum(
            self._delivered(send_day=day, **mode)
            for day in self._send_days()
            if day in days and self.owned and self._suffices(day, axis)
        )

    def _send_days(self) -> list[int]:
        return sorted({row["send_day"] for row in self.counts.deliveries})

    def _suffices(self, day: int, axis: Axis) -> bool:
        return self.over.size(self.mailing_id, day, axis) >= self.over.minimum(self.mailing_id)

    def _events(self, kinds: set[str], link: int | None = None) -> int:
        return sum(
            row["n"]
            for row in self.counts.events
            if row["kind"] in kinds
            and row["client_class"] != ClientClass.SCANNER.value
            and link in {None, row["link"]}
        )

    def _anonymous_total(self, axis: Axis) -> Figure:
        kinds = _OPENS if axis is Axis.OPENS else _CLICKS
        tallies: Counter[int] = Counter()
        for row in self.counts.tallies:
            if row["kind"] in kinds and row["client_class"] != ClientClass.SCANNER.value:
                tallies[row["send_day"]] += row["shown"]
        return self._summed([self._over(tallies[day], day, axis) for day in self._send_days()])

    def _summed(self, parts: list[AnonymousPart]) -> Figure:
        return published(sum_of_send_days(parts)) if parts else NOT_MEASURED

    def _over(self, count: int, day: int, axis: Axis, *, unique: bool = False) -> AnonymousPart:
        audience = self.over.size(self.mailing_id, day, axis)
        return AnonymousPart(count, max(audience, 0), self.over.minimum(self.mailing_id), unique)

    def _unique(self, axis: Axis, part: _AxisPart) -> Figure:
        if not part.has_uniques:
            return NOT_MEASURED
        column = "openers" if axis is Axis.OPENS else "clickers"
        personal = self._sum(column) if part.personal is not None else None
        return total(personal, self._unlinked(axis))

    def _unlinked(self, axis: Axis) -> Figure:
        if axis is Axis.CLICKS or not self.counts.unlinked or not self.owned:
            return NOT_MEASURED
        seen: Counter[int] = Counter()
        for row in self.counts.seen:
            if row["link"] == 0:
                seen[row["send_day"]] += row["n"]
        days = sorted({row["send_day"] for row in self.counts.unlinked})
        return self._summed([self._over(seen[day], day, axis, unique=True) for day in days])

    def _links(self, clicks: _AxisPart) -> tuple[LinkReportView, ...]:
        numbers = list(self.links)
        anonymous = self._anonymous_links(numbers)
        clickers = {row["link"]: row["n"] for row in self.counts.clickers}
        return tuple(
            LinkReportView(
                url=self.links[number],
                clicks=total(self._personal_clicks(clicks, number), anonymous[place]),
                unique_clicks=NOT_MEASURED if clicks.personal is None else exact(clickers.get(number, 0)),
            )
            for place, number in enumerate(numbers)
        )

    def _personal_clicks(self, clicks: _AxisPart, number: int) -> int | None:
        return None if clicks.personal is None else self._events(_CLICKS, number)

    def _anonymous_links(self, numbers: Sequence[int]) -> Sequence[Figure]:
        if not self.per_link or not self.owned:
            return [NOT_MEASURED] * len(numbers)
        return published_parts([self._link_part(number) for number in numbers]) if numbers else []

    def _link_part(self, number: int) -> AnonymousPart:
        tallies: Counter[int] = Counter()
        for row in self.counts.tallies:
            if row["link"] == number and row["client_class"] != ClientClass.SCANNER.value:
                tallies[row["send_day"]] += row["shown"]
        k = self.over.minimum(self.mailing_id)
        parts = [
            AnonymousPart(tallies[day], self._link_audience(day, number), k) for day in self._send_days()
        ]
        return sum_of_send_days(parts) if parts else AnonymousPart(0, 0, k)

    def _link_audience(self, day: int, number: int) -> int:
        return self.over.size_of_link(self.mailing_id, day, number)

    def _click_to_open(self) -> Rate:
        both = {
            "opens_mode": TrackingMode.PERSONAL.value,
            "clicks_mode": TrackingMode.PERSONAL.value,
        }
        if not self.owned:
            return click_to_open(0, 0, 0)
        people = self._sum("sent", gathered=False, **both) + self._sum("messages", gathered=True, **both)
        return click_to_open(self._sum("clicked_openers", **both), self._sum("openers", **both), people)
