"""Erased people: what goes, what is detached, and the tombstone that stays. A tombstone holds no address."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.storage import kept_addresses, recent_clicks
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("erasure")

NOBODY = UUID(int=0)
"""Who stands among the recipients of a message in an erased person's place."""

_BY_SUBSCRIBER = (
    SQL.erase_texts,
    SQL.delete_deliveries,
    SQL.delete_events,
    kept_addresses.SQL.forget_person,
    recent_clicks.SQL.forget_person,
    SQL.delete_memberships,
    SQL.delete_sign_ups,
    SQL.delete_letters,
    SQL.delete_subscriber,
)


async def erased(connection: Connection, account_id: int, ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Those of the subscribers that were erased, and when."""
    rows = await connection.fetch(SQL.tombstones, account_id, list(ids))
    return {row["subscriber_id"]: row["erased_at"] for row in rows}


async def erased_anywhere(connection: Connection, subscriber_id: UUID) -> bool:
    """Whether the person that a sealed link names was erased."""
    return await connection.fetchrow(SQL.tombstone_anywhere, subscriber_id) is not None


async def bury(
    connection: Connection, account_id: int, subscriber_id: UUID, chain: tuple[int, bytes], now: datetime
) -> None:
    """Deletes a subscriber and everything of them, and leaves a tombstone with the end of their ledger.

    The caller has locked the subscriber.
    """
    await connection.execute(SQL.bury, subscriber_id, account_id, now, *chain)
    for former in await connection.fetch(SQL.bury_former, subscriber_id, now):
        await connection.execute(SQL.erase_texts, former["subscriber_id"])
    await connection.execute(SQL.delete_former, subscriber_id)
    await connection.execute(SQL.forget_leaver, subscriber_id, NOBODY)
    await _detach(connection, account_id, subscriber_id)
    for statement in _BY_SUBSCRIBER:
        await connection.execute(statement, subscriber_id)


async def _detach(connection: Connection, account_id: int, subscriber_id: UUID) -> None:
    sent = await connection.fetch(SQL.sent, subscriber_id, account_id)
    ids = [row["id"] for row in sent]
    # An id of its own for each, so that not even the deliveries of one nobody lie together.
    nobodies = [UUID(bytes=secrets.token_bytes(16)) for _ in sent]
    await connection.execute(SQL.detach, subscriber_id, ids, nobodies)
    messages = [(row["message_id"], row["id"]) for row in sent if row["gathered"]]
    if messages:
        keys = [list(column) for column in zip(*messages, strict=True)]
        await connection.execute(SQL.forget_recipient, subscriber_id, NOBODY, *keys)


async def add_reborn(
    connection: Connection,
    account_id: int,
    subscriber_id: UUID,
    address_id: UUID,
    address: str,
    now: datetime,
) -> None:
    """Adds a subscriber under a new id at an address that leads to an erased one, and lets the address lead there."""
    await connection.execute(SQL.reborn, subscriber_id, account_id, address_id, address, now)
    await connection.execute(SQL.lead, address_id, account_id, subscriber_id)
