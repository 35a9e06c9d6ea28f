"""API tokens: making and revoking them, and when each was used last.

A token is a secret of 256 random bits that is shown once; what is stored is its hash. It stands for its account, or for
one user of it, and may do what its scopes say until it runs out or is revoked.
"""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from app.actions.unit import Unit
from app.domain.errors import Forbidden, InvalidValue, NotFound
from app.domain.principal import SCOPES, hash_of
from app.domain.texts import checked_name
from app.instance import DatabaseAway, Instance
from app.storage import accounts, tokens, users

_KEY_BYTES = 32
NOTING_SECONDS = 5.0
TOKEN_PREFIX = "assent_"  # noqa: S105 - the public beginning of every token, so that leaked ones can be found


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

    Raises `InvalidValue` for an unknown scope or an end that is past, and `NotFound` where the unit's account does not
    exist.
    """
    if wanted.expires_at is not None and wanted.expires_at <= unit.now:
        message = "The token would have run out already. Name a time to come, or leave it out."
        raise InvalidValue(message, path=("expiresAt",))
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


async def revoke_token(unit: Unit, token_id: int) -> None:
    """Ends a token for good; one that has ended already stays as it is. Raises `NotFound`.

    Each process believes a token for half a second after it was looked up, this one no longer at all.
    """
    if await unit.connection.fetchval(tokens.SQL.revoke, unit.account_id, token_id, unit.now) is None:
        raise NotFound(path=("id",))
    unit.instance.callers.clear()


async def note_uses(instance: Instance) -> None:
    """Writes down when tokens were used last: the minutes that looking them up has left, in one statement.

    Raises `DatabaseAway`; they are kept then, for the next time.
    """
    uses, instance.token_uses = instance.token_uses, {}
    if not uses:
        return
    try:
        await instance.database.fetch(tokens.SQL.note_uses, list(uses), list(uses.values()))
    except DatabaseAway:
        instance.token_uses = uses | instance.token_uses
        raise


async def keep_noting_uses(instance: Instance, seconds: float = NOTING_SECONDS) -> None:
    """Does so every few seconds, for as long as it is let; the database may be away."""
    while True:
        await asyncio.sleep(seconds)
        with suppress(DatabaseAway):
            await note_uses(instance)
