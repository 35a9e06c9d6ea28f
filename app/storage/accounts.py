"""Accounts and their versioned settings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from app.domain.settings import AccountSettings, from_document, to_document
from app.storage.database import Connection, Record
from app.storage.queries import load

SQL = load("accounts")


@dataclass(frozen=True, slots=True)
class SettingsVersion:
    """One version of an account's settings: who made it, and when."""

    version: int
    at: datetime
    actor: str
    settings: AccountSettings


@lru_cache(maxsize=256)
def settings_of(document: str) -> AccountSettings:
    """The settings that a stored document says, as its text. Every request asks, and few documents are in use.

    Raises ValueError where it cannot be read.
    """
    return from_document(json.loads(document))


async def latest_settings(connection: Connection, account_id: int) -> SettingsVersion:
    """The settings in force. Every account has at least one version."""
    row = await connection.fetchrow(SQL.latest_settings, account_id)
    if row is None:
        message = "The account has no settings, though one is written when it is created."
        raise LookupError(message)
    return SettingsVersion(row["version"], row["at"], row["actor"], settings_of(row["document"]))


async def settings_history(
    connection: Connection, account_id: int, before: int, limit: int
) -> list[SettingsVersion]:
    """Versions older than `before`, newest first."""
    return _versions(await connection.fetch(SQL.settings_history, account_id, before, limit))


async def settings_history_backwards(
    connection: Connection, account_id: int, after: int, newest: int, limit: int
) -> list[SettingsVersion]:
    """Versions newer than `after`, up to `newest`, oldest first."""
    return _versions(await connection.fetch(SQL.settings_history_backwards, account_id, after, newest, limit))


def _versions(rows: Sequence[Record]) -> list[SettingsVersion]:
    return [
        SettingsVersion(row["version"], row["at"], row["actor"], settings_of(row["document"])) for row in rows
    ]


async def add_settings(connection: Connection, account_id: int, version: SettingsVersion) -> bool:
    """Adds a version; False where another caller has made the same number first."""
    document = to_document(version.settings)
    added = await connection.fetchval(
        SQL.insert_settings, account_id, version.version, version.at, version.actor, document
    )
    return added is not None
