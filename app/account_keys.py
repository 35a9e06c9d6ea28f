"""An account's own secrets, unwrapped: needed by whoever names a subscriber or seals an answer."""

from app.instance import AccountKeys, Instance
from app.storage import accounts
from app.storage.database import Connection, Record


async def account_keys(instance: Instance, connection: Connection, account_id: int) -> AccountKeys:
    """The secrets of an account. They are never rotated, so a process unwraps them once."""
    keys = instance.account_keys.get(account_id)
    if keys is not None:
        return keys
    row = await connection.fetchrow(accounts.SQL.by_id, account_id)
    if row is None:
        message = "The account does not exist."
        raise LookupError(message)
    return keys_of(instance, row)


def keys_of(instance: Instance, row: Record) -> AccountKeys:
    """The secrets of an account whose row was read anyway."""
    account_id: int = row["id"]
    keys = instance.account_keys.get(account_id)
    if keys is None:
        context = account_id.to_bytes(8, "big")
        keys = AccountKeys(
            identity=instance.keyring.unwrap(row["identity_key"], b"identity" + context),
            ledger=instance.keyring.unwrap(row["ledger_key"], b"ledger" + context),
        )
        instance.account_keys[account_id] = keys
    return keys
