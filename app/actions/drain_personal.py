"""Writes a batch of personal hits: decides each again, then events, deliveries and counts, in a few statements.

    decided again      written as
    PERSONAL           an event on the delivery, or on the message where it has several addresses
    ANONYMOUS          with late_refusal COUNT: one more in the mailing's anonymous part, and nothing else
    anything else      nothing at all

The states that count are all those from the hit until now, so a NO in between wins; a hit that says that it is older
than its mail counts as of the sending. Of somebody who said nothing new since, one state counts, and what was decided
for one such hit holds for all that are like it.
Source: domain.md §5 (FROZEN), §6.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.actions import kept_addresses
from app.actions.drain_scanners import recognise
from app.actions.drain_tracked import People, held_deliveries, held_people
from app.actions.drain_written import Personal, Written
from app.actions.late import count_late
from app.actions.stood import States, states_since, stood_since
from app.actions.unit import frozen_settings
from app.domain.modes import Axis, EventKind, TrackingMode
from app.domain.permission import PermissionState
from app.domain.precedence import Hit
from app.domain.precedence_modes import decide_hit_mode
from app.domain.settings import AccountSettings, LateRefusal
from app.instance import Instance, made_at
from app.journal.records import Manner, PersonalRecord
from app.journal.segments import Segment
from app.storage import packed
from app.storage.database import Connection
from app.storage.tracked import Answers, Key, Sent, Tracked

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Settings = dict[Sent, AccountSettings]
"""As frozen at sending; those that cannot be read are absent."""
Alike = tuple[Sent, Manner, Answers, int | None]


async def write_personal(
    instance: Instance,
    connection: Connection,
    segment: Segment,
    records: Sequence[tuple[int, PersonalRecord]],
) -> None:
    """Writes one batch inside the caller's transaction; writing the same batch twice is the caller's to prevent."""
    keys = {(hit.subscriber, hit.delivery) for _, hit in records}
    earliest = _EPOCH + timedelta(milliseconds=min(hit.at_ms for _, hit in records))
    people = await held_people(connection, keys, earliest)
    tracked = await held_deliveries(connection, keys)
    states = await states_since(connection, people.others, earliest)
    settings = await _settings(instance, connection, {each.sent for each in tracked.values()})
    deciding = _Deciding(instance.tracking, instance.clock(), people, states, settings)
    personal, late = _sorted_out(deciding, segment, records, tracked)
    written = Written()
    await recognise(connection, personal, written, deciding.now)
    for each in personal:
        written.add(each)
    await written.save(connection, tracked.values(), deciding.now)
    await kept_addresses.keep(connection, personal, settings, deciding.now)
    await count_late(instance, connection, late)


def _sorted_out(
    deciding: "_Deciding",
    segment: Segment,
    records: Sequence[tuple[int, PersonalRecord]],
    tracked: dict[Key, Tracked],
) -> tuple[list[Personal], list[tuple[PersonalRecord, Sent]]]:
    """What becomes an event, in the order in which it happened, and what joins the anonymous part."""
    personal: list[Personal] = []
    late: list[tuple[PersonalRecord, Sent]] = []
    for offset, hit in sorted(records, key=lambda each: each[1].at_ms):
        found = tracked.get((hit.subscriber, hit.delivery))
        if found is None or found.sent.mailing_id != hit.mailing:
            continue
        mode = deciding.mode(found, hit)
        if mode is TrackingMode.PERSONAL:
            event_id = _event_id(segment.id.bytes, offset)
            personal.append(Personal(hit, found, packed.micros(hit.at_ms), event_id, hit.manner))
        elif mode is TrackingMode.ANONYMOUS and deciding.counts_late(found):
            late.append((hit, found.sent))
    return personal, late


def _event_id(segment: bytes, offset: int) -> bytes:
    return hashlib.blake2b(segment + offset.to_bytes(8, "big"), digest_size=16).digest()


async def _settings(instance: Instance, connection: Connection, sent: Iterable[Sent]) -> Settings:
    versions: dict[int, set[int]] = defaultdict(set)
    for each in sent:
        versions[each.account_id].add(each.settings_version)
    known = {
        (account_id, version): settings
        for account_id, wanted in versions.items()
        for version, settings in (await frozen_settings(instance, connection, account_id, wanted)).items()
    }
    keys = {each: (each.account_id, each.settings_version) for each in sent}
    return {each: known[key] for each, key in keys.items() if key in known}


@dataclass(slots=True)
class _Deciding:
    """Decides the hits of one batch."""

    tracking: bool
    now: datetime
    people: People
    states: States
    settings: Settings
    known: dict[Alike, TrackingMode] = field(default_factory=dict)

    def mode(self, found: Tracked, hit: PersonalRecord) -> TrackingMode:
        """How far this hit may be tracked now."""
        sent = found.sent
        frozen = self.settings.get(sent)
        steady = self.people.steady.get(hit.subscriber) if sent.recipients is None else None
        if frozen is None or steady is None:
            return self._decided(found, hit)
        # All that the decision depends on, where it is one person's one answer.
        answers, opens_said, clicks_said = steady
        said = None
        if frozen.permission_lifetime_days is not None:
            said = opens_said if _axis(hit) is Axis.OPENS else clicks_said
        alike = sent, hit.manner, answers, said
        mode = self.known.get(alike)
        if mode is None:
            mode = self.known[alike] = self._decided(found, hit)
        return mode

    def counts_late(self, found: Tracked) -> bool:
        """Whether hits that may not be personal any more join the anonymous part."""
        return self.settings[found.sent].late_refusal is LateRefusal.COUNT

    def _decided(self, found: Tracked, hit: PersonalRecord) -> TrackingMode:
        axis, sent = _axis(hit), found.sent
        people = [UUID(bytes=hit.subscriber)] if sent.recipients is None else sent.recipients
        frozen = self.settings.get(sent)
        if frozen is None or any(map(self._is_gone, people)):
            # Somebody who is gone, or settings that cannot be read: any doubt means no tracking.
            return TrackingMode.OFF
        return decide_hit_mode(
            Hit(
                instance_tracking=self.tracking,
                settings=frozen,
                axis=axis,
                frozen=sent.mode(axis),
                permission_based=sent.permission_based,
                addressed=[stood for person in people for stood in self._stood(person, axis, hit)],
                now=self.now,
                privacy_signal=hit.manner.gpc_seen,
            )
        )

    def _is_gone(self, person: UUID) -> bool:
        return person.bytes not in self.people.steady and person not in self.people.others

    def _stood(self, person: UUID, axis: Axis, hit: PersonalRecord) -> list[list[PermissionState]]:
        """For each chain that spoke for somebody: what stood at the hit, and everything since."""
        steady = self.people.steady.get(person.bytes)
        if steady is None:
            # No hit comes before its mail, whatever the clock of the machine said that took it.
            at = max(_EPOCH + timedelta(milliseconds=hit.at_ms), made_at(hit.delivery))
            return stood_since(self.people.others[person], person, axis, at, self.states)
        answers, opens_said, clicks_said = steady
        return [[answers.state(axis, opens_said if axis is Axis.OPENS else clicks_said)]]


def _axis(hit: PersonalRecord) -> Axis:
    return Axis.CLICKS if hit.manner.kind is EventKind.CLICKED else Axis.OPENS
