"""Makes and changes subscribers on behalf of callers of the API."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.actions import answers, lists, people
from app.actions.answers import NOTHING_ASKED, Asked
from app.actions.unit import Unit
from app.domain.errors import InvalidValue, NotFound
from app.domain.modes import MembershipStatus
from app.domain.permission import PermissionChange, PermissionSource, check_source
from app.storage import subscribers
from app.storage.tables import Wording

LARGEST_PROFILE = 16_384


@dataclass(frozen=True, slots=True)
class Profile:
    """What a caller says about one address."""

    email: str
    attributes: dict[str, Any] | None = None
    lists: Sequence[int] = ()
    locale: str | None = None
    asked: Asked = NOTHING_ASKED


async def upsert_subscriber(unit: Unit, profile: Profile) -> UUID:
    """Makes the subscriber or changes what is named; returns the id."""
    address = people.address_of(profile.email, "email")
    _check_attributes(profile.attributes)
    await lists.check_lists(unit, profile.lists, "lists")
    row = (await people.found_or_made(unit, [address], profile.locale))[address.text]
    row = await _answer(unit, row, profile.asked)
    asked_again = PermissionChange.YES in {
        profile.asked.permission,
        profile.asked.opens,
        profile.asked.clicks,
    }
    row = await lists.join(unit, row, profile.lists, MembershipStatus.SUBSCRIBED, asked_again=asked_again)
    if profile.attributes or profile.locale:
        attributes = profile.attributes or {}
        await unit.connection.execute(subscribers.SQL.save_profile, row.id, attributes, profile.locale)
    return row.id


async def set_permission(
    unit: Unit, asked: Asked, *, subscriber_id: UUID | None = None, email: str | None = None
) -> UUID:
    """Writes what somebody answered elsewhere. A known subscriber or address is needed; returns the id."""
    if (subscriber_id is None) == (email is None):
        message = "Name the subscriber either by subscriberId or by email."
        raise InvalidValue(message, path=("subscriberId",))
    if subscriber_id is None:
        row = await people.locked_at(unit, people.address_of(email or "", "email"))
    else:
        row = await people.locked(unit, subscriber_id)
    return (await _answer(unit, row, asked)).id


async def _answer(unit: Unit, row: subscribers.SubscriberRow, asked: Asked) -> subscribers.SubscriberRow:
    check_source(asked.evidence.source)
    if asked.wording_id is not None:
        known = await Wording.exists().where(
            (Wording.id == asked.wording_id) & (Wording.account_id == unit.account_id)
        )
        if not known:
            raise NotFound(path=("wordingId",))
    return await answers.apply(unit, row, asked, PermissionSource.API)


def _check_attributes(attributes: dict[str, Any] | None) -> None:
    if attributes is not None and len(json.dumps(attributes)) > LARGEST_PROFILE:
        message = f"The attributes of one subscriber have at most {LARGEST_PROFILE} bytes as JSON."
        raise InvalidValue(message, path=("attributes",))
