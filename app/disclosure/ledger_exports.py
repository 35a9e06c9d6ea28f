"""The file of an account's ledger: every settled change of permission in the order of the feed, or those of one person.

It holds what `disclosure.ledger` shows of a line, and the reason; who acted reads "Anonymized data" without
`personal:read`. No line names an address. Of one person there are all chains: those that merges have closed, too.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from app.disclosure.event_log_views import within_reach
from app.disclosure.export_files import beginning, eyes_of
from app.disclosure.reader import Reader
from app.disclosure.settled import settled_until
from app.domain.exports import COLUMNS, ExportKind, ExportOrder, Pourable, Write
from app.instance import Instance
from app.storage import csv_lines, exports
from app.storage.database import Connection

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


async def ledger_file(instance: Instance, order: ExportOrder) -> Pourable:
    """The file, ready to be poured. What is settled by now is in it: more lines may follow, none before its last."""
    reader = eyes_of(instance, order)
    # Asked for before the lines are read, as the feed does: a snapshot might miss what was just committed.
    async with instance.database.connection() as connection:
        values = await _asked(reader, order, connection)
    async with instance.database.snapshot() as connection:
        count: int = await connection.fetchval(exports.SQL.ledger_size, *values)
    return Pourable(count, partial(_pour, reader, order, values))


async def _asked(reader: Reader, order: ExportOrder, connection: Connection) -> tuple[Any, ...]:
    wanted, settled = order.wanted, await settled_until(reader, connection)
    chains = None
    if wanted.subscriber_id is not None:
        rows = await connection.fetch(exports.SQL.chains, reader.account_id, wanted.subscriber_id)
        chains = [row["id"] for row in rows]
    until = settled if wanted.until is None else min(within_reach(wanted.until), settled)
    since = _BEGINNING if wanted.since is None else max(within_reach(wanted.since), _BEGINNING)
    return reader.account_id, chains, since, until


async def _pour(reader: Reader, order: ExportOrder, values: tuple[Any, ...], write: Write) -> int:
    await write(beginning(order, COLUMNS[ExportKind.LEDGER]))
    async with reader.instance.database.snapshot() as connection:
        return await csv_lines.pour(
            connection, exports.SQL.ledger_lines, *values, reader.sees_people, write=write
        )
