"""What a batch of personal hits adds, gathered first and written in a few statements.

An event for each hit; what its delivery has seen; the counts of openers and clickers. Machines' hits (LOADED_BY_PROXY,
SCANNER) are events like others and leave deliveries as they are. The counts of events follow from the statement that
writes them. Source: domain.md §6.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.modes import ClientClass, EventKind
from app.journal.records import Manner, PersonalRecord
from app.storage import deliveries, events, hints, tracked
from app.storage.copying import microseconds
from app.storage.database import Connection
from app.storage.deliveries import LinkKey, RollupKey
from app.storage.events import Alike, Click, EventCount, EventRow, Verdict
from app.storage.packed import NEVER
from app.storage.tracked import Sent, Tracked


@dataclass(slots=True, eq=False)
class Personal:
    """A hit that is recorded: what it belongs to, when (as in `packed`), its event's id (16 bytes), what it counts as."""

    hit: PersonalRecord
    found: Tracked
    at: int
    event_id: bytes
    manner: Manner


@dataclass(slots=True)
class Written:
    """What a batch adds, and what it moves from class to class."""

    events: list[EventRow] = field(default_factory=list)
    rollup: dict[RollupKey, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    links: Counter[LinkKey] = field(default_factory=Counter)
    verdicts: list[Verdict] = field(default_factory=list)
    moved: Counter[EventCount] = field(default_factory=Counter)
    alike: dict[tuple[Sent, EventKind, int, Manner, str], Alike] = field(default_factory=dict)

    def add(self, personal: Personal) -> None:
        """One more event, and what its delivery has seen with it."""
        found, manner, link = personal.found, personal.manner, personal.hit.link
        kind = manner.kind
        counted = kind is not EventKind.LOADED_BY_PROXY and manner.client_class is not ClientClass.SCANNER
        if counted and kind is EventKind.CLICKED:
            self._click(found, link, personal.at)
        elif counted:
            kind = EventKind.FIRST_OPENING if found.first_opened == NEVER else EventKind.OPENED
            self._open(found, personal.at)
        # Whose country it would be, nobody can tell of a message to several people.
        country = personal.hit.country if found.sent.recipients is None else ""
        same = found.sent, kind, link, manner, country
        alike = self.alike.get(same)
        if alike is None:
            alike = self.alike[same] = _alike(*same)
        self.events.append(EventRow(found.subscriber, personal.at, personal.event_id, found.id, alike))

    def _open(self, found: Tracked, at: int) -> None:
        if found.first_opened == NEVER:
            delta = self.rollup[found.sent.rollup_key]
            delta["openers"] += 1
            delta["clicked_openers"] += found.first_clicked != NEVER
            found.first_opened = at
        found.opens += 1
        found.first_opened = min(found.first_opened, at)
        found.last_opened = max(found.last_opened, at)
        found.changed = True

    def _click(self, found: Tracked, link: int, at: int) -> None:
        if found.first_clicked == NEVER:
            delta = self.rollup[found.sent.rollup_key]
            delta["clickers"] += 1
            delta["clicked_openers"] += found.first_opened != NEVER
            found.first_clicked = at
        links = found.links
        if link not in links:
            self.links[_link_key(found, link)] += 1
            found.links = (*links, link)
        found.clicks += 1
        found.first_clicked = min(found.first_clicked, at)
        found.changed = True

    def take_back(self, found: Tracked, taken: Sequence[Click], stay: Sequence[Click]) -> None:
        """Lets a delivery's clicks count no more; `stay` are its other recorded clicks that do."""
        first = found.first_clicked
        if first != NEVER and any(microseconds(click.occurred_at) <= first for click in taken):
            found.first_clicked = min((microseconds(click.occurred_at) for click in stay), default=NEVER)
        if first != NEVER and found.first_clicked == NEVER:
            delta = self.rollup[found.sent.rollup_key]
            delta["clickers"] -= 1
            delta["clicked_openers"] -= found.first_opened != NEVER
        lost = {click.link for click in taken} - {click.link for click in stay}
        for link in lost.intersection(found.links):
            self.links[_link_key(found, link)] -= 1
        found.links = tuple(link for link in found.links if link not in lost)
        found.clicks -= len(taken)
        found.changed = True

    async def save(self, connection: Connection, all_tracked: Iterable[Tracked], now: datetime) -> None:
        """Writes all of it, at a time of this transaction; the caller has the deliveries locked."""
        if not self.events:
            return
        await events.insert(connection, self.events, now, self.moved)
        # Once a batch: what hints costs every transaction that hints, at its end.
        accounts = {each.alike.account_id for each in self.events}
        await hints.send(connection, *sorted(map(hints.events_topic, accounts)))
        changed = {each.key: each for each in all_tracked if each.changed}
        rows = [changed[key] for key in sorted(changed)]
        for gathered in (False, True):
            some = [each for each in rows if (each.sent.recipients is not None) is gathered]
            await tracked.save(connection, some, gathered=gathered)
        await events.reclassify(connection, self.verdicts)
        await deliveries.add_rollup(connection, self.rollup)
        await deliveries.add_link_rollup(connection, {key: (0, count) for key, count in self.links.items()})


def _link_key(found: Tracked, link: int) -> LinkKey:
    return LinkKey(found.sent.mailing_id, found.sent.send_day, link)


def _alike(sent: Sent, kind: EventKind, link: int, manner: Manner, country: str) -> Alike:
    return Alike(
        sent.account_id,
        sent.mailing_id,
        kind.value,
        link,
        manner.client_class.value,
        manner.rule,
        manner.rule_version,
        manner.client_family,
        country,
    )
