"""A unit of work: one request, batch or job, with its transaction, its account and its time.

The door opens a unit and thereby owns the transaction; nothing inside commits. An exception that leaves the
block takes everything back.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from app.account_keys import account_keys
from app.domain.settings import AccountSettings
from app.instance import AccountKeys, Instance
from app.storage import accounts
from app.storage.database import Connection
from app.storage.subscribers import SubscriberRow


@dataclass(frozen=True, slots=True)
class Unit:
    """What a verb works with. `actor` names who acts, as the ledger keeps it: a token, a user, or the person."""

    instance: Instance
    connection: Connection
    account_id: int
    actor: str
    now: datetime
    user_id: int | None = None

    async def keys(self) -> AccountKeys:
        """The account's own secrets, unwrapped once per process."""
        return await account_keys(self.instance, self.connection, self.account_id)

    async def settings(self) -> accounts.SettingsVersion:
        """The account's settings as they stand now."""
        return await accounts.latest_settings(self.connection, self.account_id)

    async def settings_of(self, row: SubscriberRow) -> AccountSettings:
        """The account's settings as they stood when a subscriber was locked; those of now for one who was only read."""
        version = row.settings_version
        if version is None:
            return (await self.settings()).settings
        found = await frozen_settings(self.instance, self.connection, self.account_id, {version})
        return found.get(version) or (await self.settings()).settings


@asynccontextmanager
async def unit(
    instance: Instance, account_id: int, actor: str, user_id: int | None = None
) -> AsyncIterator[Unit]:
    """Opens a unit; it commits when the block ends well. Raises `DatabaseAway`."""
    async with instance.database.transaction() as connection:
        yield Unit(instance, connection, account_id, actor, instance.clock(), user_id)


async def frozen_settings(
    instance: Instance, connection: Connection, account_id: int, versions: set[int]
) -> dict[int, AccountSettings]:
    """The settings of given versions. A version never changes, so a process reads each once."""
    known = instance.frozen_settings
    missing = [version for version in versions if (account_id, version) not in known]
    if missing:
        rows = await connection.fetch(accounts.SQL.settings_by_version, account_id, missing)
        for row in rows:
            # Settings that cannot be read any more decide nothing: whoever misses them answers OFF.
            with suppress(ValueError):
                known[account_id, row["version"]] = accounts.settings_of(row["document"])
    return {version: known[account_id, version] for version in versions if (account_id, version) in known}
