"""Finds or makes the subscribers behind ids and addresses, locked, ready to be changed.

Somebody else may merge, move or erase a subscriber while we wait for the lock. Then what we looked up is not true any
more, and we look again: a row that is locked here has, until the transaction ends, the address by which it was asked for.

    asked by            finds
    an id               the person who has or had it, whatever address they have now
    an address          who has it now; after a change of address that is not who had it before (domain.md §3)
    an erased person's  nobody: it is reported, and nothing is stored (domain.md §8)

Only `come_back`, for somebody who has shown that the mailbox is theirs, leads past a tombstone.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from app.actions import answers
from app.actions.answers import Merged
from app.actions.unit import Unit
from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.errors import Conflict, ErasedEarlier, InvalidEmail, NotFound, RequestError
from app.domain.modes import Axis
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, answer_of_person
from app.storage import erasure, identities, subscribers
from app.storage.subscribers import SubscriberRow

TRIES = 5
"""How often one call looks again; each time somebody else was faster."""


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
    """The subscribers of these addresses, locked; who is not there yet is made first, who was erased is not.

    A NO that stayed on an address comes with it. Raises `Conflict` if others are faster again and again.
    """
    keys = await unit.keys()
    texts = {keys.subscriber_id(address): address.text for address in addresses}
    for _ in range(TRIES):
        looked = await _found(unit, texts, locale)
        if looked is not None:
            rows, erased = looked
            return Found(
                rows={texts[each]: row for each, row in rows.items()},
                erased=frozenset(texts[each] for each in erased),
            )
    raise Conflict


async def _found(
    unit: Unit, texts: Mapping[UUID, str], locale: str | None
) -> tuple[dict[UUID, SubscriberRow], set[UUID]] | None:
    """Rows and erased people by address id, or None where the world has changed meanwhile."""
    owners, made = await make_missing(unit, texts, locale)
    if owners is None:
        return None
    rows = await subscribers.lock(unit.connection, unit.account_id, list(set(owners.values())))
    buried = await erasure.erased(
        unit.connection, unit.account_id, {*(set(owners.values()) - set(rows)), *made}
    )
    if made & buried.keys():
        # Erased by another transaction while this one was waiting to add the same person.
        raise ErasedEarlier(path=("email",))
    found = {address_id: rows[owner] for address_id, owner in owners.items() if owner in rows}
    erased = {address_id for address_id, owner in owners.items() if owner in buried}
    if len(found) + len(erased) < len(owners) or any(row.address_id != each for each, row in found.items()):
        return None
    return found | await inherited(unit, {each: row for each, row in found.items() if row.id in made}), erased


async def found_or_made(
    unit: Unit, addresses: Iterable[Address], locale: str | None = None
) -> dict[str, SubscriberRow]:
    """As `found`, where none may be an erased person's. Raises `ErasedEarlier` and `Conflict`."""
    people = await found(unit, addresses, locale)
    if people.erased:
        raise ErasedEarlier(path=("email",))
    return people.rows


async def make_missing(
    unit: Unit, texts: Mapping[UUID, str], locale: str | None = None
) -> tuple[dict[UUID, UUID] | None, set[UUID]]:
    """Whose each address is (None where that changed meanwhile), and the ids of those who were made just now."""
    connection, account_id = unit.connection, unit.account_id
    owners = await subscribers.resolve(connection, account_id, list(texts))
    wanted = [(owner, address_id, texts[address_id]) for address_id, owner in owners.items()]
    made = await subscribers.insert_missing(connection, account_id, wanted, unit.now, locale)
    # Making somebody may have waited for a transaction that gave the address to somebody else.
    if made and await subscribers.resolve(connection, account_id, list(texts)) != owners:
        await connection.execute(identities.SQL.remove, list(made))
        return None, set()
    return owners, made


async def inherited(unit: Unit, made: Mapping[UUID, SubscriberRow]) -> dict[UUID, SubscriberRow]:
    """New subscribers by address id, with the NOs that stayed on their addresses written into their ledgers."""
    if not made:
        return {}
    kept = await identities.refusals(unit.connection, unit.account_id, made)
    rows = dict(made)
    for address_id, refusals in kept.items():
        for axis, refusal in refusals.items():
            rows[address_id] = await answers.write(
                unit,
                rows[address_id],
                {axis: refusal.state},
                PermissionSource.MERGE,
                merged=Merged(refusal.state.line_hash),
            )
    if kept:
        await unit.connection.execute(identities.SQL.drop_refusals, list(kept))
    return rows


async def locked(unit: Unit, subscriber_id: UUID) -> SubscriberRow:
    """One subscriber, locked, by the id that it has or had. Raises `NotFound`, `ErasedEarlier`, `Conflict`."""
    owner = subscriber_id
    for _ in range(TRIES):
        rows = await subscribers.lock(unit.connection, unit.account_id, [owner])
        if owner in rows:
            return rows[owner]
        before, owner = owner, (await identities.current(unit.connection, [subscriber_id]))[subscriber_id]
        if owner == before:
            raise await _gone(unit, owner, "subscriberId")
    raise Conflict


async def _gone(unit: Unit, subscriber_id: UUID, named_by: str) -> RequestError:
    if await erasure.erased(unit.connection, unit.account_id, [subscriber_id]):
        return ErasedEarlier(path=(named_by,))
    return NotFound(path=(named_by,))


async def locked_at(unit: Unit, address: Address) -> SubscriberRow:
    """The subscriber who has this address, locked. Raises `NotFound`, `ErasedEarlier`, `Conflict`."""
    address_id = (await unit.keys()).subscriber_id(address)
    for _ in range(TRIES):
        owners = await subscribers.resolve(unit.connection, unit.account_id, [address_id])
        rows = await subscribers.lock(unit.connection, unit.account_id, list(owners.values()))
        for row in rows.values():
            if row.address_id == address_id:
                return row
        if await subscribers.resolve(unit.connection, unit.account_id, [address_id]) == owners:
            raise await _gone(unit, owners[address_id], "email")
    raise Conflict


async def leave_address(unit: Unit, row: SubscriberRow) -> None:
    """Gives up a subscriber's address: a NO stays on it, and whoever turns up there gets an id of their own."""
    await identities.keep_refusals(unit.connection, row, unit.now)
    fresh = UUID(bytes=secrets.token_bytes(16))
    await unit.connection.execute(identities.SQL.set_alias, row.address_id, unit.account_id, fresh)


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
