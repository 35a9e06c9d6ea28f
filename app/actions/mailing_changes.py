"""Changes mailings, as far as their protection allows.

    state                          a change of tracking        liftProtection
    never sent                     is made                     changes nothing
    sent                           MAILING_PROTECTED           makes changes possible, until it is sent again
    being sent                     MAILING_PROTECTED           DISPATCH_RUNNING

A mailing is being sent while a call that prepares its messages is under way. Between two calls of a larger dispatch
protection can be lifted; the next call protects again, and what was prepared keeps what was frozen. Changing the name
or the list is no change of tracking. Source: domain.md §4 (I4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.actions import lists
from app.actions.unit import Unit
from app.domain.errors import (
    DispatchRunning,
    InvalidSetting,
    MailingProtected,
    NotFound,
    RelayNotPermissionBased,
)
from app.domain.modes import Channel
from app.domain.settings import AccountSettings
from app.domain.texts import checked_name
from app.storage import mailings
from app.storage.mailings import MailingRow


def own(unit: Unit, row: MailingRow | None, *path: str | int) -> MailingRow:
    """The mailing, where it is the caller's to send and to change. Raises `NotFound`, for another user's too."""
    if row is None or (row.channel is Channel.ONE_TO_ONE and row.user_id != unit.user_id):
        raise NotFound(path=path)
    return row


@dataclass(frozen=True, slots=True)
class MailingChange:
    """What changes of a mailing. `tracking` holds only what is stated anew, by the names of `MailingTracking`."""

    mailing_id: int
    tracking: Mapping[str, Any]
    more: Mapping[str, Any] = field(default_factory=dict)
    """New `name` and `list_id`, each only where it changes."""


async def update_mailing(unit: Unit, change: MailingChange, *path: str | int) -> None:
    """Changes a mailing. Raises `NotFound`, `MailingProtected`, and what §4 forbids, under `path`."""
    row = await mailings.locked(unit.connection, unit.account_id, change.mailing_id)
    row = own(unit, row, *path, "id")
    wanted = replace(row.tracking, **change.tracking)
    if wanted != row.tracking:
        if row.protected:
            raise MailingProtected(path=path)
        settings = (await unit.settings()).settings
        check_permission_based(settings, row.channel, wanted.permission_based, path)
    more = dict(change.more)
    if "name" in more:
        more["name"] = checked_name(more["name"])
    if more.get("list_id") is not None:
        await lists.check_lists(unit, [more["list_id"]], *path, "listId")
    await mailings.save(unit.connection, row, **change.tracking, **more)


async def lift_protection(unit: Unit, mailing_id: int) -> None:
    """Lets a mailing's tracking be changed until it is sent again. Raises `NotFound` and `DispatchRunning`."""
    try:
        row = await mailings.locked_undispatched(unit.connection, unit.account_id, mailing_id)
    except mailings.Dispatching:
        raise DispatchRunning(path=("id",)) from None
    await unit.connection.execute(mailings.SQL.unprotect, own(unit, row, "id").id)


def check_permission_based(
    settings: AccountSettings, channel: Channel, permission_based: bool | None, path: Sequence[str | int]
) -> None:
    """Whether a mailing of this channel may state that. Raises `RequestError`s of domain.md §4."""
    if channel is Channel.RELAY and permission_based:
        raise RelayNotPermissionBased(path=(*path, "permissionBased"))
    if settings.permission_required and permission_based is False and channel is not Channel.RELAY:
        message = "The account requires permission, so a mailing cannot go without it."
        raise InvalidSetting(message, path=(*path, "permissionBased"))
