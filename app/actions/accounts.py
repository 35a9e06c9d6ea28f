"""Makes accounts, and changes their settings."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.actions import kept_addresses
from app.actions.mailing_changes import MailingChange, update_mailing
from app.actions.tokens import NewToken, create_token
from app.actions.unit import Unit
from app.domain.errors import (
    Conflict,
    RequestError,
)
from app.domain.modes import Channel
from app.domain.presets import Preset, preset
from app.domain.principal import SCOPES
from app.domain.settings import AccountSettings, changed, problems
from app.domain.texts import checked_name
from app.instance import Instance
from app.storage import accounts
from app.storage.accounts import SettingsVersion
from app.storage.database import Connection

_KEY_BYTES = 32


async def create_account_with_owner(instance: Instance, name: str, actor: str) -> tuple[int, str]:
    """Makes an account and a token with all scopes, both or neither; returns the id and the token's secret."""
    async with instance.database.transaction() as connection:
        account_id = await add_account(instance, connection, name)
        work = Unit(instance, connection, account_id, actor, instance.clock())
        _, secret = await create_token(work, NewToken(f"{name.strip()[:190]} owner", SCOPES))
    return account_id, secret


async def add_account(instance: Instance, connection: Connection, name: str) -> int:
    """Makes an account with keys of its own and the strict preset; returns its id."""
    account_id = instance.new_id()
    context = account_id.to_bytes(8, "big")
    identity, ledger = (
        instance.keyring.wrap(secrets.token_bytes(_KEY_BYTES), purpose + context)
        for purpose in (b"identity", b"ledger")
    )
    now = instance.clock()
    await connection.execute(accounts.SQL.insert, account_id, checked_name(name), now, identity, ledger)
    first = SettingsVersion(1, now, "account:create", preset(Preset.STRICT))
    await accounts.add_settings(connection, account_id, first)
    return account_id


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What changes and nothing else: own fields, fields per channel, and mailings by their place in the call.

    A mailing that stands in the call and changes nothing is None.
    """

    own: dict[str, Any]
    channels: dict[Channel, dict[str, Any]]
    mailings: Sequence[MailingChange | None] = ()


async def update_settings(unit: Unit, change: SettingsChange) -> tuple[int, list[RequestError]]:
    """Adds a version with the change; returns its number, or every reason why there is none."""
    current = await unit.settings()
    wanted = changed(current.settings, change.own, change.channels)
    found = list(problems(wanted))
    if found:
        return current.version, found
    version = await _add(unit, current, wanted)
    for place, each in enumerate(change.mailings):
        if each is not None:
            await update_mailing(unit, each, "mailings", place)
    return version, []


async def apply_preset(unit: Unit, chosen: Preset) -> int:
    """Adds a version that is the preset; mailings keep what they state themselves."""
    return await _add(unit, await unit.settings(), preset(chosen))


async def _add(unit: Unit, current: SettingsVersion, wanted: AccountSettings) -> int:
    if wanted == current.settings:
        return current.version
    version = SettingsVersion(current.version + 1, unit.now, unit.actor, wanted)
    if not await accounts.add_settings(unit.connection, unit.account_id, version):
        raise Conflict
    if wanted.keep_ip != current.settings.keep_ip:
        await kept_addresses.choose(unit, keep_ip=wanted.keep_ip)
    return version.version
