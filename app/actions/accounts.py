"""Makes accounts and tokens, and changes settings."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.actions.mailing_changes import MailingChange, update_mailing
from app.actions.unit import Unit
from app.domain.errors import (
    Conflict,
    Forbidden,
    InvalidValue,
    NotFound,
    RequestError,
)
from app.domain.modes import Channel
from app.domain.presets import Preset, preset
from app.domain.principal import SCOPES, hash_of
from app.domain.settings import AccountSettings, changed, problems
from app.domain.texts import checked_name
from app.instance import Instance
from app.storage import accounts, tokens, users
from app.storage.accounts import SettingsVersion
from app.storage.database import Connection

_KEY_BYTES = 32
TOKEN_PREFIX = "assent_"  # noqa: S105 - the public beginning of every token, so that leaked ones can be found


async def create_account(instance: Instance, name: str) -> int:
    """Makes an account in a transaction of its own; returns its id."""
    async with instance.database.transaction() as connection:
        return await add_account(instance, connection, name)


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
class NewToken:
    """A token to be made. `secret` is given only where somebody has chosen it already."""

    name: str
    scopes: frozenset[str]
    user_id: int | None = None
    expires_at: datetime | None = None
    secret: str | None = None


async def create_token(unit: Unit, wanted: NewToken) -> tuple[int, str]:
    """Makes a token; returns its id and its secret, which is stored nowhere and shown once.

    Raises `InvalidValue` for an unknown scope and `NotFound` where the unit's account does not exist.
    """
    unknown = sorted(wanted.scopes - SCOPES)
    if unknown:
        message = f"There is no scope named {unknown[0][:40]}. The scopes are {', '.join(sorted(SCOPES))}."
        raise InvalidValue(message, path=("scopes",))
    if await unit.connection.fetchrow(accounts.SQL.by_id, unit.account_id) is None:
        raise NotFound(path=("account",))
    secret = wanted.secret or TOKEN_PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    token_id = unit.instance.new_id()
    await unit.connection.execute(
        tokens.SQL.insert,
        token_id,
        unit.account_id,
        wanted.user_id,
        checked_name(wanted.name),
        hash_of(secret),
        sorted(wanted.scopes),
        unit.now,
        wanted.expires_at,
    )
    return token_id, secret


async def check_acts_for(unit: Unit, user_id: int) -> None:
    """Raises `Forbidden` unless this caller may make a token that acts for the user, `NotFound` if there is none.

        caller                    may make a token for
        a token of a user         that user
        a token of the account    users who never had one: the first one

    Whoever holds a user's token reads that user's one-to-one events, which are nobody else's (P7).
    """
    if await unit.connection.fetchrow(users.SQL.lock, unit.account_id, user_id) is None:
        raise NotFound(path=("user",))
    if unit.user_id == user_id:
        return
    if unit.user_id is not None:
        message = "A user's token makes tokens for that user only, or for the whole account."
        raise Forbidden(message, path=("user",))
    if await unit.connection.fetchval(tokens.SQL.any_of_user, unit.account_id, user_id):
        message = "This user has a token already, so only the user's own token makes another."
        raise Forbidden(message, path=("user",))


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
    return version.version
