"""Finds or makes the subscribers behind addresses, locked, ready to be changed."""

from collections.abc import Iterable
from uuid import UUID

from app.actions.unit import Unit
from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.errors import InvalidEmail, NotFound
from app.storage import subscribers
from app.storage.subscribers import SubscriberRow


def address_of(text: str, *path: str | int) -> Address:
    """The normalised address. Raises `InvalidEmail`, which says what is wrong and never repeats the text."""
    try:
        return normalise(text)
    except AddressInvalid as flaw:
        raise InvalidEmail(str(flaw), path=path) from None


async def found_or_made(
    unit: Unit, addresses: Iterable[Address], locale: str | None = None
) -> dict[str, SubscriberRow]:
    """The subscribers of these addresses by address text, locked; who is not there yet is made first."""
    keys = await unit.keys()
    born = {keys.subscriber_id(address): address.text for address in addresses}
    owners = await subscribers.resolve(unit.connection, unit.account_id, list(born))
    missing = {born_id: text for born_id, text in born.items() if owners[born_id] == born_id}
    await subscribers.insert_missing(unit.connection, unit.account_id, missing, unit.now, locale)
    rows = await subscribers.lock(unit.connection, unit.account_id, list(set(owners.values())))
    return {text: rows[owners[born_id]] for born_id, text in born.items()}


async def locked(unit: Unit, subscriber_id: UUID) -> SubscriberRow:
    """One subscriber, locked, by the id that it has or had. Raises `NotFound`."""
    owners = await subscribers.resolve(unit.connection, unit.account_id, [subscriber_id])
    rows = await subscribers.lock(unit.connection, unit.account_id, list(owners.values()))
    for row in rows.values():
        return row
    raise NotFound(path=("subscriberId",))
