"""The file of a mailing: who was sent it, what came of it, and lines that belong to nobody (B7, B11).

    frozen on both axes        lines
    PERSONAL on any            the person's own; an axis that is not PERSONAL reads not measured, 0 and empty
    OFF on both                the person's own, not measured
    ANONYMOUS, none PERSONAL   none of their own: what was counted of all of them together (`domain.campaign_rows`)

Of a person's own line opens and clicks are shown where `disclosure.deliveries` shows them: to readers with `personal:read`,
of mail to one person who has not withdrawn, unless it is another user's one-to-one mail. Without `personal:read` every
contact reads "Anonymized contact". Lines of nobody have the mailing's days, and are shuffled among themselves.
Source: domain.md §6, §7, §8, §11.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from app.disclosure.export_files import beginning, eyes_of
from app.disclosure.reader import Reader
from app.disclosure.reports import reports_of
from app.disclosure.shuffling import shuffled
from app.domain.campaign_rows import AnonymousLine, SendDay, anonymous_lines
from app.domain.csv_cells import line
from app.domain.errors import NotFound
from app.domain.exports import COLUMNS, ExportKind, ExportOrder, Pourable, Write
from app.domain.modes import Axis, ClientClass, EventKind
from app.domain.privacy import SUPPRESSED, Anonymized, AnonymousPart
from app.instance import Instance
from app.storage import accounts, csv_lines, exports, mailings, reports
from app.storage.audiences import Audiences
from app.storage.database import Connection
from app.storage.reports import Counts

_AXES = {
    EventKind.FIRST_OPENING.value: Axis.OPENS,
    EventKind.OPENED.value: Axis.OPENS,
    EventKind.CLICKED.value: Axis.CLICKS,
}
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
        eyes = (reader.sees_people, owned, settings.withdrawal.value)
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
    records = await connection.fetch(mailings.SQL.anywhere, [mailing_id])
    made_under = {each["id"]: (each["account_id"], each["settings_version"]) for each in records}
    counts, over = await reports.counts(connection, made_under)
    first_seen = await connection.fetch(exports.SQL.first_seen, mailing_id)
    seen: dict[int, dict[int, int]] = defaultdict(dict)
    for row in first_seen:
        seen[row["send_day"]][row["first_day"]] = row["n"]
    report = (await reports_of(reader, [mailing_id]))[mailing_id]
    withheld = frozenset({Axis.CLICKS} if report.clicks == SUPPRESSED else ())
    gathered = _Gathered(mailing_id, counts.get(mailing_id, Counts()), over, seen, withheld)
    totals_only = mailing_id in over.totals_only
    days = await _days(reader, connection, mailing_id)
    return [
        (_line(each, days, gathered), each.times)
        for each in anonymous_lines(gathered.send_days(), totals_only=totals_only)
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
class _Gathered:
    """The counters of one mailing, on their way to what may be said.

    What the report withholds of an axis (`withheld`), and hits on links that too few people had, stand on no line.
    """

    mailing_id: int
    counts: Counts
    over: Audiences
    seen: Mapping[int, Mapping[int, int]]
    withheld: frozenset[Axis]

    def send_days(self) -> list[SendDay]:
        unlinked = {row["send_day"] for row in self.counts.unlinked}
        return [
            SendDay(
                each,
                self._parts(each, Axis.OPENS),
                self._parts(each, Axis.CLICKS),
                self._numbers(each) if each in unlinked else None,
            )
            for each in sorted({row["send_day"] for row in self.counts.deliveries})
        ]

    def measured(self, send_day: int, axis: Axis) -> bool:
        """Whether the people of a send day, or of any where none is meant, are enough to be counted."""
        known = {row["send_day"] for row in self.counts.deliveries}
        meant = {send_day} if send_day in known else known
        return any(self._part(each, axis, 0).measured for each in meant)

    def was_delivered(self, send_day: int) -> bool:
        return any(row["delivered"] for row in self.counts.deliveries if row["send_day"] == send_day)

    def _parts(self, send_day: int, axis: Axis) -> dict[int, AnonymousPart]:
        counted: Counter[int] = Counter()
        for row in () if axis in self.withheld else self.counts.tallies:
            of_people = row["client_class"] != ClientClass.SCANNER.value and _AXES.get(row["kind"]) is axis
            suffices = self.over.suffices(self.mailing_id, send_day, row["link"])
            if row["send_day"] == send_day and of_people and suffices:
                counted[row["day"]] += row["shown"]
        return {day: self._part(send_day, axis, count) for day, count in counted.items()}

    def _numbers(self, send_day: int) -> dict[int, AnonymousPart]:
        counted = self.seen.get(send_day, {})
        return {day: self._part(send_day, Axis.OPENS, n, unique=True) for day, n in counted.items()}

    def _part(self, send_day: int, axis: Axis, count: int, *, unique: bool = False) -> AnonymousPart:
        audience = max(self.over.size(self.mailing_id, send_day, axis), 0)
        return AnonymousPart(count, audience, self.over.minimum(self.mailing_id), unique)


def _line(each: AnonymousLine, days: _Days, gathered: _Gathered) -> bytes:
    sent, delivered = days.sent, days.delivered
    if each.send_day:
        sent = _EPOCH + timedelta(days=each.send_day)
        delivered = sent if gathered.was_delivered(each.send_day) else None
    return line(_cells(each, sent, delivered, gathered))


def _cells(
    each: AnonymousLine, sent: date | None, delivered: date | None, gathered: _Gathered
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
