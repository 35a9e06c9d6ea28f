"""Receipts: where one is, and what it holds. The sealed, expiring link is the right to read it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.disclosure.preferences import person_of
from app.disclosure.reader import Reader
from app.domain.modes import Axis
from app.domain.permission import standing
from app.domain.person_links import ReceiptLink
from app.domain.receipts import Principal, ShownWording, receipt
from app.instance import Instance
from app.sealing.keyring import TokenInvalid
from app.sealing.links import open_receipt
from app.storage import accounts, forms, ledger
from app.storage.database import Connection
from app.storage.subscribers import SubscriberRow

VALID_FOR = timedelta(hours=24)
_ALL = 2**31 - 1


def receipt_url(reader: Reader, subscriber_id: UUID) -> str:
    """The address of somebody's receipt, for 24 hours. Raises `Forbidden` without `personal:read`."""
    reader.must_see_people("receiptUrl")
    return url_until(reader.instance, subscriber_id, reader.now + VALID_FOR)


def url_until(instance: Instance, subscriber_id: UUID, until: datetime) -> str:
    """The address of somebody's receipt, valid until a time."""
    return instance.addresses.receipt(ReceiptLink(subscriber_id, int(until.timestamp())))


async def receipt_behind(instance: Instance, token: str) -> dict[str, Any] | None:
    """The receipt that a link leads to, as plain JSON values; None where the link is none, or no longer.

    Raises `NotFound`, `ErasedEarlier` and `DatabaseAway`.
    """
    try:
        link = open_receipt(instance.keyring, token, int(instance.clock().timestamp()))
    except TokenInvalid:
        return None
    async with instance.database.transaction() as connection:
        return await _receipt(instance, connection, await person_of(connection, link.subscriber))


async def _receipt(instance: Instance, connection: Connection, row: SubscriberRow) -> dict[str, Any]:
    account = await connection.fetchrow(accounts.SQL.by_id, row.account_id)
    settings = (await accounts.latest_settings(connection, row.account_id)).settings
    lines = await ledger.page(connection, row.account_id, row.id, after=0, limit=_ALL)
    whose = Principal(
        subscriber=str(row.id),
        account=str(row.account_id),
        account_name="" if account is None else account["name"],
        withdraw_at=f"{instance.public_url.rstrip('/')}/preferences",
    )
    ids = {int.from_bytes(each.line.wording_id, "big") for each in lines if each.line.wording_id}
    now, lifetime = instance.clock(), settings.permission_lifetime_days
    return receipt(
        whose,
        lines,
        await wordings_of(row.account_id, ids),
        {axis: standing(row.permissions.on(axis), lifetime, now) for axis in Axis},
        now,
    )


async def wordings_of(account_id: int, ids: set[int]) -> list[ShownWording]:
    """The wordings of these ids, by id; the caller has a transaction open."""
    rows = [await forms.wording(account_id, each) for each in sorted(ids)]
    return [
        ShownWording(row.id, row.locale, row.text, row.hash.hex(), row.purposes)
        for row in rows
        if row is not None
    ]
