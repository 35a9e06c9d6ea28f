"""Makes and changes subscribers on behalf of callers of the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.actions import answers, lists, people
from app.actions.answers import NOTHING_ASKED, Asked
from app.actions.unit import Unit
from app.domain.errors import InvalidValue, NotFound, RequestError
from app.domain.modes import MembershipStatus
from app.domain.permission import PermissionChange, PermissionSource
from app.domain.texts import checked_locale, merged_attributes
from app.storage import subscribers
from app.storage.tables import Wording


@dataclass(frozen=True, slots=True)
class Profile:
    """What a caller says about one address."""

    email: str
    attributes: dict[str, Any] | None = None
    lists: Sequence[int] = ()
    locale: str | None = None
    asked: Asked = NOTHING_ASKED


async def upsert_subscriber(unit: Unit, profile: Profile) -> tuple[UUID, list[RequestError]]:
    """Makes the subscriber or changes what is named; returns the id, and what was refused of the answer."""
    address = people.address_of(profile.email, "email")
    locale = checked_locale(profile.locale, "locale") if profile.locale else None
    await lists.check_lists(unit, profile.lists, "lists")
    row = (await people.found_or_made(unit, [address], locale))[address.text]
    row, errors = await _answer(unit, row, profile.asked)
    asked_again = PermissionChange.YES in {
        profile.asked.permission,
        profile.asked.opens,
        profile.asked.clicks,
    }
    row = await lists.join(unit, row, profile.lists, MembershipStatus.SUBSCRIBED, asked_again=asked_again)
    if profile.attributes or profile.locale:
        attributes = merged_attributes(row.attributes, profile.attributes or {}, "attributes")
        await unit.connection.execute(subscribers.SQL.save_profile, row.id, attributes, locale)
    return row.id, errors


async def set_permission(
    unit: Unit, asked: Asked, *, subscriber_id: UUID | None = None, email: str | None = None
) -> tuple[UUID, list[RequestError]]:
    """Writes what somebody answered elsewhere, as far as it may; returns the id, and what was refused.

    Raises `NotFound` for an unknown subscriber, address or wording, `InvalidValue`, `InvalidEmail`.
    """
    if (subscriber_id is None) == (email is None):
        message = "Name the subscriber either by subscriberId or by email."
        raise InvalidValue(message, path=("subscriberId",))
    if subscriber_id is None:
        row = await people.locked_at(unit, people.address_of(email or "", "email"))
    else:
        row = await people.locked(unit, subscriber_id)
    row, errors = await _answer(unit, row, asked)
    return row.id, errors


async def _answer(
    unit: Unit, row: subscribers.SubscriberRow, asked: Asked
) -> tuple[subscribers.SubscriberRow, list[RequestError]]:
    if asked.wording_id is not None:
        known = await Wording.exists().where(
            (Wording.id == asked.wording_id) & (Wording.account_id == unit.account_id)
        )
        if not known:
            raise NotFound(path=("wordingId",))
    return await answers.apply(unit, row, asked, PermissionSource.API)
