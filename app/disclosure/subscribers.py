"""Subscribers: who they are, what they said, what they were sent and did, as far as this reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.account_keys import account_keys
from app.disclosure.reader import Reader
from app.domain.addresses import AddressInvalid, normalise
from app.domain.errors import Forbidden
from app.domain.modes import Axis
from app.domain.permission import PermissionState, standing
from app.domain.person_links import HandedPreferencesLink
from app.domain.precedence import Permissions
from app.domain.privacy import NOT_MEASURED_ON_PAGE, Anonymized, Figure, contact_cell, exact
from app.domain.settings import AccountSettings
from app.domain.texts import storable
from app.domain.withdrawal import hides
from app.instance import AccountKeys
from app.storage import accounts, deliveries, identities, lists, subscribers
from app.storage.lists import MembershipRow
from app.storage.subscribers import SubscriberRow


@dataclass(frozen=True, slots=True)
class SubscriberView:
    """One subscriber. `email` reads "Anonymized contact" and `attributes` is None without `personal:read`."""

    id: UUID
    email: str
    attributes: dict[str, Any] | None
    created_at: datetime
    opens: PermissionState
    clicks: PermissionState


@dataclass(frozen=True, slots=True)
class OverviewView:
    """What somebody was sent, and did; opens and clicks that nobody measured are 0 and say so."""

    sent: Figure
    delivered: Figure
    opens: Figure
    clicks: Figure


async def subscribers_by_id(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, SubscriberView]:
    """The subscribers by the ids they have or had; ids of other accounts are absent."""
    async with reader.instance.database.connection() as connection:
        owners = await identities.current(connection, ids)
        rows = await subscribers.by_ids(connection, reader.account_id, list(set(owners.values())))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    views = {row.id: _view(reader, settings, row) for row in rows.values()}
    return {asked: views[owner] for asked, owner in owners.items() if owner in views}


async def subscriber_by_address(reader: Reader, email: str) -> SubscriberView | None:
    """The subscriber at an address. Raises `Forbidden` without `personal:read`; no address is nobody's."""
    reader.must_see_people("email")
    try:
        address = normalise(email)
    except AddressInvalid:
        return None
    async with reader.instance.database.connection() as connection:
        keys: AccountKeys = await account_keys(reader.instance, connection, reader.account_id)
        address_id = keys.subscriber_id(address)
        owners = await subscribers.resolve(connection, reader.account_id, [address_id])
        rows = await subscribers.by_ids(connection, reader.account_id, list(owners.values()))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    # Whoever was born with the address may have left it.
    here = (row for row in rows.values() if row.address_id == address_id)
    return next((_view(reader, settings, row) for row in here), None)


def preferences_url(reader: Reader, subscriber_id: UUID) -> str:
    """The person's page in the preference center, by a link that names the reader's token. Raises `Forbidden`.

    Who holds it acts as the person, and the ledger says by whose link.
    """
    reader.must_see_people("preferencesUrl")
    if not reader.principal.may("subscribers:write"):
        raise Forbidden(path=("preferencesUrl",))
    link = HandedPreferencesLink(subscriber_id, reader.principal.token_id)
    return reader.instance.addresses.preferences(link)


@dataclass(frozen=True, slots=True)
class SubscriberPage:
    """Which page of subscribers is asked for. Sorting or filtering by address needs `personal:read`."""

    limit: int
    after: tuple[datetime, UUID] | UUID | None = None
    list_id: int | None = None
    text: str | None = None
    by_email: bool = False


async def page_of_subscribers(reader: Reader, page: SubscriberPage) -> list[SubscriberView]:
    """A page of subscribers, by creation or by address."""
    _check(reader, page)
    async with reader.instance.database.connection() as connection:
        records = await connection.fetch(*_page_query(reader, page))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    return [_view(reader, settings, subscribers.from_record(record)) for record in records]


def _page_query(reader: Reader, page: SubscriberPage) -> tuple[Any, ...]:
    filters = page.list_id, _prefix(page.text), page.limit
    if page.by_email:
        return subscribers.SQL.page_by_email, reader.account_id, page.after, *filters
    created_at, subscriber_id = page.after if isinstance(page.after, tuple) else (None, None)
    return subscribers.SQL.page_by_creation, reader.account_id, created_at, subscriber_id, *filters


def _check(reader: Reader, page: SubscriberPage) -> None:
    if page.text is not None:
        reader.must_see_people("filter", "text")
    if page.by_email:
        reader.must_see_people("orderBy")


def _prefix(text: str | None) -> str | None:
    if text is None:
        return None
    escaped = (
        storable(text, "filter", "text")
        .strip()
        .lower()
        .replace("\\", r"\\")
        .replace("%", r"\%")
        .replace("_", r"\_")
    )
    return f"{escaped}%"


async def count_subscribers(reader: Reader, list_id: int | None, text: str | None) -> int:
    """How many subscribers a filter has, up to 10,001."""
    if text is not None:
        reader.must_see_people("filter", "text")
    rows = await reader.instance.database.fetch(
        subscribers.SQL.count, reader.account_id, list_id, _prefix(text)
    )
    count: int = rows[0]["count"]
    return count


async def memberships(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, list[MembershipRow]]:
    """The lists that each subscriber is or was on."""
    async with reader.instance.database.connection() as connection:
        return await lists.memberships(connection, reader.account_id, list(ids))


async def overviews(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, OverviewView]:
    """What each subscriber was sent and did, in one statement for all of them."""
    async with reader.instance.database.connection() as connection:
        rows = await connection.fetch(
            deliveries.SQL.overview, reader.account_id, list(ids), reader.principal.user_id
        )
        people = await subscribers.by_ids(connection, reader.account_id, list(ids))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    found = {row["subscriber_id"]: row for row in rows}
    return {each: _overview(reader, settings, people.get(each), found.get(each)) for each in ids}


def _overview(
    reader: Reader, settings: AccountSettings, person: SubscriberRow | None, counts: Any
) -> OverviewView:
    if counts is None:
        return OverviewView(exact(0), exact(0), NOT_MEASURED_ON_PAGE, NOT_MEASURED_ON_PAGE)

    def measured(axis: Axis, name: str) -> Figure:
        shown = (
            reader.sees_people
            and counts[f"measured_{name}"] > 0
            and person is not None
            and not hidden(settings, person.permissions, axis, reader.now)
        )
        return exact(counts[name]) if shown else NOT_MEASURED_ON_PAGE

    return OverviewView(
        sent=exact(counts["sent"]),
        delivered=exact(counts["delivered"]),
        opens=measured(Axis.OPENS, "opens"),
        clicks=measured(Axis.CLICKS, "clicks"),
    )


def hidden(settings: AccountSettings, permissions: Permissions, axis: Axis, now: datetime) -> bool:
    """Whether what was recorded of somebody is hidden now: they said no, and hiding was promised with it (domain.md §8)."""
    return hides(standing(permissions.on(axis), settings.permission_lifetime_days, now), settings.withdrawal)


def subscriber_views(
    reader: Reader, settings: AccountSettings, rows: Sequence[SubscriberRow]
) -> list[SubscriberView]:
    """Rows as this reader may see them, for the other parts of the gate."""
    return [_view(reader, settings, row) for row in rows]


def _view(reader: Reader, settings: AccountSettings, row: SubscriberRow) -> SubscriberView:
    lifetime, now = settings.permission_lifetime_days, reader.now
    return SubscriberView(
        id=row.id,
        email=contact_cell(row.address, Anonymized.CONTACT, may_read_personal=reader.sees_people),
        attributes=row.attributes if reader.sees_people else None,
        created_at=row.created_at,
        opens=standing(row.permissions.opens, lifetime, now),
        clicks=standing(row.permissions.clicks, lifetime, now),
    )
