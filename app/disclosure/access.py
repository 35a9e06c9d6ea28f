"""Everything about one person, for that person (GDPR 15): a zip of one JSON file and a CSV file for each kind.

Nothing is hidden from the person, whatever the account may still see. The caller has shown that the mailbox is
theirs, with a fresh link. Source: domain.md §8.
"""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.disclosure.preferences import person_of
from app.disclosure.receipts import wordings_of
from app.domain.csv_cells import cell
from app.domain.errors import NotFound
from app.domain.exports import ExportOrder, Pourable, Write
from app.domain.ledger import SealedLine
from app.instance import Instance
from app.storage import access, identities, ledger, lists, mailings
from app.storage.database import Connection, Record
from app.storage.subscribers import SubscriberRow

_ALL = 2**31 - 1
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""A zip cannot say an earlier time, and says nothing of when it was made."""

_COLUMNS = {
    "profile": ("email", "locale", "created_at", "attributes"),
    "memberships": ("list", "status"),
    "permission": (
        "chain", "number", "axis", "from", "to", "reason", "person_time", "server_time", "source", "actor", "note",
        "wording_id", "wording", "hash", "previous_hash",
    ),
    "sign_ups": ("form_id", "opens", "clicks", "wording_id", "created_at", "confirmed_at"),
    "deliveries": (
        "id", "mailing", "channel", "sent_at", "delivered_at", "bounced_at", "opens_mode", "clicks_mode", "opens",
        "first_opened_at", "last_opened_at", "clicks", "clicked_links",
    ),
    "events": ("kind", "occurred_at", "delivery", "link", "client_class", "rule", "client_family", "ip", "country"),
}  # fmt: skip
_Row = Mapping[str, Any]


async def access_file(instance: Instance, order: ExportOrder) -> Pourable:
    """The zip, as the job of an export pours it. Raises `NotFound` and `ErasedEarlier`."""

    async def pour(write: Write) -> int:
        person = order.wanted.subscriber_id
        if person is None:
            raise NotFound
        await write(await access_export(instance, person))
        return 1

    return Pourable(1, pour)


async def access_export(instance: Instance, subscriber_id: UUID) -> bytes:
    """The zip. Raises `NotFound`, `ErasedEarlier` and `DatabaseAway`."""
    async with instance.database.transaction() as connection:
        row = await person_of(connection, subscriber_id)
        found = {
            "profile": [_profile(row)],
            "memberships": await _memberships(connection, row),
            "permission": await _lines(connection, row),
            **await _recorded(connection, row),
        }
    return _zipped(found)


def _profile(row: SubscriberRow) -> _Row:
    return {
        "email": row.address,
        "locale": row.locale,
        "created_at": row.created_at,
        "attributes": row.attributes,
    }


async def _memberships(connection: Connection, row: SubscriberRow) -> list[_Row]:
    found = await lists.memberships(connection, row.account_id, [row.id])
    return [{"list": each.list_name, "status": each.status.value} for each in found.get(row.id, ())]


async def _lines(connection: Connection, row: SubscriberRow) -> list[_Row]:
    formers = (await identities.formers(connection, row.account_id, [row.id])).get(row.id, [])
    # Chains that merges have closed are of this person, too; the oldest first.
    chains = [*(each.id for each in formers), row.id]
    lines = [
        line
        for each in chains
        for line in await ledger.page(connection, row.account_id, each, after=0, limit=_ALL)
    ]
    ids = {_wording_id(each) for each in lines} - {None}
    texts = {each.id: each.text for each in await wordings_of(row.account_id, {each for each in ids if each})}
    return [_line(each, texts) for each in lines]


def _wording_id(sealed: SealedLine) -> int | None:
    wording = sealed.line.wording_id
    return None if wording is None else int.from_bytes(wording, "big")


def _line(sealed: SealedLine, texts: Mapping[int, str]) -> _Row:
    line, wording_id = sealed.line, _wording_id(sealed)
    return {
        "chain": UUID(bytes=line.subscriber),
        "number": line.number,
        "axis": line.axis.value,
        "from": line.from_value.value,
        "to": line.to_value.value,
        "reason": line.reason,
        "person_time": line.person_time,
        "server_time": line.server_time,
        "source": line.source.value,
        "actor": line.actor and line.actor.text,
        "note": line.note and line.note.text,
        "wording_id": wording_id,
        "wording": None if wording_id is None else texts.get(wording_id),
        "hash": sealed.seal.hex(),
        "previous_hash": line.previous_hash and line.previous_hash.hex(),
    }


async def _recorded(connection: Connection, row: SubscriberRow) -> dict[str, list[_Row]]:
    sent = await connection.fetch(access.SQL.deliveries, row.id, row.account_id)
    done = await connection.fetch(access.SQL.events, row.id, row.account_id)
    links = await mailings.links(connection, list({each["mailing_id"] for each in (*sent, *done)}))
    sent_in = await connection.fetch(access.SQL.sign_ups, row.id, row.account_id)
    return {
        "sign_ups": [dict(each) for each in sent_in],
        "deliveries": [_delivery(each, links.get(each["mailing_id"], {})) for each in sent],
        "events": [_event(each, links.get(each["mailing_id"], {})) for each in done],
    }


def _delivery(record: Record, links: Mapping[int, str]) -> _Row:
    taken = {name: record[name] for name in _COLUMNS["deliveries"] if name != "clicked_links"}
    return {**taken, "clicked_links": [links[each] for each in record["clicked_links"] if each in links]}


def _event(record: Record, links: Mapping[int, str]) -> _Row:
    taken = {name: record[name] for name in _COLUMNS["events"] if name not in {"delivery", "link"}}
    return {**taken, "delivery": record["delivery_id"], "link": links.get(record["link"])}


def _zipped(found: Mapping[str, Sequence[_Row]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        whole = {**found, "profile": found["profile"][0]}
        _add(archive, "everything.json", json.dumps(whole, default=_plain, ensure_ascii=False, indent=2))
        for kind, rows in found.items():
            _add(archive, f"{kind}.csv", _csv(_COLUMNS[kind], rows))
    return content.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EARLIEST), text.encode())


def _csv(columns: Sequence[str], rows: Sequence[_Row]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
    return written.getvalue()


def _cell(value: Any) -> str:
    return cell(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
