"""Made-up mailings with everybody's part in them, counted as the storage counts them, without a database.

What is stored depends on audiences: below k nothing is. Some hits were stored while an audience still sufficed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from hypothesis import strategies as st

from app.disclosure.report_counts import MailingCounts
from app.domain.modes import Axis, ClientClass
from app.storage.audiences import Audiences
from app.storage.reports import Counts

MAILING = 1
LINKS = {number: f"https://shop.example.com/{number}" for number in (1, 2, 3)}
TEMPLATES = [frozenset(each) for each in ((1,), (2,), (1, 2), (1, 2, 3), (2, 3))]
DAYS = (100, 101, 102)
"""Days of hits."""

Deed = tuple[str, int, int, str]
"""Kind, link, day and class of a hit."""


@dataclass(frozen=True)
class Mail:
    """An anonymous mail to one person, and how often they did what with it."""

    person: int
    send_day: int
    template: frozenset[int]
    deeds: tuple[Deed, ...] = ()
    bounced: bool = False


@dataclass(frozen=True)
class Crowd:
    """A mailing of anonymous mails. `stale` are hits of audiences that were large enough once."""

    mails: tuple[Mail, ...]
    k: int
    totals_only: bool = False
    stale: tuple[tuple[int, Deed], ...] = ()
    over: Audiences = field(init=False)

    def __post_init__(self) -> None:
        over = Audiences(k={MAILING: self.k}, totals_only={MAILING} if self.totals_only else set())
        for send_day in {mail.send_day for mail in self.mails}:
            for axis in Axis:
                over.people[MAILING, send_day, axis] = len(self.people(send_day))
            for link in LINKS:
                over.of_links[MAILING, send_day, link] = len(self.people(send_day, link))
        object.__setattr__(self, "over", over)

    def people(self, send_day: int, link: int = 0) -> frozenset[tuple[int, int]]:
        """The audience of a send day, or of a link there; whoever is counted on two send days is counted apart."""
        return frozenset(
            (mail.person, send_day)
            for mail in self.mails
            if mail.send_day == send_day and not mail.bounced and (not link or link in mail.template)
        )

    def population(self, link: int = 0) -> frozenset[tuple[int, int]]:
        """Whom a figure is about: the audiences that suffice."""
        days = {mail.send_day for mail in self.mails}
        parts = [self.people(day, link) for day in days]
        return frozenset().union(*(part for part in parts if len(part) >= self.k))

    def counted(self) -> MailingCounts:
        """What the storage would have counted of it."""
        tallies: Counter[tuple[int, Deed]] = Counter()
        for mail in self.mails:
            for deed in mail.deeds:
                if self.over.suffices(MAILING, mail.send_day, deed[1]):
                    tallies[mail.send_day, deed] += 1
        tallies.update(self.stale)
        names = ("send_day", "kind", "link", "day", "client_class", "shown")
        rows = [
            dict(zip(names, (send_day, *deed, count), strict=True))
            for (send_day, deed), count in tallies.items()
        ]
        templates = [
            {"links": [], "anonymous_links": sorted(each)} for each in {mail.template for mail in self.mails}
        ]
        counts = Counts(deliveries=self._deliveries(), tallies=rows, templates=templates)
        return MailingCounts(MAILING, counts, self.over, LINKS, owned=True)

    def _deliveries(self) -> list[dict[str, object]]:
        nothing = dict.fromkeys(
            ("messages", "delivered", "openers", "clickers", "clicked_openers"),
            0,
        )
        return [
            nothing
            | {
                "send_day": day,
                "opens_mode": "ANONYMOUS",
                "clicks_mode": "ANONYMOUS",
                "gathered": False,
                "sent": sum(mail.send_day == day for mail in self.mails),
                "bounced": sum(mail.send_day == day and mail.bounced for mail in self.mails),
                "audience_opens": len(self.people(day)),
                "audience_clicks": len(self.people(day)),
            }
            for day in sorted({mail.send_day for mail in self.mails})
        ]


def crowds() -> st.SearchStrategy[Crowd]:
    """Any crowd, by its number: drawing each deed would take more time than looking at them."""
    return st.integers(0, 2**32 - 1).map(crowd_of)


def crowd_of(number: int) -> Crowd:
    """Groups of people who got a template on a send day, some of them a second one, some of them in vain."""
    chance = Random(number)  # noqa: S311  Nothing is secret here.
    k = chance.choice([1, 2, 4, 5])
    mails: list[Mail] = []
    for _ in range(chance.randint(1, 4)):
        mails += _group(chance, k, mails)
    stale = [(chance.choice([0, 99]), _deed(chance, frozenset(LINKS))) for _ in range(chance.randint(0, 3))]
    return Crowd(tuple(mails), k, chance.random() < 0.1, tuple(stale))


def _group(chance: Random, k: int, before: Sequence[Mail]) -> Iterator[Mail]:
    template, send_day = chance.choice(TEMPLATES), chance.choice([0, 0, 99, 100])
    following = 1 + max((mail.person for mail in before), default=-1)
    first = max(0, following - chance.choice([0, 0, 1, 2, 3]))
    for person in range(first, first + chance.randint(1, 2 * k + 2)):
        bounced = chance.random() < 0.06
        deeds = [] if bounced else [_deed(chance, template) for _ in range(chance.randint(0, 4))]
        yield Mail(person, send_day, template, tuple(deeds), bounced)


def _deed(chance: Random, template: frozenset[int]) -> Deed:
    day, client_class = chance.choice(DAYS), chance.choice(list(ClientClass)).value
    if chance.random() < 0.5:
        return chance.choice(["OPENED", "LOADED_BY_PROXY"]), 0, day, client_class
    return "CLICKED", chance.choice(sorted(template)), day, client_class
