"""The history of somebody's answers, line by line, as the ledger has it.

It says when which subscriber answered, so the doors ask for `personal:read` before they come here (`subscribers`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.disclosure.reader import Reader
from app.domain.ledger import SealedLine
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource
from app.storage import ledger


@dataclass(frozen=True, slots=True)
class LineView:
    """One line. `actor` is None without `personal:read`."""

    subscriber_id: UUID
    number: int
    axis: Axis
    from_value: Permission
    to_value: Permission
    person_time: datetime | None
    server_time: datetime
    source: PermissionSource
    actor: str | None
    wording_id: int | None
    merged_head: str | None
    hash: str
    previous_hash: str | None


async def lines_by_key(reader: Reader, keys: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], LineView]:
    """Lines by subscriber and number; those of other accounts are absent."""
    ids, numbers = [each for each, _ in keys], [number for _, number in keys]
    rows = await reader.instance.database.fetch(ledger.SQL.by_keys, reader.account_id, ids, numbers)
    views = [view_of(reader, ledger.from_record(row)) for row in rows]
    return {(view.subscriber_id, view.number): view for view in views}


async def lines_of_subscribers(
    reader: Reader, ids: Sequence[UUID], *, key: int | None, backward: bool, limit: int
) -> dict[UUID, list[LineView]]:
    """A page of each subscriber's lines after (or before) the line numbered `key`, in reading order; one statement for all."""
    query, start = (
        (ledger.SQL.of_subscribers_backwards, 2**31 - 1) if backward else (ledger.SQL.of_subscribers, 0)
    )
    rows = await reader.instance.database.fetch(
        query, reader.account_id, list(ids), start if key is None else key, limit
    )
    found: dict[UUID, list[LineView]] = {each: [] for each in ids}
    for row in rows:
        found[row["subscriber_id"]].append(view_of(reader, ledger.from_record(row)))
    return found


async def counts_of_lines(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many lines each subscriber has, in one statement for all."""
    rows = await reader.instance.database.fetch(ledger.SQL.count_of_subscribers, reader.account_id, list(ids))
    return dict.fromkeys(ids, 0) | {row["subscriber_id"]: row["count"] for row in rows}


def view_of(reader: Reader, sealed: SealedLine) -> LineView:
    """A line as this reader may see it."""
    line = sealed.line
    return LineView(
        subscriber_id=UUID(bytes=line.subscriber),
        number=line.number,
        axis=line.axis,
        from_value=line.from_value,
        to_value=line.to_value,
        person_time=line.person_time,
        server_time=line.server_time,
        source=line.source,
        actor=line.actor.text if line.actor and reader.sees_people else None,
        wording_id=None if line.wording_id is None else int.from_bytes(line.wording_id, "big"),
        merged_head=None if line.merged_head is None else line.merged_head.hex(),
        hash=sealed.seal.hex(),
        previous_hash=None if line.previous_hash is None else line.previous_hash.hex(),
    )
