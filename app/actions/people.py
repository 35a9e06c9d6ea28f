"""Finds or makes the subscribers behind addresses, locked, ready to be changed.

    the address is           found as
    known                    its subscriber
    new                      a subscriber that is made
    an erased person's       nobody: it is reported, and nothing is stored

Only `come_back`, for somebody who has shown that the mailbox is theirs, leads past a tombstone. Source: domain.md §8.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.actions import answers
from app.actions.unit import Unit
from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.errors import ErasedEarlier, InvalidEmail, NotFound
from app.domain.modes import Axis
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, answer_of_person
from app.storage import erasure, subscribers
from app.storage.subscribers import SubscriberRow


def address_of(text: str, *path: str | int) -> Address:
    """The normalised address. Raises `InvalidEmail`, which says what is wrong and never repeats the text."""
    try:
        return normalise(text)
    except AddressInvalid as flaw:
        raise InvalidEmail(str(flaw), path=path) from None


@dataclass(frozen=True, slots=True)
class Found:
    """Who is behind addresses, by address text: `rows`, locked, and `erased`, the texts of erased people."""

    rows: dict[str, SubscriberRow]
    erased: frozenset[str]


async def found(unit: Unit, addresses: Iterable[Address], locale: str | None = None) -> Found:
    """The subscribers of these addresses, locked; who is not there yet is made first, who was erased is not."""
    keys = await unit.keys()
    born = {keys.subscriber_id(address): address.text for address in addresses}
    owners = await subscribers.resolve(unit.connection, unit.account_id, list(born))
    missing = {born_id: text for born_id, text in born.items() if owners[born_id] == born_id}
    added = await subscribers.insert_missing(unit.connection, unit.account_id, missing, unit.now, locale)
    if added and await erasure.erased(unit.connection, unit.account_id, added):
        # Erased by another transaction while this one was waiting to add the same person.
        raise ErasedEarlier(path=("email",))
    rows = await subscribers.lock(unit.connection, unit.account_id, list(set(owners.values())))
    return Found(
        rows={text: rows[owners[born_id]] for born_id, text in born.items() if owners[born_id] in rows},
        erased=frozenset(text for born_id, text in born.items() if owners[born_id] not in rows),
    )


async def found_or_made(
    unit: Unit, addresses: Sequence[Address], locale: str | None = None
) -> dict[str, SubscriberRow]:
    """As `found`, where none may be an erased person's. Raises `ErasedEarlier`."""
    people = await found(unit, addresses, locale)
    if people.erased:
        raise ErasedEarlier(path=("email",))
    return people.rows


async def locked(unit: Unit, subscriber_id: UUID) -> SubscriberRow:
    """One subscriber, locked, by the id that it has or had. Raises `NotFound` and `ErasedEarlier`."""
    owners = await subscribers.resolve(unit.connection, unit.account_id, [subscriber_id])
    rows = await subscribers.lock(unit.connection, unit.account_id, list(owners.values()))
    for row in rows.values():
        return row
    if await erasure.erased(unit.connection, unit.account_id, owners.values()):
        raise ErasedEarlier(path=("subscriberId",))
    raise NotFound(path=("subscriberId",))


async def come_back(unit: Unit, address: Address) -> SubscriberRow:
    """The subscriber at an address whose person was erased and has confirmed to be there again, locked.

    They begin under a new id, with the NO of the tombstone; what they confirmed is the caller's to write.
    """
    born = (await unit.keys()).subscriber_id(address)
    owner = (await subscribers.resolve(unit.connection, unit.account_id, [born]))[born]
    erased_at = await unit.connection.fetchval(erasure.SQL.lock_tombstone, owner, unit.account_id)
    # Whoever waited for the lock may find that another confirmation was first.
    again = (await subscribers.resolve(unit.connection, unit.account_id, [born]))[born]
    if erased_at is None or again != owner:
        return await locked(unit, again)
    fresh = UUID(bytes=secrets.token_bytes(16))
    await erasure.add_reborn(unit.connection, unit.account_id, fresh, born, address.text, unit.now)
    no = answer_of_person(NEVER_ASKED, Permission.NO, PermissionSource.ERASURE, unit.now)
    row = await locked(unit, fresh)
    states = dict.fromkeys(Axis, replace(no, person_time=erased_at))
    return await answers.write(unit, row, states, PermissionSource.ERASURE)
