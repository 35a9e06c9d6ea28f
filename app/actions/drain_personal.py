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
from app.actions.unit import frozen_settings
from app.domain.modes import Axis, ClientClass, EventKind, TrackingMode
from app.domain.permission import Permission, PermissionSource, PermissionState, Reason
from app.domain.precedence import Hit
from app.domain.precedence_modes import decide_hit_mode
from app.domain.settings import AccountSettings, LateRefusal
from app.instance import Instance
from app.journal.records import PersonalRecord
from app.journal.segments import Segment
from app.storage import deliveries, events, ledger, subscribers
from app.storage.database import Connection, Record
from app.storage.deliveries import LinkKey, RollupKey
from app.storage.events import EventCount, EventRow, Seen
from app.storage.subscribers import SubscriberRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[UUID, int]
States = dict[tuple[UUID, Axis], list[tuple[datetime, PermissionState]]]


@dataclass(slots=True)
class _Tracked:
    """A delivery, or a message to several people, while a batch is applied to it."""

    record: Record
    gathered: bool
    people: Sequence[UUID]
    seen: Seen
    changed: bool = False

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
    tracked = await _tracked(connection, {(hit.subscriber, hit.delivery) for _, hit in records})
    people = await _people(connection, tracked)
    earliest = min(_time(hit) for _, hit in records)
    states = await _states(connection, people, earliest)
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
    subscriber_ids, ids = [key[0] for key in keys], [key[1] for key in keys]
    found: dict[Key, _Tracked] = {}
    for query, gathered in ((events.SQL.lock_deliveries, False), (events.SQL.lock_gathered, True)):
        records = events.deliveries_of(await connection.fetch(query, subscriber_ids, ids))
        for key, record in records.items():
            people = record["recipients"] if gathered else [record["subscriber_id"]]
            found[key] = _Tracked(record, gathered, people, _seen(record))
    return found


def _seen(record: Record) -> Seen:
    values = {name: record[name] for name in Seen._fields}
    return Seen(**{**values, "clicked_links": tuple(record["clicked_links"])})


async def _people(connection: Connection, tracked: dict[Key, _Tracked]) -> dict[UUID, SubscriberRow]:
    wanted = {person for each in tracked.values() for person in each.people}
    rows = await connection.fetch(events.SQL.people, list(wanted))
    return {row["asked"]: subscribers.from_record(row) for row in rows}


async def _states(connection: Connection, people: dict[UUID, SubscriberRow], earliest: datetime) -> States:
    """What stood from a time on, for those few who changed their answer since the earliest hit."""
    changed = {row.id for row in people.values() if row.changed_at >= earliest and row.ledger_length}
    history: States = defaultdict(list)
    if changed:
        for row in await connection.fetch(ledger.SQL.states_since, list(changed)):
            key = row["subscriber_id"], Axis(row["axis"])
            if not history[key]:
                history[key].append((_EPOCH, PermissionState(Permission(row["from_value"]), None)))
            history[key].append((row["server_time"], _state_after(row)))
    return history


def _state_after(row: Record) -> PermissionState:
    return PermissionState(
        value=Permission(row["to_value"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        person_time=row["person_time"],
        server_time=row["server_time"],
        source=PermissionSource(row["source"]),
        by_person=row["by_person"],
    )


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
    if frozen is None or any(person not in people for person in found.people):
        # Somebody who is gone, or settings that cannot be read: any doubt means no tracking.
        return TrackingMode.OFF
    return decide_hit_mode(
        Hit(
            instance_tracking=instance.tracking,
            settings=frozen,
            axis=axis,
            frozen=found.mode(axis),
            permission_based=found.record["permission_based"],
            addressed=[_since(people[person], axis, _time(hit), states) for person in found.people],
            now=instance.clock(),
            privacy_signal=hit.gpc_seen,
        )
    )


def _since(row: SubscriberRow, axis: Axis, hit_at: datetime, states: States) -> list[PermissionState]:
    """The state at the hit and every later one, the present one included."""
    history = states.get((row.id, axis), [])
    at_hit = [state for since, state in history if since <= hit_at][-1:]
    later = [state for since, state in history if since > hit_at]
    return [*at_hit, *later, row.permissions.on(axis)]


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
        rows = [each.seen for each in tracked.values() if each.changed and each.gathered is gathered]
        await events.save_seen(connection, sorted(rows), gathered=gathered)
    await events.add_rollup(connection, written.counts)
    await deliveries.add_rollup(connection, written.rollup)
    await deliveries.add_link_rollup(connection, {key: (0, count) for key, count in written.links.items()})
