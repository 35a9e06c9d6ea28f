"""What a person's own page shows: their answers, what follows from them today and why, and their lists.

The sealed link is the right to read this, and nothing else is asked. A link from a mail may have been forwarded,
so it shows the address masked; only a fresh link, mailed on request, shows it whole. "Today" is decided as for a
newsletter that states nothing itself (the account's default for CAMPAIGN). Where mail of another channel shows more, that
is told besides, so that the page never says less than is seen. Source: domain.md §5, §8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.disclosure.brands import BrandView, brand_of
from app.domain.addresses import Address, mask
from app.domain.decisions import DecisionStep, telling_step
from app.domain.errors import ErasedEarlier, NotFound
from app.domain.modes import Axis, Channel, MembershipStatus, TrackingMode
from app.domain.permission import PermissionState, standing
from app.domain.precedence import MailingTracking, Sending, decide
from app.domain.settings import AccountSettings
from app.instance import Instance
from app.storage import accounts, erasure, lists, mailings, subscribers
from app.storage.database import Connection, DatabaseAway
from app.storage.subscribers import SubscriberRow

Away = DatabaseAway
"""What is raised where the database does not answer, for doors, which see no storage."""


OTHER_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.CAMPAIGN)


@dataclass(frozen=True, slots=True)
class AxisView:
    """One axis of a channel: what stands, the mode that follows, and the step of the trace that explains it best."""

    axis: Axis
    stands: PermissionState
    mode: TrackingMode
    because: DecisionStep
    channel: Channel = Channel.CAMPAIGN


@dataclass(frozen=True, slots=True)
class ListView:
    """A list that the person is on, or was."""

    id: int
    name: str
    status: MembershipStatus


@dataclass(frozen=True, slots=True)
class PreferencesView:
    """Everything on the page. `fresh_until` is the end of a fresh link, None for any other link.

    `more` is what mail of other channels shows beyond newsletters.
    """

    brand: BrandView
    address: str
    locale: str | None
    opens: AxisView
    clicks: AxisView
    lists: Sequence[ListView]
    fresh_until: datetime | None
    more: Sequence[AxisView] = ()

    @property
    def account(self) -> str:
        """What the account is called."""
        return self.brand.account

    @property
    def axes(self) -> tuple[AxisView, AxisView]:
        """Both axes in the order in which they are shown."""
        return self.opens, self.clicks


@dataclass(frozen=True, slots=True)
class LeavingView:
    """What a one-click page for a mailing's list says. `list_name` is None where all lists are meant."""

    brand: BrandView
    locale: str | None
    list_name: str | None

    @property
    def account(self) -> str:
        """What the account is called."""
        return self.brand.account


async def preferences(
    instance: Instance, subscriber_id: UUID, fresh_until: datetime | None = None
) -> PreferencesView:
    """The page of one person. Raises `NotFound`, `ErasedEarlier` and `DatabaseAway`."""
    async with instance.database.connection() as connection:
        row = await person_of(connection, subscriber_id)
        version = await accounts.latest_settings(connection, row.account_id)
        places = await lists.memberships(connection, row.account_id, [row.id])
        seen = {axis: _axis(instance, version.settings, row, axis, Channel.CAMPAIGN) for axis in Axis}
        return PreferencesView(
            brand=await brand_of(connection, row.account_id),
            address=row.address if fresh_until else masked(row.address),
            locale=row.locale,
            opens=seen[Axis.OPENS],
            clicks=seen[Axis.CLICKS],
            lists=[
                ListView(place.list_id, place.list_name, place.status)
                for place in places.get(row.id, ())
                if place.status is not MembershipStatus.BOUNCED
            ],
            fresh_until=fresh_until,
            more=[
                other
                for channel in OTHER_CHANNELS
                for axis in Axis
                if (other := _axis(instance, version.settings, row, axis, channel)).mode.rank
                > seen[axis].mode.rank
            ],
        )


async def leaving(instance: Instance, subscriber_id: UUID, mailing_id: int) -> LeavingView:
    """What leaving by a mailing's link means. Raises `NotFound`, `ErasedEarlier` and `DatabaseAway`."""
    async with instance.database.connection() as connection:
        row = await person_of(connection, subscriber_id)
        found = await mailings.by_ids(connection, row.account_id, [mailing_id])
        mailing = found.get(mailing_id)
        brand = await brand_of(connection, row.account_id)
        return LeavingView(brand, row.locale, None if mailing is None else mailing.list_name)


def masked(address: str) -> str:
    """A stored address as somebody sees it who may not be its owner."""
    local_part, _, domain = address.rpartition("@")
    return mask(Address(local_part, domain))


async def person_of(connection: Connection, subscriber_id: UUID) -> SubscriberRow:
    """The person that a sealed link names. Raises `NotFound` and `ErasedEarlier`."""
    row = await subscribers.anywhere(connection, subscriber_id)
    if row is None and await erasure.erased_anywhere(connection, subscriber_id):
        raise ErasedEarlier(path=("subscriber",))
    if row is None:
        raise NotFound(path=("subscriber",))
    return row


def _axis(
    instance: Instance, settings: AccountSettings, row: SubscriberRow, axis: Axis, channel: Channel
) -> AxisView:
    now = instance.clock()
    sending = Sending(
        instance_tracking=instance.tracking,
        settings=settings,
        channel=channel,
        mailing=MailingTracking(),
        addressed=[row.permissions],
        now=now,
    )
    decision = decide(sending).on(axis)
    stands = standing(row.permissions.on(axis), settings.permission_lifetime_days, now)
    return AxisView(axis, stands, decision.mode, telling_step(decision), channel)
