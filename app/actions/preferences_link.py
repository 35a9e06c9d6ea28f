"""Links to the preference center: opens those that come back, and mails fresh ones to who asks for them.

    link           made for              opens as
    from a mail    every mail            the person, for ever; never fresh
    handed         a caller of the API   as one from a mail; what is answered names the caller's token
    fresh          who asked             the person and fresh, for 24 hours; then as one from a mail, expired
    anything else                        `LinkInvalid`

Whether an address is known shows nowhere: not in the answer, and not in its time, since the door answers before
`link_letters` looks. Source: domain.md §8.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import assert_never
from uuid import UUID

from app.account_keys import keys_of
from app.actions.letters import Writers, Written, ask_for, mailbox
from app.actions.preferences import PERSON
from app.actions.unit import Unit
from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.letters import LetterKind
from app.domain.permission import PermissionSource
from app.domain.person_links import (
    FreshPreferencesLink,
    HandedPreferencesLink,
    PreferencesLink,
    UnsubscribeLink,
)
from app.instance import Instance
from app.look.languages import language
from app.look.letters import Letter, compose
from app.sealing.keyring import TokenInvalid
from app.sealing.links import open_confirmation, open_preferences, open_unsubscribe
from app.storage import accounts, subscribers
from app.storage.database import DatabaseAway
from app.storage.letters import LetterRow

FRESH_FOR = timedelta(hours=24)

logger = logging.getLogger(__name__)


class LinkInvalid(Exception):
    """The link was not made here, or is damaged."""


class LinkNotFresh(Exception):
    """The link is the person's, but not fresh, or no longer (`expired`); what was asked takes a fresh one."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__()
        self.expired = expired


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """Whose page a link opens. `fresh_until` is None where the link is not, or no longer, fresh.

    `actor` is how the ledger names whoever acts through it; `token_id` is the API token that was handed the link.
    """

    subscriber_id: UUID
    fresh_until: datetime | None = None
    token_id: int | None = None
    source: PermissionSource = PermissionSource.PREFERENCE_CENTER
    expired: bool = False

    def must_be_fresh(self) -> datetime:
        """Until when the link is fresh. Raises `LinkNotFresh`."""
        if self.fresh_until is None:
            raise LinkNotFresh(expired=self.expired)
        return self.fresh_until

    @property
    def actor(self) -> str:
        """The person, and by whose link where a caller of the API was handed it."""
        return PERSON if self.token_id is None else f"{PERSON}, by a link of token:{self.token_id}"


def opened(instance: Instance, token: str) -> OpenedLink:
    """The person behind a link to the preference center. Raises `LinkInvalid`."""
    try:
        # Opened as of 1970, so that an old fresh link still is the person's: answering never expires.
        link = open_preferences(instance.keyring, token, 0)
    except TokenInvalid:
        raise LinkInvalid from None
    match link:
        case FreshPreferencesLink(subscriber, expires_at) if instance.clock().timestamp() < expires_at:
            return OpenedLink(subscriber, fresh_until=datetime.fromtimestamp(expires_at, UTC))
        case HandedPreferencesLink(subscriber, token_id):
            return OpenedLink(subscriber, token_id=token_id)
        case PreferencesLink(subscriber) if link.of_request:
            return OpenedLink(subscriber, source=PermissionSource.REQUEST_MAIL)
        case FreshPreferencesLink(subscriber):
            return OpenedLink(subscriber, expired=True)
        case PreferencesLink(subscriber):
            return OpenedLink(subscriber)
        case _:
            assert_never(link)


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


def lasting_link(instance: Instance, link: OpenedLink) -> str:
    """The person's page with a link that lasts: one as it stands in mails, or a handed one where it came by such."""
    if link.token_id is None:
        return instance.addresses.preferences(PreferencesLink(link.subscriber_id))
    return instance.addresses.preferences(HandedPreferencesLink(link.subscriber_id, link.token_id))


def fresh_link(instance: Instance, subscriber_id: UUID) -> str:
    """The person's page with a link that is fresh from now on."""
    expires_at = int((instance.clock() + FRESH_FOR).timestamp())
    return instance.addresses.preferences(FreshPreferencesLink(subscriber_id, expires_at))


async def mail_links(instance: Instance, email: str, wanted: str | None) -> None:
    """Mails a fresh link for every account that knows this address; does nothing for text that is no address.

    Runs after the answer, so nobody is there to read an error: it is logged without the address. Anybody may ask, so
    an address gets few such mails, and the look-up waits in a queue that can be full.
    """
    try:
        address = normalise(email)
    except AddressInvalid:
        return
    if not instance.link_mails.take(address.text, instance.clock()):
        return
    try:
        await instance.looking_up.run(partial(ask_for_links, instance, address, wanted))
    except DatabaseAway:
        logger.error("Links to the preference center were not mailed: the database is away")  # noqa: TRY400


async def ask_for_links(instance: Instance, address: Address, wanted: str | None) -> None:
    """Asks for one letter in each account that knows the address, in the person's language or the `wanted` one.

    Two statements look, however many accounts there are: ids of an address are computed, not looked up.
    """
    async with instance.database.transaction() as connection:
        known = await connection.fetch(accounts.SQL.all_keys)
        born = [keys_of(instance, row).subscriber_id(address) for row in known]
        for row in await subscribers.everywhere(connection, born):
            unit = Unit(instance, connection, row.account_id, PERSON, instance.clock())
            spoken = language(wanted, known=row.locale)
            await ask_for(unit, LetterKind.LINK, (row.id, row.address_id), spoken.tag)


async def write_link(unit: Unit, row: LetterRow) -> Written | None:
    """The letter with a private link, fresh from now on; none where the person has another address by now."""
    people = await subscribers.by_ids(unit.connection, unit.account_id, [row.subscriber_id])
    person = people.get(row.subscriber_id)
    if person is None or person.address_id != row.address_id:
        return None
    account = await unit.connection.fetchrow(accounts.SQL.by_id, unit.account_id)
    letter = Letter("link", account["name"] if account else "", fresh_link(unit.instance, person.id))
    spoken, public_url = language(row.language), unit.instance.public_url
    return Written(compose(letter, mailbox(person.address), spoken, public_url, unit.now))


WRITERS: Writers = {LetterKind.LINK: write_link}
