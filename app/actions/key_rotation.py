"""Wraps the accounts' own secrets under the newest key of the instance.

Those secrets themselves never change: they name subscribers and seal the ledger. What changes is the key that they lie
under at rest, so that an older key is needed for links of mails already sent, and for nothing else.
"""

from dataclasses import dataclass

from app.instance import Instance
from app.sealing.keyring import SecretInvalid
from app.storage import accounts
from app.storage.database import Connection, Record
from app.storage.queries import load

_HEALTH = load("health")
_PURPOSES = (b"identity", b"ledger")


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many accounts were wrapped anew, and of how many no key of ours opens the secrets."""

    accounts: int
    closed: int


async def rewrap_accounts(instance: Instance) -> Rewrapped:
    """Wraps the secrets of every account that lie under an older key. Raises `DatabaseAway`.

    Whoever holds the older keys only can read them no more, so every process must know the newest key by now.
    """
    moved = closed = 0
    async with instance.database.transaction() as connection:
        for row in await connection.fetch(accounts.SQL.all_keys):
            try:
                moved += await _rewrap(instance, connection, row)
            except SecretInvalid:
                closed += 1
    return Rewrapped(moved, closed)


async def others_connected(instance: Instance) -> bool:
    """Whether other processes of Assent use this database, on this machine or another. Raises `DatabaseAway`."""
    async with instance.database.connection() as connection:
        count: int = await connection.fetchval(_HEALTH.others_connected)
    return count > 0


async def _rewrap(instance: Instance, connection: Connection, row: Record) -> bool:
    """Whether there was anything to do. Wrapping is the same every time, so what lies under the newest key stays."""
    old = row["identity_key"], row["ledger_key"]
    context = row["id"].to_bytes(8, "big")
    new = [
        instance.keyring.wrap(instance.keyring.unwrap(wrapped, purpose + context), purpose + context)
        for purpose, wrapped in zip(_PURPOSES, old, strict=True)
    ]
    if tuple(new) == old:
        return False
    await connection.execute(accounts.SQL.rewrap, row["id"], *new, *old)
    return True
