"""Random people as rows of the database."""

from typing import Any
from uuid import UUID

import asyncpg

from app.domain.modes import Axis, ClientClass, EventKind
from app.domain.presets import preset
from app.domain.settings import to_document
from tests.segments.people import LINKS, LISTS, MAILINGS, NARROW, NOW, VERSIONS, WIDE, Someone


async def store_world(connection: asyncpg.Connection, account: int) -> None:
    """The account with its settings, mailings, links, lists and wordings."""
    await connection.execute("INSERT INTO account VALUES ($1, 'Test', $2, '', '')", account, NOW)
    for version, chosen in VERSIONS.items():
        document = to_document(preset(chosen))
        await connection.execute(
            "INSERT INTO settings_version VALUES ($1, $2, $3, 'test', $4::jsonb)",
            account,
            version,
            NOW,
            document,
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
    subscribers, lines, former, places, sent, events = [], [], [], [], [], []
    number = 0
    for someone in people:
        values = {axis: someone.value(axis).value for axis in Axis}
        times = someone.person_times
        subscribers.append(
            (
                someone.id,
                account,
                someone.id,
                someone.id.hex,
                someone.attributes,
                NOW,
                NOW,
                0,
                b"",
                values[Axis.OPENS],
                times[Axis.OPENS],
                False,
                b"",
                values[Axis.CLICKS],
                times[Axis.CLICKS],
                False,
                b"",
            )
        )
        former += [(each, account, someone.id, NOW, 1, b"") for each in someone.former]
        lines += [
            (
                chain_of,
                place,
                account,
                line.axis.value,
                line.before.value,
                line.after.value,
                line.at,
                "API",
                False,
                line.wording,
                b"",
                1,
            )
            for chain_of, chain in {someone.id: someone.lines, **someone.former}.items()
            for place, line in enumerate(chain, 1)
        ]
        places += [
            (someone.id, each, account, status.value, NOW) for each, status in someone.memberships.items()
        ]
        for row in someone.deliveries:
            number += 1
            sent.append(_delivery_row(account, someone.id, number, row))
            for kind, at, seen, link in row["events"]:
                clicked = link if kind is EventKind.CLICKED else 0
                event_id = UUID(int=len(events) + 1)
                events.append(
                    (
                        someone.id,
                        at,
                        event_id,
                        account,
                        row["mailing"],
                        number,
                        kind.value,
                        clicked,
                        seen.value,
                        "test",
                        1,
                        "",
                        "CAMPAIGN",
                        0,
                        at,
                    )
                )
    axis = [
        f"{name}_{each}"
        for name in ("opens", "clicks")
        for each in ("value", "person_time", "by_person", "hash")
    ]
    return [
        (
            "subscriber",
            [
                "id",
                "account_id",
                "address_id",
                "address",
                "attributes",
                "created_at",
                "changed_at",
                "ledger_length",
                "ledger_head",
                *axis,
            ],
            subscribers,
        ),
        (
            "permission_line",
            [
                "subscriber_id",
                "number",
                "account_id",
                "axis",
                "from_value",
                "to_value",
                "server_time",
                "source",
                "by_person",
                "wording_id",
                "hash",
                "version",
            ],
            lines,
        ),
        (
            "former_subscriber",
            ["id", "account_id", "subscriber_id", "merged_at", "ledger_length", "ledger_head"],
            former,
        ),
        ("membership", ["subscriber_id", "list_id", "account_id", "status", "changed_at"], places),
        ("delivery", _DELIVERY_COLUMNS, sent),
        (
            "event",
            [
                "subscriber_id",
                "occurred_at",
                "id",
                "account_id",
                "mailing_id",
                "delivery_id",
                "kind",
                "link",
                "client_class",
                "rule",
                "rule_version",
                "client_family",
                "channel",
                "user_id",
                "written_at",
            ],
            events,
        ),
    ]


_DELIVERY_COLUMNS = [
    "subscriber_id",
    "id",
    "account_id",
    "mailing_id",
    "message_id",
    "user_id",
    "sent_at",
    "send_day",
    "bounced_at",
    "opens_mode",
    "clicks_mode",
    "settings_version",
    "permission_based",
    "gathered",
    "content_id",
    "in_audience_opens",
    "in_audience_clicks",
    "opens",
    "clicks",
    "first_opened_at",
    "last_opened_at",
    "first_clicked_at",
]


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
        person,
        number,
        account,
        row["mailing"],
        UUID(int=number),
        MAILINGS[row["mailing"]][1],
        row["sent_at"],
        0,
        bounced_at,
        modes[Axis.OPENS].value,
        modes[Axis.CLICKS].value,
        row["version"],
        row["based"],
        row["gathered"],
        1,
        False,
        False,
        len(opens),
        len(clicks),
        min(opens, default=None),
        max(opens, default=None),
        min(clicks, default=None),
    )
