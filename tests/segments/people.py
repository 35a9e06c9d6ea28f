"""Random people with all that segments ask for, once as plain facts and once as rows of the database."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from app.domain.modes import Axis, ClientClass, EventKind, MembershipStatus, TrackingMode
from app.domain.permission import Permission
from app.domain.presets import Preset, preset
from app.domain.segment_meaning import AxisFact, DeliveryFact, EventFact, PersonFact
from app.domain.settings import to_document

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAR = datetime.max.replace(tzinfo=UTC)
USER, COLLEAGUE = 7, 8
MAILINGS = {11: ("CAMPAIGN", None), 12: ("TRANSACTIONAL", None), 13: ("ONE_TO_ONE", USER), 14: ("ONE_TO_ONE", COLLEAGUE)}
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

    def fact(self, user_id: int | None, expired_by: datetime | None, unknown_personal: frozenset[Axis]) -> PersonFact:
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
        lines = [each for each in self.lines if each.axis is axis]
        given = self.person_times.get(axis)
        expired = (
            self.value(axis) is Permission.YES
            and expired_by is not None
            and (given is None or given <= expired_by)
        )
        narrow = [
            lines[place + 1].at if place + 1 < len(lines) else FAR
            for place, each in enumerate(lines)
            if each.after is Permission.YES and each.wording == NARROW
        ]
        return AxisFact(
            value=Permission.UNKNOWN if expired else self.value(axis),
            expired=expired,
            refused_until=_last(lines, lambda each: each.before is Permission.NO and each.after is not Permission.NO),
            lapsed_at=_last(lines, lambda each: (each.before, each.after) == (Permission.YES, Permission.UNKNOWN)),
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
    lines: list[Line] = []
    for axis in Axis:
        stands = Permission.UNKNOWN
        for days in sorted(chance.sample(range(200), chance.choice((0, 0, 1, 1, 2, 3, 4))), reverse=True):
            becomes = chance.choice([Permission.YES, Permission.YES, Permission.NO, Permission.UNKNOWN])
            wording = chance.choice((None, None, WIDE, NARROW)) if becomes is Permission.YES else None
            lines.append(Line(axis, stands, becomes, ago(days), wording))
            stands = becomes
    lines.sort(key=lambda each: each.at)
    someone = Someone(
        id=UUID(int=chance.getrandbits(128)),
        lines=lines,
        deliveries=[_sent(chance) for _ in range(chance.choice((0, 1, 1, 2, 3, 5)))],
        attributes={name: chance.choice(values) for name, values in ATTRIBUTES.items() if chance.random() < 0.7},
        memberships={each: chance.choice(list(MembershipStatus)) for each in LISTS if chance.random() < 0.6},
    )
    for axis in Axis:
        given = _last([each for each in lines if each.axis is axis], lambda each: each.after is Permission.YES)
        someone.person_times[axis] = given if chance.random() < 0.9 else None
    return someone


def _sent(chance: random.Random) -> dict[str, Any]:
    days = chance.choice((0, 1, 7, 29, 30, 31, 60, 89, 90, 91, 180, 400))
    personal = [TrackingMode.PERSONAL] * 5 + [TrackingMode.ANONYMOUS, TrackingMode.OFF]
    kinds = [EventKind.LOADED_BY_PROXY, EventKind.FIRST_OPENING, EventKind.OPENED, EventKind.CLICKED, EventKind.CLICKED]
    modes = {axis: chance.choice(personal) for axis in Axis}
    events = [
        (chance.choice(kinds), ago(chance.randint(0, days)), chance.choice(list(ClientClass)), chance.choice((1, 2)))
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


async def store_world(connection: asyncpg.Connection, account: int) -> None:
    """The account with its settings, mailings, links, lists and wordings."""
    await connection.execute("INSERT INTO account VALUES ($1, 'Test', $2, '', '')", account, NOW)
    for version, chosen in VERSIONS.items():
        document = to_document(preset(chosen))
        await connection.execute(
            "INSERT INTO settings_version VALUES ($1, $2, $3, 'test', $4::jsonb)", account, version, NOW, document
        )
    await connection.executemany(
        "INSERT INTO mailing (id, account_id, name, channel, user_id, created_at, settings_version) "
        "VALUES ($1, $2, 'x', $3, $4, $5, 1)",
        [(each, account, channel, user, NOW) for each, (channel, user) in MAILINGS.items()],
    )
    await connection.executemany(
        "INSERT INTO link VALUES ($1, $2, $3)", [(*key, url) for key, url in LINKS.items()]
    )
    await connection.executemany(
        "INSERT INTO mailing_list VALUES ($1, $2, 'x', $3)", [(each, account, NOW) for each in LISTS]
    )
    await connection.executemany(
        "INSERT INTO wording VALUES ($1, $2, 'en', 'May we?', $3, '', $4)",
        [(NARROW, account, ["MEASURE"], NOW), (WIDE, account, ["MEASURE", "SEGMENT"], NOW)],
    )


async def store(connection: asyncpg.Connection, account: int, people: list[Someone]) -> None:
    """All rows of these people, table by table."""
    for table, columns, rows in _tables(account, people):
        await connection.copy_records_to_table(table, records=rows, columns=columns)


def _tables(account: int, people: list[Someone]) -> list[tuple[str, list[str], list[tuple[Any, ...]]]]:
    subscribers, lines, places, sent, events = [], [], [], [], []
    number = 0
    for someone in people:
        values = {axis: someone.value(axis).value for axis in Axis}
        times = someone.person_times
        subscribers.append(
            (someone.id, account, someone.id, someone.id.hex, someone.attributes, NOW, NOW, 0, b"")
            + (values[Axis.OPENS], times[Axis.OPENS], False, b"")
            + (values[Axis.CLICKS], times[Axis.CLICKS], False, b"")
        )
        lines += [
            (someone.id, place, account, line.axis.value, line.before.value, line.after.value)
            + (line.at, "API", False, line.wording, b"", 1)
            for place, line in enumerate(someone.lines, 1)
        ]
        places += [(someone.id, each, account, status.value, NOW) for each, status in someone.memberships.items()]
        for row in someone.deliveries:
            number += 1
            sent.append(_delivery_row(account, someone.id, number, row))
            for kind, at, seen, link in row["events"]:
                clicked = link if kind is EventKind.CLICKED else 0
                event_id = UUID(int=len(events) + 1)
                events.append(
                    (someone.id, at, event_id, account, row["mailing"], number, kind.value, clicked, seen.value)
                    + ("test", 1, "")
                )
    axis = [f"{name}_{each}" for name in ("opens", "clicks") for each in ("value", "person_time", "by_person", "hash")]
    return [
        (
            "subscriber",
            ["id", "account_id", "address_id", "address", "attributes", "created_at", "changed_at"]
            + ["ledger_length", "ledger_head", *axis],
            subscribers,
        ),
        (
            "permission_line",
            ["subscriber_id", "number", "account_id", "axis", "from_value", "to_value", "server_time", "source"]
            + ["by_person", "wording_id", "hash", "version"],
            lines,
        ),
        ("membership", ["subscriber_id", "list_id", "account_id", "status", "changed_at"], places),
        ("delivery", _DELIVERY_COLUMNS, sent),
        (
            "event",
            ["subscriber_id", "occurred_at", "id", "account_id", "mailing_id", "delivery_id", "kind", "link"]
            + ["client_class", "rule", "rule_version", "client_family"],
            events,
        ),
    ]


_DELIVERY_COLUMNS = (
    "subscriber_id id account_id mailing_id message_id user_id sent_at send_day bounced_at opens_mode clicks_mode "
    "settings_version permission_based gathered content_id in_audience_opens in_audience_clicks opens clicks "
    "first_opened_at last_opened_at first_clicked_at"
).split()


def _delivery_row(account: int, person: UUID, number: int, row: dict[str, Any]) -> tuple[Any, ...]:
    seen = [
        (kind, at)
        for kind, at, client, _ in row["events"]
        if kind is not EventKind.LOADED_BY_PROXY and client is not ClientClass.SCANNER
    ]
    opens = [at for kind, at in seen if kind is not EventKind.CLICKED]
    clicks = [at for kind, at in seen if kind is EventKind.CLICKED]
    modes = row["modes"]
    bounced_at = row["sent_at"] if row["bounced"] else None
    return (
        (person, number, account, row["mailing"], UUID(int=number), MAILINGS[row["mailing"]][1], row["sent_at"], 0)
        + (bounced_at, modes[Axis.OPENS].value, modes[Axis.CLICKS].value, row["version"], row["based"])
        + (row["gathered"], 1, False, False, len(opens), len(clicks))
        + (min(opens, default=None), max(opens, default=None), min(clicks, default=None))
    )
