"""Anchors the ledger: writes down, once a day, where every chain of an account ends, in the database and outside.

The row is committed before the files are written, so a crash in between leaves files that are behind; the next
anchor brings them up to date. Source: domain.md §3.
"""

import logging
from pathlib import Path

from app.account_keys import account_keys
from app.domain.anchors import Anchor, Heads, SealedAnchor, seal_anchor
from app.domain.errors import Conflict, NotFound
from app.instance import Instance
from app.storage import accounts, anchors
from app.storage.anchor_files import AnchorFiles
from app.storage.database import Connection, hold_up_no_feed

logger = logging.getLogger(__name__)


async def anchor_daily(instance: Instance, data: Path) -> None:
    """Anchors the accounts that have no anchor of this day (UTC) yet. Raises `DatabaseAway`.

    Files that cannot be written or read are logged, and the other jobs go on.
    """
    today = instance.clock().date()
    for account_id in await accounts_to_anchor(instance):
        async with instance.database.connection() as connection:
            newest = await anchors.newest(connection, account_id)
        if newest is None or newest.anchor.at.date() < today:
            try:
                await anchor_account(instance, data, account_id)
            except (Conflict, OSError, ValueError) as failure:
                logger.error("The ledger was not anchored: %s", type(failure).__name__)  # noqa: TRY400


async def accounts_to_anchor(instance: Instance) -> list[int]:
    """Every account. Raises `DatabaseAway`."""
    return [row["id"] for row in await instance.database.fetch(accounts.SQL.all_ids)]


async def anchor_account(instance: Instance, data: Path, account_id: int) -> Anchor:
    """Anchors one account now. Raises `Conflict` where another process does, and `NotFound` for no account."""
    files = AnchorFiles(data, account_id)
    async with instance.database.connection() as connection:
        if await connection.fetchrow(accounts.SQL.by_id, account_id) is None:
            raise NotFound(path=("account",))
        before = await anchors.newest(connection, account_id)
    number = 1 if before is None else before.anchor.number + 1
    with files.replacing_heads(number) as file:
        summed = Heads()
        async with instance.database.transaction() as connection:
            await hold_up_no_feed(connection)
            async for head in anchors.heads(connection, account_id):
                summed.add(head)
                file.write(head.pack())
            sealed = await _sealed(instance, connection, account_id, number, before, summed)
            if not await anchors.add(connection, sealed):
                raise Conflict
    await _bring_up_to_date(instance, files)
    return sealed.anchor


async def _sealed(
    instance: Instance,
    connection: Connection,
    account_id: int,
    number: int,
    before: SealedAnchor | None,
    summed: Heads,
) -> SealedAnchor:
    anchor = Anchor(
        account=account_id,
        number=number,
        at=instance.clock(),
        subscribers=summed.subscribers,
        lines=summed.lines,
        digest=summed.digest,
        previous=None if before is None else before.seal,
    )
    key = (await account_keys(instance, connection, account_id)).ledger
    return SealedAnchor(anchor, seal_anchor(anchor, key))


async def _bring_up_to_date(instance: Instance, files: AnchorFiles) -> None:
    outside = files.anchors()
    last = outside[-1].anchor.number if outside else 0
    async with instance.database.connection() as connection:
        kept = await anchors.all_of(connection, files.account_id)
    files.append([each for each in kept if each.anchor.number > last])
