"""Who reads, and what they may see at all."""

import time
from dataclasses import dataclass
from datetime import datetime

from app.account_keys import account_keys
from app.disclosure.personal_ids import PersonalIds
from app.domain.errors import Forbidden
from app.domain.modes import Channel
from app.domain.principal import Principal, hash_of
from app.instance import Instance, KnownCaller
from app.storage import tokens
from app.storage.database import Record
from app.storage.mailings import MailingRow

PERSONAL = "personal:read"
BELIEVED_SECONDS = 0.5
MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Reader:
    """A principal at the gate of one instance."""

    instance: Instance
    principal: Principal

    @property
    def account_id(self) -> int:
        """The one account that this reader sees anything of."""
        return self.principal.account_id

    @property
    def sees_people(self) -> bool:
        """Whether contacts read as they are; otherwise all of them read as anonymised (domain.md §11)."""
        return self.principal.may(PERSONAL)

    @property
    def ids(self) -> PersonalIds:
        """Ids of what belongs to one subscriber. `authenticate` has brought the account's keys."""
        return PersonalIds(self.instance.account_keys[self.account_id].ids, self.sees_people)

    @property
    def now(self) -> datetime:
        """The time of the question."""
        return self.instance.clock()

    def must_see_people(self, *path: str) -> None:
        """Raises `Forbidden` for a look-up by address, or by what an address can be marked with, without `personal:read`."""
        if not self.sees_people:
            message = f"Looking people up needs the scope {PERSONAL}."
            raise Forbidden(message, path=path)

    def owns(self, mailing: MailingRow) -> bool:
        """Whether events of this mailing exist for this reader: one-to-one mail is its user's alone (P7)."""
        return mailing.channel is not Channel.ONE_TO_ONE or (
            mailing.user_id is not None and mailing.user_id == self.principal.user_id
        )


async def authenticate(instance: Instance, secret: str) -> Principal | None:
    """The principal that a bearer token stands for; None if there is none, or it is revoked or over.

    A token that held is believed for half a second more, so that a busy caller costs no look-up for each request. A
    revocation takes effect within that time.
    """
    secret_hash, asked_at = hash_of(secret), time.monotonic()
    known = instance.callers.get(secret_hash)
    if known is not None and asked_at < known.until:
        return known.principal
    # The look-up is by a hash of 256 random bits, so its timing says nothing about any secret.
    rows = await instance.database.fetch(tokens.SQL.by_hash, secret_hash, instance.clock())
    instance.callers.pop(secret_hash, None)
    for row in rows:
        _note_use(instance, row)
        await _bring_keys(instance, row["account_id"])
        principal = Principal(row["account_id"], row["id"], row["user_id"], frozenset(row["scopes"]))
        if len(instance.callers) >= MOST_CALLERS:
            instance.callers.clear()
        instance.callers[secret_hash] = KnownCaller(principal, asked_at + BELIEVED_SECONDS)
        return principal
    return None


async def _bring_keys(instance: Instance, account_id: int) -> None:
    """Has the account's keys at hand from here on, so that no id costs a statement; once a process and account."""
    if account_id not in instance.account_keys:
        async with instance.database.connection() as connection:
            await account_keys(instance, connection, account_id)


def _note_use(instance: Instance, row: Record) -> None:
    """Remembers the minute of a use that is not written down yet; it is written later, for many tokens at once."""
    minute = instance.clock().replace(second=0, microsecond=0)
    if row["last_used_at"] is None or row["last_used_at"] < minute:
        instance.token_uses[row["id"]] = minute
