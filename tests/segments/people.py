"""Random people with all that segments ask for, once as plain facts and once as rows of the database."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.modes import Axis, ClientClass, EventKind, MembershipStatus, TrackingMode
from app.domain.permission import Permission
from app.domain.presets import Preset
from app.domain.segment_meaning import AxisFact, DeliveryFact, EventFact, PersonFact

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAR = datetime.max.replace(tzinfo=UTC)
USER, COLLEAGUE = 7, 8
MAILINGS = {
    11: ("CAMPAIGN", None),
    12: ("TRANSACTIONAL", None),
    13: ("ONE_TO_ONE", USER),
    14: ("ONE_TO_ONE", COLLEAGUE),
}
LINKS = {(mailing, 1): "https://a.example/" for mailing in MAILINGS} | {
    (mailing, 2): f"https://b.example/{mailing}" for mailing in MAILINGS
}
LISTS = (21, 22)
NARROW, WIDE = 31, 32
VERSIONS = {1: Preset.STRICT, 2: Preset.BREVO, 3: Preset.CAMPAIGN_MONITOR, 4: Preset.INXMAIL}
STOPS, STOPS_IF_ASKED = 1, 4
"""The versions under which an UNKNOWN is not PERSONAL: always, or where the mailing asks for permission."""
ATTRIBUTES: dict[str, list[Any]] = {
    "city": ["Paris", "Rome", "paris", "Pa", "", "Ärger", 7, None],
    "score": [1, 2.5, "2.5", "10", "x", -3, "1e3", 1e22, True],
    "born": ["2000-02-29", "2000-02-29T10:00:00Z", "1999-12-31", "2000-13-01", "soon"],
    "vip": [True, False, "true", "false", "yes", 1],
}


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@dataclass
class Line:
    """One line of the ledger."""

    axis: Axis
    before: Permission
    after: Permission
    at: datetime
    wording: int | None


@dataclass
class Someone:
    """One person: rows, and how they are known to the pure meaning."""

    id: UUID
    lines: list[Line]
    deliveries: list[dict[str, Any]]
    attributes: dict[str, Any]
    memberships: dict[int, MembershipStatus]
    person_times: dict[Axis, datetime | None] = field(default_factory=dict)
    former: dict[UUID, list[Line]] = field(default_factory=dict)
    """The closed chains of those who were merged into this person, by their ids."""

    def fact(
        self, user_id: int | None, expired_by: datetime | None, unknown_personal: frozenset[Axis]
    ) -> PersonFact:
        return PersonFact(
            axes={axis: self._axis(axis, expired_by) for axis in Axis},
            deliveries=[_delivery(each, user_id) for each in self.deliveries],
            attributes=self.attributes,
            memberships=self.memberships,
            unknown_personal=unknown_personal,
        )

    def value(self, axis: Axis) -> Permission:
        return next((each.after for each in reversed(self.lines) if each.axis is axis), Permission.UNKNOWN)

    def _axis(self, axis: Axis, expired_by: datetime | None) -> AxisFact:
        chains = [
            [each for each in chain if each.axis is axis] for chain in (self.lines, *self.former.values())
        ]
        lines = [each for chain in chains for each in chain]
        given = self.person_times.get(axis)
        expired = (
            self.value(axis) is Permission.YES
            and expired_by is not None
            and (given is None or given <= expired_by)
        )
        narrow = [
            chain[place + 1].at if place + 1 < len(chain) else FAR
            for chain in chains
            for place, each in enumerate(chain)
            if each.after is Permission.YES and each.wording == NARROW
        ]
        return AxisFact(
            value=Permission.UNKNOWN if expired else self.value(axis),
            expired=expired,
            refused_until=_last(
                lines, lambda each: each.before is Permission.NO and each.after is not Permission.NO
            ),
            lapsed_at=_last(
                lines, lambda each: (each.before, each.after) == (Permission.YES, Permission.UNKNOWN)
            ),
            narrow_until=max(narrow, default=None),
        )


def _last(lines: list[Line], wanted: Any) -> datetime | None:
    return max((each.at for each in lines if wanted(each)), default=None)


def _delivery(row: dict[str, Any], user_id: int | None) -> DeliveryFact:
    channel, owner = MAILINGS[row["mailing"]]
    return DeliveryFact(
        mailing_id=row["mailing"],
        sent_at=row["sent_at"],
        modes=row["modes"],
        bounced=row["bounced"],
        gathered=row["gathered"],
        own=channel != "ONE_TO_ONE" or owner == user_id,
        unknown_stops=frozenset(Axis if _stops(row) else ()),
        events=[
            EventFact(kind, at, seen, LINKS[row["mailing"], link] if kind is EventKind.CLICKED else None)
            for kind, at, seen, link in row["events"]
        ],
    )


def _stops(row: dict[str, Any]) -> bool:
    return row["version"] == STOPS or (row["version"] == STOPS_IF_ASKED and row["based"])


def somebody(chance: random.Random) -> Someone:
    """A random person; times fall on whole days, so that the edges of windows are met."""
    lines = _lines(chance)
    someone = Someone(
        id=UUID(int=chance.getrandbits(128)),
        lines=lines,
        deliveries=[_sent(chance) for _ in range(chance.choice((0, 1, 1, 2, 3, 5)))],
        attributes={
            name: chance.choice(values) for name, values in ATTRIBUTES.items() if chance.random() < 0.7
        },
        memberships={each: chance.choice(list(MembershipStatus)) for each in LISTS if chance.random() < 0.6},
    )
    for axis in Axis:
        given = _last(
            [each for each in lines if each.axis is axis], lambda each: each.after is Permission.YES
        )
        someone.person_times[axis] = given if chance.random() < 0.9 else None
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        someone.former[UUID(int=chance.getrandbits(128))] = _closed(someone, _lines(chance))
    return someone


def _lines(chance: random.Random) -> list[Line]:
    lines: list[Line] = []
    for axis in Axis:
        stands = Permission.UNKNOWN
        for days in sorted(chance.sample(range(200), chance.choice((0, 0, 1, 1, 2, 3, 4))), reverse=True):
            becomes = chance.choice([Permission.YES, Permission.YES, Permission.NO, Permission.UNKNOWN])
            wording = chance.choice((None, None, WIDE, NARROW)) if becomes is Permission.YES else None
            lines.append(Line(axis, stands, becomes, ago(days), wording))
            stands = becomes
    return sorted(lines, key=lambda each: each.at)


def _closed(someone: Someone, lines: list[Line]) -> list[Line]:
    """A chain that ended when its person was merged into this one: with a line for each axis, after its last."""
    merged_at = max((each.at for each in lines), default=ago(100))
    stood = {each.axis: each.after for each in lines}
    ends = [
        Line(axis, stood.get(axis, Permission.UNKNOWN), someone.value(axis), merged_at, None) for axis in Axis
    ]
    return lines + ends


def _sent(chance: random.Random) -> dict[str, Any]:
    days = chance.choice((0, 1, 7, 29, 30, 31, 60, 89, 90, 91, 180, 400))
    personal = [TrackingMode.PERSONAL] * 5 + [TrackingMode.ANONYMOUS, TrackingMode.OFF]
    kinds = [
        EventKind.LOADED_BY_PROXY,
        EventKind.FIRST_OPENING,
        EventKind.OPENED,
        EventKind.CLICKED,
        EventKind.CLICKED,
    ]
    modes = {axis: chance.choice(personal) for axis in Axis}
    events = [
        (
            chance.choice(kinds),
            ago(chance.randint(0, days)),
            chance.choice(list(ClientClass)),
            chance.choice((1, 2)),
        )
        for _ in range(chance.choice((0, 0, 1, 2, 4)))
    ]
    return {
        "mailing": chance.choice(list(MAILINGS)),
        "sent_at": ago(days),
        "modes": modes,
        "bounced": chance.random() < 0.1,
        "gathered": chance.random() < 0.1,
        "version": chance.choice(list(VERSIONS)),
        "based": chance.random() < 0.7,
        "events": events,
    }
