"""The file of a mailing: who was sent it, what came of it, and lines that belong to nobody (B7, B11).

    frozen on both axes        lines
    PERSONAL on any            the person's own; an axis that is not PERSONAL reads not measured, 0 and empty
    OFF on both                the person's own, not measured
    ANONYMOUS, none PERSONAL   none of their own: what was counted of all of them together (`domain.campaign_rows`)

Of a person's own line opens and clicks are shown where `disclosure.deliveries` shows them: to readers with `personal:read`,
of mail to one person who has not withdrawn, unless it is another user's one-to-one mail. Without `personal:read` every
contact reads "Anonymized contact". `ip` is the newest address that the person seems to have come from themselves (class
HUMAN_LIKELY, so no proxy's and no scanner's), on an axis that is shown, of the last 30 days; empty where the account
keeps none. Lines of nobody have the mailing's days, and are shuffled among themselves.
Source: domain.md §6, §7, §8, §11.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from app.disclosure.export_files import beginning, eyes_of
from app.disclosure.reader import Reader
from app.disclosure.report_counts import MailingCounts
from app.disclosure.report_send_days import part_of_send_day, parts_of_send_days
from app.disclosure.reports import counted
from app.disclosure.shuffling import shuffled
from app.domain.campaign_rows import AnonymousLine, SendDay, anonymous_lines
from app.domain.csv_cells import line
from app.domain.errors import NotFound
from app.domain.exports import COLUMNS, ExportKind, ExportOrder, Pourable, Write
from app.domain.modes import Axis
from app.domain.privacy import Anonymized, AnonymousPart
from app.domain.retention import addresses_since
from app.instance import Instance
from app.storage import accounts, csv_lines, exports, mailings, reports
from app.storage.database import Connection

_EPOCH = date(1970, 1, 1)


async def campaign_file(instance: Instance, order: ExportOrder) -> Pourable:
    """The file, ready to be poured. Raises `NotFound` where there is no such mailing."""
    mailing_id = order.wanted.mailing_id or 0
    rows = await instance.database.fetch(reports.SQL.deliveries, [mailing_id])
    return Pourable(
        sum(row["sent"] for row in rows), partial(_pour, eyes_of(instance, order), order, mailing_id)
    )


async def _pour(reader: Reader, order: ExportOrder, mailing_id: int, write: Write) -> int:
    async with reader.instance.database.snapshot() as connection:
        mailing = (await mailings.by_ids(connection, reader.account_id, [mailing_id])).get(mailing_id)
        if mailing is None:
            raise NotFound(path=("mailing_id",))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
        owned = reader.owns(mailing)
        since = addresses_since(reader.now) if settings.keep_ip else None
        eyes = (reader.sees_people, owned, settings.withdrawal.value, since)
        await write(beginning(order, COLUMNS[ExportKind.CAMPAIGN]))
        people = await csv_lines.pour(
            connection, exports.SQL.campaign_people, reader.account_id, mailing_id, *eyes, write=write
        )
        nobodys = await _nobodys(reader, connection, mailing_id) if owned else []
    blocks = shuffled(nobodys)
    while block := await asyncio.to_thread(next, blocks, b""):
        await write(block)
    return people + sum(times for _, times in nobodys)


async def _nobodys(reader: Reader, connection: Connection, mailing_id: int) -> list[tuple[bytes, int]]:
    """The lines of what was counted anonymously, and how many equal ones there are of each."""
    counts = (await counted(reader, connection, [mailing_id], by_day=True))[mailing_id]
    seen: dict[int, dict[int, int]] = defaultdict(dict)
    for row in await connection.fetch(exports.SQL.first_seen, mailing_id):
        seen[row["send_day"]][row["first_day"]] = row["n"]
    gathered = Gathered(counts, seen)
    days = await _days(reader, connection, mailing_id)
    return [
        (_line(each, days, gathered), each.times)
        for each in anonymous_lines(gathered.send_days(), totals_only=not counts.per_part)
    ]


@dataclass(frozen=True, slots=True)
class _Days:
    """When the mailing was first sent and first delivered: its own days, nobody's."""

    sent: date | None
    delivered: date | None


async def _days(reader: Reader, connection: Connection, mailing_id: int) -> _Days:
    found: dict[str, date] = {}
    for row in await connection.fetch(exports.SQL.first_sent, reader.account_id, mailing_id):
        found |= {name: _day(row[name]) for name in ("sent_at", "delivered_at") if row[name] is not None}
    return _Days(found.get("sent_at"), found.get("delivered_at"))


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Gathered:
    """The counters of one mailing, by day, on their way to what may be said; what is withheld stands on no line."""

    counts: MailingCounts
    seen: Mapping[int, Mapping[int, int]]

    def send_days(self) -> list[SendDay]:
        """What the lines are made of."""
        unlinked = set(self.counts.counts.unlinked)
        parts = self._parts()
        return [
            SendDay(
                each,
                parts[each, Axis.OPENS],
                parts[each, Axis.CLICKS],
                self._numbers(each) if each in unlinked else None,
            )
            for each in self.counts.send_days()
        ]

    def measured(self, send_day: int, axis: Axis) -> bool:
        """Whether the people of a send day, or of any where none is meant, are enough to be counted."""
        known = set(self.counts.send_days())
        meant = {send_day} if send_day in known else known
        return any(part_of_send_day(self.counts, each, axis, 0).measured for each in meant)

    def was_delivered(self, send_day: int) -> bool:
        """Whether any mail of a send day was recorded as delivered."""
        rows = self.counts.counts.deliveries
        return any(row["delivered"] for row in rows if row["send_day"] == send_day)

    def _parts(self) -> Mapping[tuple[int, Axis], Mapping[int, AnonymousPart]]:
        found: dict[tuple[int, Axis], dict[int, AnonymousPart]] = defaultdict(dict)
        for tally, part in parts_of_send_days(self.counts, self.counts.counts.tallies).items():
            found[tally.send_day, tally.axis][tally.day] = part
        return found

    def _numbers(self, send_day: int) -> dict[int, AnonymousPart]:
        return {
            day: part_of_send_day(self.counts, send_day, Axis.OPENS, n, unique=True)
            for day, n in self.seen.get(send_day, {}).items()
        }


def _line(each: AnonymousLine, days: _Days, gathered: Gathered) -> bytes:
    sent, delivered = days.sent, days.delivered
    if each.send_day:
        sent = _EPOCH + timedelta(days=each.send_day)
        delivered = sent if gathered.was_delivered(each.send_day) else None
    return line(_cells(each, sent, delivered, gathered))


def _cells(
    each: AnonymousLine, sent: date | None, delivered: date | None, gathered: Gathered
) -> Sequence[object]:
    opened: object = None
    if each.opens:
        opened = Anonymized.DATA.value if each.open_day is None else _EPOCH + timedelta(days=each.open_day)
    return (
        Anonymized.CONTACT.value,
        Anonymized.DATA.value,
        sent,
        delivered,
        gathered.measured(each.send_day, Axis.OPENS),
        opened,
        each.opens,
        gathered.measured(each.send_day, Axis.CLICKS),
        each.clicks,
        Anonymized.DATA.value,
    )
