"""Settings, their history, and what a choice means."""

from dataclasses import dataclass
from datetime import datetime

from app.disclosure.reader import Reader
from app.domain.impact import Warning as Consequence
from app.domain.impact import warnings
from app.domain.settings import AccountSettings
from app.storage import accounts
from app.storage.accounts import SettingsVersion


@dataclass(frozen=True, slots=True)
class SettingsView:
    """One version of the settings: who made it and when, and what it says."""

    version: int
    at: datetime
    actor: str
    settings: AccountSettings

    @property
    def consequences(self) -> list[Consequence]:
        """What these settings mean for people who never answered, in words."""
        return list(warnings(self.settings))


async def settings(reader: Reader) -> SettingsView:
    """The settings in force."""
    async with reader.instance.database.connection() as connection:
        return _view(await accounts.latest_settings(connection, reader.account_id))


async def settings_history(reader: Reader, *, before: int, limit: int) -> list[SettingsView]:
    """Versions older than `before`, newest first."""
    async with reader.instance.database.connection() as connection:
        rows = await accounts.settings_history(connection, reader.account_id, before, limit)
    return [_view(row) for row in rows]


async def settings_history_backwards(
    reader: Reader, *, after: int, newest: int, limit: int
) -> list[SettingsView]:
    """Versions newer than `after`, up to `newest`, oldest first."""
    async with reader.instance.database.connection() as connection:
        rows = await accounts.settings_history_backwards(connection, reader.account_id, after, newest, limit)
    return [_view(row) for row in rows]


def _view(row: SettingsVersion) -> SettingsView:
    return SettingsView(row.version, row.at, row.actor, row.settings)
