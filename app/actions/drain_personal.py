"""Writes a batch of personal hits: decides each again, then events, deliveries and counts, in a few statements.

    decided again      written as
    PERSONAL           an event on the delivery, or on the message where it has several addresses
    ANONYMOUS          with late_refusal COUNT: one more in the mailing's anonymous part, and nothing else
    anything else      nothing at all

The states that count are all those from the hit until now, so a NO in between wins. Of somebody who said nothing new
since, one state counts, and what was decided for one such hit holds for all that are like it.
Source: domain.md §5 (FROZEN), §6.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.actions.drain_scanners import recognise
from app.actions.drain_tracked import Key, People, Tracked, held_deliveries, held_people
from app.actions.drain_written import Personal, Written
from app.actions.late import count_late
from app.actions.stood import States, states_since, stood_since
from app.actions.unit import frozen_settings
from app.domain.modes import Axis, EventKind, TrackingMode
from app.domain.precedence import Hit
from app.domain.precedence_modes import decide_hit_mode
from app.domain.settings import AccountSettings, LateRefusal
from app.instance import Instance
from app.journal.records import PersonalRecord
from app.journal.segments import Segment
from app.storage.database import Connection, Record

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPENS = "opens_mode", "opens_value", "opens_by_person", "opens_person_time"
_CLICKS = "clicks_mode", "clicks_value", "clicks_by_person", "clicks_person_time"
Settings = dict[tuple[int, int], AccountSettings]
"""By account and version."""


async def write_personal(
    instance: Instance,
    connection: Connection,
    segment: Segment,
    records: Sequence[tuple[int, PersonalRecord]],
) -> None:
    """Writes one batch inside the caller's transaction; writing the same batch twice is the caller's to prevent."""
    keys = {(hit.subscriber, hit.delivery) for _, hit in records}
    people = await held_people(connection, keys)
    tracked = await held_deliveries(connection, keys)
    earliest = _EPOCH + timedelta(milliseconds=min(hit.at_ms for _, hit in records))
    states = await states_since(connection, people, earliest)
    settings = await _settings(instance, connection, tracked.values())
    deciding = _Deciding(instance.tracking, instance.clock(), earliest, people, states, settings)
    personal, late = _sorted_out(deciding, segment, records, tracked)
    written = Written()
    await recognise(connection, personal, written, deciding.now)
    for each in personal:
        written.add(each)
    await written.save(connection, tracked.values(), deciding.now)
    await count_late(instance, connection, late)


def _sorted_out(
    deciding: "_Deciding",
    segment: Segment,
    records: Sequence[tuple[int, PersonalRecord]],
    tracked: dict[Key, Tracked],
) -> tuple[list[Personal], list[tuple[PersonalRecord, Record]]]:
    """What becomes an event, in the order in which it happened, and what joins the anonymous part."""
    personal: list[Personal] = []
    late: list[tuple[PersonalRecord, Record]] = []
    for offset, hit in sorted(records, key=lambda each: each[1].at_ms):
        found = tracked.get((hit.subscriber, hit.delivery))
        if found is None or found.record["mailing_id"] != hit.mailing:
            continue
        at = _EPOCH + timedelta(milliseconds=hit.at_ms)
        match deciding.mode(found, hit, at):
            case TrackingMode.PERSONAL:
                event_id = _event_id(segment.id.bytes, offset)
                personal.append(
                    Personal(hit, found, at, event_id, hit.client_class, hit.rule, hit.rule_version)
                )
            case TrackingMode.ANONYMOUS if deciding.counts_late(found):
                late.append((hit, found.record))
            case _:
                pass
    return personal, late


def _event_id(segment: bytes, offset: int) -> bytes:
    return hashlib.blake2b(segment + offset.to_bytes(8, "big"), digest_size=16).digest()


async def _settings(instance: Instance, connection: Connection, tracked: Iterable[Tracked]) -> Settings:
    versions: dict[int, set[int]] = defaultdict(set)
    for each in tracked:
        versions[each.record["account_id"]].add(each.record["settings_version"])
    return {
        (account_id, version): settings
        for account_id, wanted in versions.items()
        for version, settings in (await frozen_settings(instance, connection, account_id, wanted)).items()
    }


@dataclass(slots=True)
class _Deciding:
    """Decides the hits of one batch, of which none is older than `earliest`."""

    tracking: bool
    now: datetime
    earliest: datetime
    people: People
    states: States
    settings: Settings
    known: dict[tuple[object, ...], TrackingMode] = field(default_factory=dict)

    def mode(self, found: Tracked, hit: PersonalRecord, at: datetime) -> TrackingMode:
        """How far this hit may be tracked now."""
        record = found.record
        frozen = self.settings.get((record["account_id"], record["settings_version"]))
        if frozen is None or any(map(self._is_gone, found.people(hit))):
            # Somebody who is gone, or settings that cannot be read: any doubt means no tracking.
            return TrackingMode.OFF
        alike = None if found.gathered else self._alike(found, hit, frozen)
        if alike is None:
            return self._decided(found, hit, at, frozen)
        mode = self.known.get(alike)
        if mode is None:
            mode = self.known[alike] = self._decided(found, hit, at, frozen)
        return mode

    def _is_gone(self, person: UUID) -> bool:
        return person not in self.people

    def counts_late(self, found: Tracked) -> bool:
        """Whether hits that may not be personal any more join the anonymous part."""
        record = found.record
        frozen = self.settings[record["account_id"], record["settings_version"]]
        return frozen.late_refusal is LateRefusal.COUNT

    def _alike(
        self, found: Tracked, hit: PersonalRecord, frozen: AccountSettings
    ) -> tuple[object, ...] | None:
        """All that the decision depends on, where it is one person's one answer."""
        person, record = self.people[hit.subscriber], found.record
        if person["changed_at"] >= self.earliest or person["id"] != hit.subscriber:
            return None
        names = _CLICKS if hit.kind is EventKind.CLICKED else _OPENS
        mode, value, by_person, person_time = names
        given = None if frozen.permission_lifetime_days is None else person[person_time]
        return (
            names,
            record[mode],
            record["account_id"],
            record["settings_version"],
            record["permission_based"],
            hit.gpc_seen,
            person[value],
            person[by_person],
            given,
        )

    def _decided(
        self, found: Tracked, hit: PersonalRecord, at: datetime, frozen: AccountSettings
    ) -> TrackingMode:
        axis = Axis.CLICKS if hit.kind is EventKind.CLICKED else Axis.OPENS
        return decide_hit_mode(
            Hit(
                instance_tracking=self.tracking,
                settings=frozen,
                axis=axis,
                frozen=found.mode(axis),
                permission_based=found.record["permission_based"],
                addressed=[
                    stood
                    for person in found.people(hit)
                    for stood in stood_since(self.people[person], person, axis, at, self.states)
                ],
                now=self.now,
                privacy_signal=hit.gpc_seen,
            )
        )
