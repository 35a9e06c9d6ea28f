"""What was counted of one mailing, on its way to what may be said of it.

    hits            personal part                     anonymous part (rounded, or withheld)
    opens, clicks   events without proxy loads and    the published tallies, summed over send days whose
                    scanners                          audience suffices, then rounded
    of a class      events, machines' included        the same, machines' included

An anonymous hit on a link counts while both the audience of clicks and that of the link suffice, in every figure alike:
otherwise the total less the other links would tell of a link that too few people had. Nobody's figures tell by being
there that somebody did something, so that zero and too little to be shown look the same.
One-to-one mail reads NOT_MEASURED for everybody but its user. Source: domain.md §6, §7, §11.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from app.domain.modes import Axis, ClientClass, EventKind, TrackingMode
from app.domain.privacy import (
    NOT_MEASURED,
    AnonymousPart,
    Figure,
    published,
    published_beside,
    sum_of_send_days,
    total,
    total_beside,
)
from app.domain.rates import delivered as delivered_of
from app.storage.audiences import Audiences
from app.storage.reports import Counts

Key = TypeVar("Key")

_BY_PEOPLE = {
    Axis.OPENS: {EventKind.FIRST_OPENING.value, EventKind.OPENED.value},
    Axis.CLICKS: {EventKind.CLICKED.value},
}
_BY_ANYTHING = {
    Axis.OPENS: _BY_PEOPLE[Axis.OPENS] | {EventKind.LOADED_BY_PROXY.value},
    Axis.CLICKS: _BY_PEOPLE[Axis.CLICKS],
}

_AXES = {kind: axis for axis, kinds in _BY_ANYTHING.items() for kind in kinds}


@dataclass(frozen=True, eq=False)
class MailingCounts:
    """The raw counts of one mailing and the audiences of its anonymous part. `links` are targets by their numbers.

    `owned` is False where its events do not exist for the reader. What several figures are made of is added up once.
    """

    mailing_id: int
    counts: Counts
    over: Audiences
    links: Mapping[int, str]
    owned: bool

    def sum(self, name: str, **wanted: Any) -> int:
        """The sum of a count over the deliveries that are as wanted."""
        rows = self.counts.deliveries
        return sum(row[name] for row in rows if all(row[key] == value for key, value in wanted.items()))

    @property
    def delivered(self) -> int:
        """How many deliveries arrived."""
        return delivered_of(self.sum("sent"), self.sum("bounced"), self.sum("delivered"))

    def _delivered(self, **wanted: Any) -> int:
        if self.sum("delivered"):
            return self.sum("delivered", **wanted)
        return self.sum("sent", **wanted) - self.sum("bounced", **wanted)

    def personal_people(self, axis: Axis) -> int:
        """How many PERSONAL mails arrived; a mail to several people is one. Nobody's where not the reader's."""
        return self._personal_people[axis] if self.owned else 0

    @cached_property
    def _personal_people(self) -> dict[Axis, int]:
        people = {}
        for axis in Axis:
            mode = {f"{axis.lower()}_mode": TrackingMode.PERSONAL.value}
            alone = self._delivered(gathered=False, **mode)
            people[axis] = alone + min(self.sum("messages", **mode), self._delivered(gathered=True, **mode))
        return people

    def anonymous_people(self, axis: Axis, *, unlinked: bool = False) -> int:
        """How many mails arrived at people who are counted anonymously; `unlinked`: of those whose mails had numbers.

        Whether there are numbers was settled when the mails were sent.
        """
        if not self.owned:
            return 0
        mode = {f"{axis.lower()}_mode": TrackingMode.ANONYMOUS.value}
        days = self._unlinked_days() if unlinked else self.send_days()
        return sum(self._delivered(send_day=day, **mode) for day in days if self._suffices(day, axis))

    def hits(self, axis: Axis) -> Figure:
        """How often it was done in all: the figure that everything else about this axis adds up to."""
        whole = total(self.personal_hits(axis), self._anonymous_hits(axis))
        return total_beside(self.anonymous_links(), whole) if axis is Axis.CLICKS else whole

    def personal_hits(self, axis: Axis, *, link: int | None = None) -> int | None:
        """How often people did it who are measured personally, on a link or any; None where there are none.

        Of a link these are the people whose mail had it.
        """
        if not (self.personal_people(axis) if link is None else self.has_personally(link)):
            return None
        by_link = self._hits_of_people[axis]
        return by_link.total() if link is None else by_link[link]

    def has_personally(self, link: int) -> bool:
        """Whether a link stood in mails that are measured personally; an anonymous mail's may have another target."""
        return link in self._personal_links and self.personal_people(Axis.CLICKS) > 0

    @cached_property
    def _personal_links(self) -> frozenset[int]:
        return frozenset(number for row in self.counts.templates for number in row["links"])

    def personal_class(self, axis: Axis, client_class: ClientClass) -> int | None:
        """How often clients of a class did it in mails that are measured personally, machines included."""
        if not self.personal_people(axis):
            return None
        return self._hits_of_classes[axis][client_class.value]

    @cached_property
    def _hits_of_people(self) -> dict[Axis, Counter[int]]:
        """Personal hits of people by link."""
        found: dict[Axis, Counter[int]] = {axis: Counter() for axis in Axis}
        for row in self.counts.events:
            if _by_people(row, axis := _AXES[row["kind"]]):
                found[axis][row["link"]] += row["n"]
        return found

    @cached_property
    def _hits_of_classes(self) -> dict[Axis, Counter[str]]:
        """Personal hits by class, machines' included."""
        found: dict[Axis, Counter[str]] = {axis: Counter() for axis in Axis}
        for row in self.counts.events:
            found[_AXES[row["kind"]]][row["client_class"]] += row["n"]
        return found

    def anonymous_days(self, axis: Axis) -> dict[int, Figure]:
        """What is published of each day of hits on which anything is published that is not zero."""
        return self._by(axis, lambda row: row["day"]) if self.per_part else {}

    def anonymous_classes(self, axis: Axis) -> dict[str, Figure]:
        """What is published of each class of clients; the others are as `anonymous_nothing`."""
        return self._by(axis, lambda row: row["client_class"], machines=True) if self.per_part else {}

    def anonymous_nothing(self, axis: Axis) -> Figure:
        """What is published of a part of the hits that has none."""
        return self._figure(axis, {}) if self.per_part else NOT_MEASURED

    @property
    def per_part(self) -> bool:
        """Whether the anonymous part shows by link, day and class, and not only in the totals."""
        return self.owned and self.mailing_id not in self.over.totals_only

    def anonymous_links(self) -> tuple[Figure, ...]:
        """What is published of each link, in the order of the links."""
        return self._anonymous_links

    @cached_property
    def _anonymous_links(self) -> tuple[Figure, ...]:
        if not self.per_part or not self._has_audience:
            return (NOT_MEASURED,) * len(self.links)
        sums: dict[int, Counter[int]] = defaultdict(Counter)
        for row in self._tallies(Axis.CLICKS):
            sums[row["link"]][row["send_day"]] += row["shown"]
        parts = [self._of_link(number, sums[number]) for number in self.links]
        return published_beside(parts, self._over(Axis.CLICKS, {}), self._settled_links())

    def _settled_links(self) -> Callable[[int, int], bool]:
        """Whether two links stand in the same templates, or in none together while nobody has two mails."""
        of_link: dict[int, set[int]] = defaultdict(set)
        for template, row in enumerate(self.counts.templates):
            for number in (*row["links"], *row["anonymous_links"]):
                of_link[number].add(template)
        among = [of_link[number] for number in self.links]
        alone = self._has_one_mail_each()
        return lambda one, other: among[one] == among[other] or (alone and not among[one] & among[other])

    def _has_one_mail_each(self) -> bool:
        """Whether everybody in the audience of clicks got one mail, so that two templates are two groups of people."""
        mode = {"clicks_mode": TrackingMode.ANONYMOUS.value}
        mails = self.sum("sent", **mode) - self.sum("bounced", **mode)
        return mails == sum(self.over.size(self.mailing_id, day, Axis.CLICKS) for day in self.send_days())

    def anonymous_unique_opens(self) -> Figure:
        """How many numbers of unlinked mails were seen."""
        days = self._unlinked_days()
        if not days or not self.owned:
            return NOT_MEASURED
        seen: Counter[int] = Counter()
        for row in self.counts.seen:
            seen[row["send_day"]] += row["n"]
        return published(
            sum_of_send_days([self._part(seen[day], day, Axis.OPENS, unique=True) for day in days])
        )

    def _anonymous_hits(self, axis: Axis) -> Figure:
        if not self.owned:
            return NOT_MEASURED
        return self._by(axis, lambda _: None).get(None) or self._figure(axis, {})

    @cached_property
    def _has_audience(self) -> bool:
        """Whether anybody is counted anonymously; of nobody, every part of every figure is NOT_MEASURED."""
        return any(
            self.over.size(self.mailing_id, day, axis) > 0 for day in self.send_days() for axis in Axis
        )

    def _by(self, axis: Axis, key: Callable[[Any], Key], *, machines: bool = False) -> dict[Key, Figure]:
        sums: dict[Key, Counter[int]] = defaultdict(Counter)
        for row in self._tallies(axis, machines=machines):
            sums[key(row)][row["send_day"]] += row["shown"]
        return {each: self._figure(axis, by_day) for each, by_day in sums.items()}

    def _tallies(self, axis: Axis, *, machines: bool = False) -> list[Any]:
        kinds = _BY_ANYTHING[axis]
        return [
            row
            for row in self.counts.tallies
            if (row["kind"] in kinds if machines else _by_people(row, axis))
            and self.over.suffices(self.mailing_id, row["send_day"], row["link"])
        ]

    def _figure(self, axis: Axis, by_send_day: Mapping[int, int]) -> Figure:
        return published(self._over(axis, by_send_day))

    def _over(self, axis: Axis, by_send_day: Mapping[int, int]) -> AnonymousPart:
        days = self.send_days() if self._has_audience else []
        if not days:
            return AnonymousPart(0, 0, self.over.minimum(self.mailing_id))
        return sum_of_send_days([self._part(by_send_day.get(day, 0), day, axis) for day in days])

    def _part(self, count: int, day: int, axis: Axis, *, unique: bool = False) -> AnonymousPart:
        audience = self.over.size(self.mailing_id, day, axis)
        return AnonymousPart(count, max(audience, 0), self.over.minimum(self.mailing_id), unique)

    def _of_link(self, number: int, by_send_day: Mapping[int, int]) -> AnonymousPart:
        k = self.over.minimum(self.mailing_id)
        days = self.send_days()
        sizes = {day: self.over.size_of_link(self.mailing_id, day, number) for day in days}
        parts = [AnonymousPart(by_send_day.get(day, 0), sizes[day], k) for day in days]
        return sum_of_send_days(parts) if parts else AnonymousPart(0, 0, k)

    def _suffices(self, day: int, axis: Axis) -> bool:
        return self.over.size(self.mailing_id, day, axis) >= self.over.minimum(self.mailing_id)

    def send_days(self) -> list[int]:
        """The send days of its mails; 0 is the whole mailing."""
        return self._send_days

    @cached_property
    def _send_days(self) -> list[int]:
        return sorted({row["send_day"] for row in self.counts.deliveries})

    def _unlinked_days(self) -> list[int]:
        return sorted(set(self.counts.unlinked))


def _by_people(row: Any, axis: Axis) -> bool:
    return row["kind"] in _BY_PEOPLE[axis] and row["client_class"] != ClientClass.SCANNER.value
