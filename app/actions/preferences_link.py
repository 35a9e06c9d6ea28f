"""Links to the preference center: opens those that come back, and mails fresh ones to who asks for them.

    link           made for        opens as
    from a mail    every mail      the person, for ever; never fresh
    fresh          who asked       the person and fresh, for 24 hours; then as one from a mail
    anything else                  `LinkInvalid`

Whether an address is known shows nowhere: not in the answer, and not in its time, since the door answers before
`link_letters` looks. Source: domain.md §8.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

from app.account_keys import account_keys
from app.actions import letters
from app.domain.addresses import Address, normalise
from app.domain.permission import PermissionSource
from app.domain.person_links import FreshPreferencesLink, PreferencesLink, UnsubscribeLink
from app.instance import Instance
from app.look.languages import language
from app.look.letters import Letter, compose
from app.sealing.keyring import TokenInvalid
from app.sealing.links import open_confirmation, open_preferences, open_unsubscribe
from app.storage import accounts, subscribers
from app.storage.database import Connection, DatabaseAway

FRESH_FOR = timedelta(hours=24)

logger = logging.getLogger(__name__)


class LinkInvalid(Exception):
    """The link was not made here, or is damaged."""


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """Whose page a link opens. `fresh_until` is None where the link is not, or no longer, fresh."""

    subscriber_id: UUID
    fresh_until: datetime | None = None
    source: PermissionSource = PermissionSource.PREFERENCE_CENTER


def opened(instance: Instance, token: str) -> OpenedLink:
    """The person behind a link to the preference center. Raises `LinkInvalid`."""
    try:
        # Opened as of 1970, so that an old fresh link still is the person's: answering never expires.
        link = open_preferences(instance.keyring, token, 0)
    except TokenInvalid:
        raise LinkInvalid from None
    match link:
        case FreshPreferencesLink(subscriber, expires_at) if instance.clock().timestamp() < expires_at:
            return OpenedLink(subscriber, datetime.fromtimestamp(expires_at, UTC))
        case PreferencesLink(subscriber) if link.of_request:
            return OpenedLink(subscriber, source=PermissionSource.REQUEST_MAIL)
        case FreshPreferencesLink(subscriber) | PreferencesLink(subscriber):
            return OpenedLink(subscriber)


def opened_unsubscribe(instance: Instance, token: str) -> UnsubscribeLink:
    """Who leaves which mailing's list. Raises `LinkInvalid`."""
    try:
        return open_unsubscribe(instance.keyring, token)
    except TokenInvalid:
        raise LinkInvalid from None


def opened_confirmation(instance: Instance, form_id: int, token: str) -> UUID:
    """The sign-up of this form that a link confirms. Raises `LinkInvalid`."""
    try:
        confirmation = open_confirmation(instance.keyring, token)
    except TokenInvalid:
        raise LinkInvalid from None
    if confirmation.form != form_id:
        raise LinkInvalid
    return confirmation.pending


def mail_link(instance: Instance, subscriber_id: UUID) -> str:
    """The person's page with a link as it stands in mails."""
    return instance.addresses.preferences(PreferencesLink(subscriber_id))


def fresh_link(instance: Instance, subscriber_id: UUID) -> str:
    """The person's page with a link that is fresh from now on."""
    expires_at = int((instance.clock() + FRESH_FOR).timestamp())
    return instance.addresses.preferences(FreshPreferencesLink(subscriber_id, expires_at))


async def mail_links(instance: Instance, email: str, wanted: str | None) -> None:
    """Mails a fresh link for every account that knows this address; does nothing for text that is no address.

    Runs after the answer, so nobody is there to read an error: it is logged without the address.
    """
    try:
        found = await link_letters(instance, normalise(email), wanted)
    except ValueError:
        return
    except DatabaseAway:
        logger.error("Links to the preference center were not mailed: the database is away")  # noqa: TRY400
        return
    await letters.post(instance, found)


async def link_letters(instance: Instance, address: Address, wanted: str | None) -> Sequence[EmailMessage]:
    """One letter for each account that knows the address, in the person's language or the `wanted` one."""
    async with instance.database.connection() as connection:
        rows = await connection.fetch(accounts.SQL.all_ids)
        found = [await _letter(instance, connection, row["id"], row["name"], address, wanted) for row in rows]
    return [letter for letter in found if letter is not None]


async def _letter(
    instance: Instance,
    connection: Connection,
    account_id: int,
    account: str,
    address: Address,
    wanted: str | None,
) -> EmailMessage | None:
    born = (await account_keys(instance, connection, account_id)).subscriber_id(address)
    row = await subscribers.anywhere(connection, born)
    if row is None or row.account_id != account_id:
        return None
    # A subscriber whose address has changed gets the link where they read mail now.
    local_part, _, domain = row.address.rpartition("@")
    letter = Letter("link", account, fresh_link(instance, row.id))
    spoken = language(wanted, known=row.locale)
    return compose(letter, Address(local_part, domain), spoken, instance.public_url, instance.clock())
