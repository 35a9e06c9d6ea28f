"""Subscribers: who they are, what they said, what they were sent and did, as far as this reader may see it.

Rule: without `personal:read` a contact is a row with its answers, and nothing on it shows at which address it is. Whoever
knows an address can send mail to it, put it on a list, or write an answer with a time of their own; so none of these
shows on the row, and none chooses it:

    shown                     the id, when it was first seen, the answer on each axis, and how it came about
    "Anonymized contact"      the address
    None                      attributes; when and where an answer was given
    SUPPRESSED                how much was sent and delivered
    NOT_MEASURED              opens, clicks, engagement
    FORBIDDEN                 looking up, filtering or sorting by address; lists, deliveries, the history of answers and
                              of addresses; the people of a list, a mailing, or a segment that asks for more than answers

The same holds the other way round: a delivery is nobody's (`deliveries`). What is left takes sending or writing: a message's
mode, what is refused, counts that a write changes, and the row that it made or whose answer it changed. Source: domain.md §11.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.account_keys import account_keys
from app.disclosure.reader import Reader
from app.domain.addresses import AddressInvalid, normalise, normalise_beginning
from app.domain.errors import Forbidden
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionState, standing
from app.domain.person_links import HandedPreferencesLink
from app.domain.precedence import Permissions
from app.domain.privacy import NOT_MEASURED_ON_PAGE, SUPPRESSED, Anonymized, Figure, contact_cell, exact
from app.domain.settings import AccountSettings
from app.domain.texts import storable
from app.domain.withdrawal import hides
from app.instance import AccountKeys
from app.storage import accounts, deliveries, identities, subscribers
from app.storage.database import Record
from app.storage.subscribers import SubscriberRow


class _Gate(NamedTuple):
    """What decides how a row reads: made once for all rows of an answer."""

    sees_people: bool
    lifetime_days: int | None
    now: datetime
    whole: bool = True

    def must_be_whole(self) -> None:
        """Raises `LookupError` where a column is read that nobody said they would ask for."""
        if not self.whole:
            message = "This page was read without attributes, reasons and times."
            raise LookupError(message)


class SubscriberView:
    """One subscriber, as the table at the top says.

    Pages hold thousands, and few ask for everything, so what the row holds is read when it is asked for.
    """

    __slots__ = ("_gate", "_row", "id")

    def __init__(self, gate: _Gate, row: Record) -> None:
        """`row` is the subscriber's as it came from storage."""
        self._gate = gate
        self._row = row
        self.id: UUID = row["id"]

    @property
    def email(self) -> str:
        """The address, or what stands instead."""
        gate = self._gate
        return contact_cell(self._row["address"], Anonymized.CONTACT, may_read_personal=gate.sees_people)

    @property
    def attributes(self) -> dict[str, Any] | None:
        """Own attributes by name."""
        if not self._gate.sees_people:
            return None
        self._gate.must_be_whole()
        found: str | dict[str, Any] = self._row["attributes"]
        return json.loads(found) if isinstance(found, str) else found

    @property
    def created_at(self) -> datetime:
        """When the subscriber was first seen."""
        created_at: datetime = self._row["created_at"]
        return created_at

    @property
    def opens(self) -> PermissionState:
        """What stands for opens."""
        return self.on(Axis.OPENS)

    @property
    def clicks(self) -> PermissionState:
        """What stands for clicks."""
        return self.on(Axis.CLICKS)

    def value(self, axis: Axis) -> Permission:
        """The answer on an axis alone, which is what most callers want."""
        value = subscribers.shown_value(self._row, axis)
        lasts = value is not Permission.YES or self._gate.lifetime_days is None
        return value if lasts else self.on(axis).value

    def on(self, axis: Axis) -> PermissionState:
        """What stands on an axis now; without `personal:read` the answer and its reason alone."""
        gate = self._gate
        gate.must_be_whole()
        stands = standing(subscribers.shown_state(self._row, axis), gate.lifetime_days, gate.now)
        return stands if gate.sees_people else PermissionState(stands.value, stands.reason)


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
        rows = await subscribers.records(connection, reader.account_id, list(set(owners.values())))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    views = {view.id: view for view in subscriber_views(reader, settings, list(rows.values()))}
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
        rows = await subscribers.records(connection, reader.account_id, list(owners.values()))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    # Whoever was born with the address may have left it.
    here = [row for row in rows.values() if row["address_id"] == address_id]
    return next(iter(subscriber_views(reader, settings, here)), None)


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
    """Which page of subscribers is asked for. Sorting by address, and every filter, needs `personal:read`.

    `after` is the place beyond which it is read: a time or an address, and the subscriber there. A `backward` page is read
    from the end, or from that place, back to the start.
    """

    limit: int
    after: tuple[datetime | str, UUID] | None = None
    list_id: int | None = None
    text: str | None = None
    by_email: bool = False
    backward: bool = False
    whole: bool = True
    """Whether more is asked for than ids, addresses, times of creation and the answers alone."""


async def page_of_subscribers(reader: Reader, page: SubscriberPage) -> list[SubscriberView]:
    """A page of subscribers, by creation or by address. Raises `Forbidden`."""
    query = _page_query(reader, page)
    async with reader.instance.database.connection() as connection:
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
        whole = page.whole or settings.permission_lifetime_days is not None
        records = await connection.fetch(*query, whole)
    return subscriber_views(reader, settings, records, whole=whole)


def _page_query(reader: Reader, page: SubscriberPage) -> tuple[Any, ...]:
    filters = page_filters(reader, page)
    forwards, backwards = _BY_EMAIL if page.by_email else _BY_CREATION
    place = page.after or (None, None)
    return backwards if page.backward else forwards, reader.account_id, *place, *filters


_BY_EMAIL = (subscribers.SQL.page_by_email, subscribers.SQL.page_by_email_backwards)
_BY_CREATION = (subscribers.SQL.page_by_creation, subscribers.SQL.page_by_creation_backwards)


def page_filters(reader: Reader, page: SubscriberPage) -> tuple[int | None, str | None, int]:
    """List, prefix and limit of a page, as its statements take them. Raises `Forbidden`."""
    _check_filter(reader, page.list_id, page.text)
    if page.by_email:
        reader.must_see_people("orderBy")
    return page.list_id, _prefix(page.text), page.limit


def _check_filter(reader: Reader, list_id: int | None, text: str | None) -> None:
    if text is not None:
        reader.must_see_people("filter", "text")
    if list_id is not None:
        reader.must_see_people("filter", "listId")


def _prefix(text: str | None) -> str | None:
    if text is None:
        return None
    begins = normalise_beginning(storable(text, "filter", "text"))
    escaped = begins.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"{escaped}%"


async def count_subscribers(reader: Reader, list_id: int | None, text: str | None) -> int:
    """How many subscribers a filter has, up to 10,001."""
    _check_filter(reader, list_id, text)
    rows = await reader.instance.database.fetch(
        subscribers.SQL.count, reader.account_id, list_id, _prefix(text)
    )
    count: int = rows[0]["count"]
    return count


async def overviews(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, OverviewView]:
    """What each subscriber was sent and did, in one statement for all of them; withheld without `personal:read`."""
    if not reader.sees_people:
        return dict.fromkeys(ids, _WITHHELD)
    async with reader.instance.database.connection() as connection:
        rows = await connection.fetch(
            deliveries.SQL.overview, reader.account_id, list(ids), reader.principal.user_id
        )
        people = await subscribers.by_ids(connection, reader.account_id, list(ids))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    found = {row["subscriber_id"]: row for row in rows}
    return {each: _overview(reader, settings, people.get(each), found.get(each)) for each in ids}


_WITHHELD = OverviewView(SUPPRESSED, SUPPRESSED, NOT_MEASURED_ON_PAGE, NOT_MEASURED_ON_PAGE)


def _overview(
    reader: Reader, settings: AccountSettings, person: SubscriberRow | None, counts: Any
) -> OverviewView:
    if counts is None:
        return OverviewView(exact(0), exact(0), NOT_MEASURED_ON_PAGE, NOT_MEASURED_ON_PAGE)

    def measured(axis: Axis, name: str) -> Figure:
        shown = (
            counts[f"measured_{name}"] > 0
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
    """Whether what was recorded of somebody is hidden now: they said no, and hiding was promised with it."""
    return hides(standing(permissions.on(axis), settings.permission_lifetime_days, now), settings.withdrawal)


def subscriber_views(
    reader: Reader, settings: AccountSettings, rows: Sequence[Record], *, whole: bool = True
) -> list[SubscriberView]:
    """Rows as this reader may see them, also for the other parts of the gate."""
    gate = _Gate(reader.sees_people, settings.permission_lifetime_days, reader.now, whole=whole)
    return [SubscriberView(gate, row) for row in rows]
