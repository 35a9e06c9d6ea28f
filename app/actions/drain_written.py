"""What a batch of personal hits adds, gathered first and written in a few statements.

An event for each hit; what its delivery has seen; the counts of openers and clickers. Machines' hits (LOADED_BY_PROXY,
SCANNER) are events like others and leave deliveries as they are. The counts of events follow from the statement that
writes them. Source: domain.md §6.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.actions.drain_tracked import Tracked
from app.domain.modes import ClientClass, EventKind
from app.journal.records import PersonalRecord
from app.storage import deliveries, events, hints
from app.storage.database import Connection
from app.storage.deliveries import LinkKey, RollupKey
from app.storage.events import Click, EventCount, EventRow, Verdict


@dataclass(slots=True)
class Personal:
    """A hit that is recorded: what it belongs to, when it was, the id of its event (16 bytes), and what it is counted as."""

    hit: PersonalRecord
    found: Tracked
    at: datetime
    event_id: bytes
    client_class: ClientClass
    rule: str
    rule_version: int


@dataclass(slots=True)
class Written:
    """What a batch adds, and what it moves from class to class."""

    events: list[EventRow] = field(default_factory=list)
    rollup: dict[RollupKey, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    links: Counter[LinkKey] = field(default_factory=Counter)
    verdicts: list[Verdict] = field(default_factory=list)
    moved: Counter[EventCount] = field(default_factory=Counter)

    def add(self, personal: Personal) -> None:
        """One more event, and what its delivery has seen with it."""
        hit, found = personal.hit, personal.found
        kind = hit.kind
        counted = kind is not EventKind.LOADED_BY_PROXY and personal.client_class is not ClientClass.SCANNER
        if counted and kind is EventKind.CLICKED:
            self._click(found, hit.link, personal.at)
        elif counted:
            kind = EventKind.OPENED if found.seen.first_opened_at else EventKind.FIRST_OPENING
            self._open(found, personal.at)
        record = found.record
        self.events.append(
            EventRow(
                record["subscriber_id"],
                personal.at,
                personal.event_id,
                record["id"],
                record["account_id"],
                record["mailing_id"],
                kind.value,
                hit.link,
                personal.client_class.value,
                personal.rule,
                personal.rule_version,
                hit.client_family,
            )
        )

    def _open(self, found: Tracked, at: datetime) -> None:
        seen = found.seen
        if seen.first_opened_at is None:
            delta = self.rollup[found.rollup_key]
            delta["openers"] += 1
            delta["clicked_openers"] += seen.first_clicked_at is not None
        seen.opens += 1
        seen.first_opened_at = min(seen.first_opened_at or at, at)
        seen.last_opened_at = max(seen.last_opened_at or at, at)
        found.changed = True

    def _click(self, found: Tracked, link: int, at: datetime) -> None:
        seen = found.seen
        if seen.first_clicked_at is None:
            delta = self.rollup[found.rollup_key]
            delta["clickers"] += 1
            delta["clicked_openers"] += seen.first_opened_at is not None
        if link not in seen.clicked_links:
            self.links[self._link_key(found, link)] += 1
            seen.clicked_links = (*seen.clicked_links, link)
        seen.clicks += 1
        seen.first_clicked_at = min(seen.first_clicked_at or at, at)
        found.changed = True

    def take_back(self, found: Tracked, taken: Sequence[Click], stay: Sequence[Click]) -> None:
        """Lets a delivery's clicks count no more; `stay` are its other recorded clicks that do."""
        seen, first = found.seen, found.seen.first_clicked_at
        if first is not None and any(click.occurred_at <= first for click in taken):
            seen.first_clicked_at = min((click.occurred_at for click in stay), default=None)
        if first is not None and seen.first_clicked_at is None:
            delta = self.rollup[found.rollup_key]
            delta["clickers"] -= 1
            delta["clicked_openers"] -= seen.first_opened_at is not None
        lost = {click.link for click in taken} - {click.link for click in stay}
        for link in lost.intersection(seen.clicked_links):
            self.links[self._link_key(found, link)] -= 1
        seen.clicked_links = [link for link in seen.clicked_links if link not in lost]
        seen.clicks -= len(taken)
        found.changed = True

    def _link_key(self, found: Tracked, link: int) -> LinkKey:
        return LinkKey(found.record["mailing_id"], found.record["send_day"], link)

    async def save(self, connection: Connection, tracked: Iterable[Tracked], now: datetime) -> None:
        """Writes all of it, at a time of this transaction; the caller has the deliveries locked."""
        if not self.events:
            return
        await events.insert(connection, self.events, now)
        # Once a batch: what hints costs every transaction that hints, at its end.
        await hints.send(connection, *sorted({hints.events_topic(each.account_id) for each in self.events}))
        changed = [each for each in tracked if each.changed]
        for gathered in (False, True):
            rows = {each.key: each.seen for each in changed if each.gathered is gathered}
            await events.save_seen(connection, [rows[key] for key in sorted(rows)], gathered=gathered)
        await events.reclassify(connection, self.verdicts)
        await events.add_rollup(connection, self.moved)
        await deliveries.add_rollup(connection, self.rollup)
        await deliveries.add_link_rollup(connection, {key: (0, count) for key, count in self.links.items()})
