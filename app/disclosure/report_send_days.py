"""What is published of the people of single send days, for rows that name nobody: of the log and of a mailing's file alike.

    clicks of a send day         because
    none, on any send day        the report withholds its clicks
    none, on any send day        on one of them a link that the report shows stood in nearly all mails, or exactly one
                                 link is withheld: the day less the links would tell of a few people
    otherwise as published       over links that enough people of the send day had

Of one send day alone the rows of a day of hits are what the report's timeline says of it; of several they are never
more. Audiences alone decide what is withheld, never what anybody did. Source: domain.md §7.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from app.disclosure.report_counts import MailingCounts
from app.domain.modes import Axis, EventKind
from app.domain.privacy import SUPPRESSED, AnonymousPart, Figure


class Tally(NamedTuple):
    """What is counted together: hits of a kind, on a day, in mails of a send day (0: of the whole mailing)."""

    send_day: int
    kind: str
    day: int

    @property
    def axis(self) -> Axis:
        """The axis that hits of this kind are of."""
        return Axis.CLICKS if self.kind == EventKind.CLICKED.value else Axis.OPENS


def parts_of_send_days(counts: MailingCounts, tallies: Iterable[Any]) -> dict[Tally, AnonymousPart]:
    """These tallies over the audiences of their send days, without what is withheld.

    They have `send_day`, `kind`, `day`, `link` and `shown`; machines that were recognised are none of them.
    """
    told = {axis: axis is Axis.OPENS or _tells_clicks(counts) for axis in Axis}
    sums: Counter[Tally] = Counter()
    for row in tallies:
        tally = Tally(row["send_day"], row["kind"], row["day"])
        if told[tally.axis] and counts.over.suffices(counts.mailing_id, tally.send_day, row["link"]):
            sums[tally] += row["shown"]
    return {tally: part_of_send_day(counts, tally.send_day, tally.axis, sums[tally]) for tally in sums}


def part_of_send_day(
    counts: MailingCounts, send_day: int, axis: Axis, count: int, *, unique: bool = False
) -> AnonymousPart:
    """A count over the people of one send day."""
    audience = max(counts.over.size(counts.mailing_id, send_day, axis), 0)
    return AnonymousPart(count, audience, counts.over.minimum(counts.mailing_id), unique)


def _tells_clicks(counts: MailingCounts) -> bool:
    links = dict(zip(counts.links, counts.anonymous_links(), strict=True))
    return counts.hits(Axis.CLICKS) != SUPPRESSED and all(
        _stands_beside(counts, send_day, links) for send_day in counts.send_days()
    )


def _stands_beside(counts: MailingCounts, send_day: int, links: Mapping[int, Figure]) -> bool:
    """Whether a send day's clicks may be told beside what is said of each link."""
    whole = part_of_send_day(counts, send_day, Axis.CLICKS, 0)
    had = {each: counts.over.size_of_link(counts.mailing_id, send_day, each) for each in links}
    measured = [each for each in links if had[each] >= whole.k]
    withheld = [each for each in measured if links[each] == SUPPRESSED]
    near = [
        each
        for each in measured
        if 1 <= whole.audience - had[each] < whole.k and links[each].value is not None
    ]
    # Where one link alone is measured, the day's clicks are its own.
    return len(withheld) != 1 and (not near or len(measured) == 1)
