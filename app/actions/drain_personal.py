"""Writes a batch of personal hits: decides each again, then events, deliveries and counts, in a few statements.

    decided again      written as
    PERSONAL           an event on the delivery, or on the message where it has several addresses
    ANONYMOUS          with late_refusal COUNT: one more in the mailing's anonymous part, and nothing else
    anything else      nothing at all

The states that count are all those from the hit until now, so a NO in between wins. Deliveries are locked first,
so firsts are firsts even where several drains run. Source: domain.md §5 (FROZEN), §6.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.actions.late import count_late
from app.actions.stood import States, states_since, stood_since
from app.actions.unit import frozen_settings
from app.domain.modes import Axis, ClientClass, EventKind, TrackingMode
from app.domain.precedence import Hit
from app.domain.precedence_modes import decide_hit_mode
from app.domain.settings import AccountSettings, LateRefusal
from app.instance import Instance
from app.journal.records import PersonalRecord
from app.journal.segments import Segment
from app.storage import deliveries, events, identities, subscribers
from app.storage.database import Connection, Record
from app.storage.deliveries import LinkKey, RollupKey
from app.storage.events import EventCount, EventRow, Seen
from app.storage.subscribers import SubscriberRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[UUID, int]
_MERGES_TO_WAIT_FOR = 2


@dataclass(slots=True)
class _Tracked:
    """A delivery, or a message to several people, while a batch is applied to it."""

    record: Record
    gathered: bool
    recipients: Sequence[UUID]
    seen: Seen
    changed: bool = False

    def people(self, hit: PersonalRecord) -> Sequence[UUID]:
        """Whose mail it was, by the ids of when it was sent."""
        return self.recipients if self.gathered else [hit.subscriber]

    def mode(self, axis: Axis) -> TrackingMode:
        return TrackingMode(self.record["opens_mode" if axis is Axis.OPENS else "clicks_mode"])

    @property
    def rollup_key(self) -> RollupKey:
        modes = self.mode(Axis.OPENS), self.mode(Axis.CLICKS)
        return RollupKey(self.record["mailing_id"], self.record["send_day"], *modes, gathered=self.gathered)


@dataclass(slots=True)
class _Written:
    """What a batch adds."""

    events: list[EventRow] = field(default_factory=list)
    counts: Counter[EventCount] = field(default_factory=Counter)
    rollup: dict[RollupKey, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    links: Counter[LinkKey] = field(default_factory=Counter)
    late: list[tuple[PersonalRecord, Record]] = field(default_factory=list)


async def write_personal(
    instance: Instance, connection: Connection, segment: Segment, records: list[tuple[int, PersonalRecord]]
) -> None:
    """Writes one batch inside the caller's transaction; writing the same batch twice is the caller's to prevent."""
    keys = {(hit.subscriber, hit.delivery) for _, hit in records}
    people = await _people(connection, keys)
    tracked = await _tracked(connection, keys)
    earliest = min(_time(hit) for _, hit in records)
    states = await states_since(connection, people, earliest)
    settings = await _settings(instance, connection, tracked)
    written = _Written()
    for offset, hit in sorted(records, key=lambda each: each[1].at_ms):
        found = tracked.get((hit.subscriber, hit.delivery))
        if found is None or found.record["mailing_id"] != hit.mailing:
            continue
        match _decided(instance, found, hit, settings, people, states):
            case TrackingMode.PERSONAL:
                _apply(written, found, hit, _event_id(segment, offset))
            case TrackingMode.ANONYMOUS if _counts_late(found, settings):
                written.late.append((hit, found.record))
            case _:
                pass
    await _save(connection, written, tracked)
    await count_late(instance, connection, written.late)


async def _tracked(connection: Connection, keys: set[Key]) -> dict[Key, _Tracked]:
    """What hits belong to, by the keys that their tokens carry; what two keys name is one."""
    found = await _locked(connection, keys)
    # Asked after locking, so that a merge that we waited for is seen: what it moved is not where the token says.
    moved = await identities.successors(connection, {key[0] for key in keys - found.keys()})
    now = {key: (moved[key[0]], key[1]) for key in keys - found.keys() if key[0] in moved}
    found |= await _locked(connection, set(now.values()) - found.keys())
    return found | {key: found[there] for key, there in now.items() if there in found}


async def _locked(connection: Connection, keys: set[Key]) -> dict[Key, _Tracked]:
    if not keys:
        return {}
    subscriber_ids, ids = [key[0] for key in keys], [key[1] for key in keys]
    found: dict[Key, _Tracked] = {}
    for query, gathered in ((events.SQL.lock_deliveries, False), (events.SQL.lock_gathered, True)):
        records = events.deliveries_of(await connection.fetch(query, subscriber_ids, ids))
        for key, record in records.items():
            found[key] = _Tracked(record, gathered, record["recipients"] if gathered else (), _seen(record))
    return {key: each for key, each in found.items() if key in keys}


def _seen(record: Record) -> Seen:
    values = {name: record[name] for name in Seen._fields}
    return Seen(**{**values, "clicked_links": tuple(record["clicked_links"])})


async def _people(connection: Connection, keys: set[Key]) -> dict[UUID, SubscriberRow]:
    """What stands for everybody whom the hits may be about, by the ids that they have or had, held until the end.

    People are locked before deliveries, as everywhere, and nobody's answer changes between reading and writing it.
    """
    subscriber_ids, ids = [key[0] for key in keys], [key[1] for key in keys]
    groups = await connection.fetch(events.SQL.recipients, subscriber_ids, ids)
    asked = {*subscriber_ids, *(person for group in groups for person in group["recipients"])}
    found: dict[UUID, SubscriberRow] = {}
    for _ in range(_MERGES_TO_WAIT_FOR):
        missing = asked - found.keys()
        # Asked again after waiting for a lock: a merge may have moved somebody meanwhile.
        owners = await identities.successors(connection, missing)
        rows = await connection.fetch(events.SQL.people, list({owners.get(each, each) for each in missing}))
        held = {row["id"]: subscribers.from_record(row) for row in rows}
        found |= {each: held[owners.get(each, each)] for each in missing if owners.get(each, each) in held}
    return found


async def _settings(
    instance: Instance, connection: Connection, tracked: dict[Key, _Tracked]
) -> dict[tuple[int, int], AccountSettings]:
    versions: dict[int, set[int]] = defaultdict(set)
    for each in tracked.values():
        versions[each.record["account_id"]].add(each.record["settings_version"])
    return {
        (account_id, version): settings
        for account_id, wanted in versions.items()
        for version, settings in (await frozen_settings(instance, connection, account_id, wanted)).items()
    }


def _decided(
    instance: Instance,
    found: _Tracked,
    hit: PersonalRecord,
    settings: dict[tuple[int, int], AccountSettings],
    people: dict[UUID, SubscriberRow],
    states: States,
) -> TrackingMode:
    axis = Axis.CLICKS if hit.kind is EventKind.CLICKED else Axis.OPENS
    frozen = settings.get((found.record["account_id"], found.record["settings_version"]))
    if frozen is None or any(person not in people for person in found.people(hit)):
        # Somebody who is gone, or settings that cannot be read: any doubt means no tracking.
        return TrackingMode.OFF
    return decide_hit_mode(
        Hit(
            instance_tracking=instance.tracking,
            settings=frozen,
            axis=axis,
            frozen=found.mode(axis),
            permission_based=found.record["permission_based"],
            addressed=[
                stood
                for person in found.people(hit)
                for stood in stood_since(people[person], person, axis, _time(hit), states)
            ],
            now=instance.clock(),
            privacy_signal=hit.gpc_seen,
        )
    )


def _counts_late(found: _Tracked, settings: dict[tuple[int, int], AccountSettings]) -> bool:
    frozen = settings[found.record["account_id"], found.record["settings_version"]]
    return frozen.late_refusal is LateRefusal.COUNT


def _time(hit: PersonalRecord) -> datetime:
    return _EPOCH + timedelta(milliseconds=hit.at_ms)


def _event_id(segment: Segment, offset: int) -> UUID:
    content = segment.id.bytes + offset.to_bytes(8, "big")
    return UUID(bytes=hashlib.blake2b(content, digest_size=16).digest())


def _apply(written: _Written, found: _Tracked, hit: PersonalRecord, event_id: UUID) -> None:
    at = _time(hit)
    counted = hit.kind is not EventKind.LOADED_BY_PROXY and hit.client_class is not ClientClass.SCANNER
    kind = hit.kind
    if counted and hit.kind is EventKind.CLICKED:
        _click(written, found, hit.link, at)
    elif counted:
        kind = EventKind.OPENED if found.seen.first_opened_at else EventKind.FIRST_OPENING
        _open(written, found, at)
    record = found.record
    written.events.append(
        EventRow(
            record["subscriber_id"],
            at,
            event_id,
            record["account_id"],
            record["mailing_id"],
            record["id"],
            kind.value,
            hit.link,
            hit.client_class.value,
            hit.rule,
            hit.rule_version,
            hit.client_family,
        )
    )
    hour = at.replace(minute=0, second=0, microsecond=0)
    written.counts[EventCount(record["mailing_id"], hour, kind.value, hit.link, hit.client_class.value)] += 1


def _open(written: _Written, found: _Tracked, at: datetime) -> None:
    seen, delta = found.seen, written.rollup[found.rollup_key]
    if seen.first_opened_at is None:
        delta["openers"] += 1
        delta["clicked_openers"] += seen.first_clicked_at is not None
    found.seen = seen._replace(
        opens=seen.opens + 1,
        first_opened_at=min(seen.first_opened_at or at, at),
        last_opened_at=max(seen.last_opened_at or at, at),
    )
    found.changed = True


def _click(written: _Written, found: _Tracked, link: int, at: datetime) -> None:
    seen, delta = found.seen, written.rollup[found.rollup_key]
    if seen.first_clicked_at is None:
        delta["clickers"] += 1
        delta["clicked_openers"] += seen.first_opened_at is not None
    links = seen.clicked_links
    if link not in links:
        written.links[LinkKey(found.record["mailing_id"], found.record["send_day"], link)] += 1
        links = (*links, link)
    found.seen = seen._replace(
        clicks=seen.clicks + 1, first_clicked_at=min(seen.first_clicked_at or at, at), clicked_links=links
    )
    found.changed = True


async def _save(connection: Connection, written: _Written, tracked: dict[Key, _Tracked]) -> None:
    if not written.events:
        return
    await events.insert(connection, written.events)
    for gathered in (False, True):
        rows = {each.seen for each in tracked.values() if each.changed and each.gathered is gathered}
        await events.save_seen(connection, sorted(rows), gathered=gathered)
    await events.add_rollup(connection, written.counts)
    await deliveries.add_rollup(connection, written.rollup)
    await deliveries.add_link_rollup(connection, {key: (0, count) for key, count in written.links.items()})
