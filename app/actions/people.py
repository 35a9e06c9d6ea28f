"""Finds or makes the subscribers behind ids and addresses, locked, ready to be changed.

Somebody else may merge or move a subscriber while we wait for the lock. Then what we looked up is not true any more,
and we look again: a row that is locked here has, until the transaction ends, the address by which it was asked for.

    asked by      finds
    an id         the person who has or had it, whatever address they have now
    an address    who has it now; after a change of address that is not who had it before (domain.md §3)
"""

import secrets
from collections.abc import Iterable, Mapping
from uuid import UUID

from app.actions import answers
from app.actions.answers import Merged
from app.actions.unit import Unit
from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.errors import Conflict, InvalidEmail, NotFound
from app.domain.permission import PermissionSource
from app.storage import identities, subscribers
from app.storage.subscribers import SubscriberRow

TRIES = 5
"""How often one call looks again; each time somebody else was faster."""


def address_of(text: str, *path: str | int) -> Address:
    """The normalised address. Raises `InvalidEmail`, which says what is wrong and never repeats the text."""
    try:
        return normalise(text)
    except AddressInvalid as flaw:
        raise InvalidEmail(str(flaw), path=path) from None


async def found_or_made(
    unit: Unit, addresses: Iterable[Address], locale: str | None = None
) -> dict[str, SubscriberRow]:
    """The subscribers of these addresses by address text, locked; who is not there yet is made first.

    A NO that stayed on an address comes with it. Raises `Conflict` if others are faster again and again.
    """
    keys = await unit.keys()
    texts = {keys.subscriber_id(address): address.text for address in addresses}
    for _ in range(TRIES):
        rows = await _found_or_made(unit, texts, locale)
        if rows is not None:
            return {text: rows[each] for each, text in texts.items()}
    raise Conflict


async def _found_or_made(
    unit: Unit, texts: Mapping[UUID, str], locale: str | None
) -> dict[UUID, SubscriberRow] | None:
    """Rows by address id, or None where the world has changed meanwhile."""
    owners, made = await make_missing(unit, texts, locale)
    if owners is None:
        return None
    rows = await subscribers.lock(unit.connection, unit.account_id, list(set(owners.values())))
    found = {}
    for address_id, owner in owners.items():
        row = rows.get(owner)
        if row is None or row.address_id != address_id:
            return None
        found[address_id] = row
    return found | await inherited(unit, {each: row for each, row in found.items() if row.id in made})


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
    """One subscriber, locked, by the id that it has or had. Raises `NotFound` and `Conflict`."""
    owner = subscriber_id
    for _ in range(TRIES):
        rows = await subscribers.lock(unit.connection, unit.account_id, [owner])
        if owner in rows:
            return rows[owner]
        before, owner = owner, (await identities.current(unit.connection, [subscriber_id]))[subscriber_id]
        if owner == before:
            raise NotFound(path=("subscriberId",))
    raise Conflict


async def locked_at(unit: Unit, address: Address) -> SubscriberRow:
    """The subscriber who has this address, locked. Raises `NotFound` and `Conflict`."""
    address_id = (await unit.keys()).subscriber_id(address)
    for _ in range(TRIES):
        owners = await subscribers.resolve(unit.connection, unit.account_id, [address_id])
        rows = await subscribers.lock(unit.connection, unit.account_id, list(owners.values()))
        for row in rows.values():
            if row.address_id == address_id:
                return row
        if await subscribers.resolve(unit.connection, unit.account_id, [address_id]) == owners:
            raise NotFound(path=("subscriberId",))
    raise Conflict


async def leave_address(unit: Unit, row: SubscriberRow) -> None:
    """Gives up a subscriber's address: a NO stays on it, and whoever turns up there gets an id of their own."""
    await identities.keep_refusals(unit.connection, row, unit.now)
    fresh = UUID(bytes=secrets.token_bytes(16))
    await unit.connection.execute(identities.SQL.set_alias, row.address_id, unit.account_id, fresh)
