"""Writes a batch of anonymous hits: counters over people who cannot be told apart, or nothing.

Below k nothing is stored. A number of an unlinked mail is kept only as its HMAC under the window's secret; once the
secret is gone, further hits are counted in the totals alone. Source: domain.md §7.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Sequence

from app.actions.days import counted_day, day_number
from app.domain.modes import ClientClass, EventKind
from app.instance import Instance
from app.journal.records import AnonymousRecord
from app.journal.segments import Segment
from app.storage import anonymous
from app.storage.anonymous import SeenNumber, Tally
from app.storage.audiences import Audiences, audiences
from app.storage.database import Connection


async def write_anonymous(
    instance: Instance,
    connection: Connection,
    _segment: Segment,
    records: Sequence[tuple[int, AnonymousRecord]],
) -> None:
    """Counts one batch inside the caller's transaction."""
    ids = list({record.mailing for _, record in records})
    over = await audiences(connection, ids)
    windows = await connection.fetch(anonymous.SQL.windows, ids, day_number(instance.clock()))
    secrets = {(row["mailing_id"], row["send_day"]): row["secret"] for row in windows}
    tallies: Counter[Tally] = Counter()
    seen: Counter[SeenNumber] = Counter()
    for _, record in records:
        if instance.tracking and _counts(record, over):
            tally = _tally(instance, record)
            tallies[tally] += record.count
            secret = secrets.get((record.mailing, tally.send_day))
            if record.number is not None and secret is not None and _is_unique(record):
                seen[_number(tally, record.number, secret)] += record.count
    await anonymous.add_tallies(connection, tallies)
    await anonymous.add_seen(connection, seen)


def _counts(record: AnonymousRecord, over: Audiences) -> bool:
    if record.lowered and record.mailing not in over.counts_late:
        return False
    return over.suffices(record.mailing, record.send_day or 0, record.link)


def _is_unique(record: AnonymousRecord) -> bool:
    """Machines open nothing: their numbers make nobody unique."""
    return record.kind is not EventKind.LOADED_BY_PROXY and record.client_class is not ClientClass.SCANNER


def _tally(instance: Instance, record: AnonymousRecord) -> Tally:
    day = counted_day(instance, record.day)
    send_day = record.send_day or 0
    return Tally(record.mailing, send_day, record.kind.value, record.link, day, record.client_class.value)


def _number(tally: Tally, number: bytes, secret: bytes) -> SeenNumber:
    content = tally.link.to_bytes(4, "big") + number
    tag = hmac.digest(secret, content, hashlib.sha256)[:16]
    return SeenNumber(tally.mailing_id, tally.send_day, tally.link, tag, tally.day)
