"""The history of somebody's answers, line by line, as the ledger has it."""

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
    hash: str
    previous_hash: str | None


async def lines_of(
    reader: Reader, subscriber_id: UUID, *, key: int | None, backward: bool, limit: int
) -> list[LineView]:
    """A page of one subscriber's lines after (or before) the line numbered `key`, in reading order."""
    async with reader.instance.database.connection() as connection:
        if backward:
            rows = await ledger.page_backwards(
                connection, reader.account_id, subscriber_id, before=key or 2**31 - 1, limit=limit
            )
        else:
            rows = await ledger.page(
                connection, reader.account_id, subscriber_id, after=key or 0, limit=limit
            )
    return [_view(reader, row) for row in rows]


def _view(reader: Reader, sealed: SealedLine) -> LineView:
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
        hash=sealed.seal.hex(),
        previous_hash=None if line.previous_hash is None else line.previous_hash.hex(),
    )
