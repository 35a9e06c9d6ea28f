"""Makes mailings, protects them when they are sent, and numbers their links."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.actions import lists
from app.actions.mailing_changes import check_permission_based, own
from app.actions.unit import Unit
from app.domain.errors import LimitExceeded
from app.domain.modes import Channel
from app.domain.precedence import MailingTracking
from app.domain.texts import checked_name
from app.storage import mailings
from app.storage.mailings import MailingRow

MOST_LINKS = 20_000
"""How many different targets one mailing may have over all its templates."""


@dataclass(frozen=True, slots=True)
class NewMailing:
    """A mailing to be made; what it does not state itself it inherits."""

    name: str
    channel: Channel
    list_id: int | None = None
    tracking: MailingTracking = MailingTracking()  # noqa: RUF009 - a frozen value, shared safely


async def create_mailing(unit: Unit, wanted: NewMailing) -> int:
    """Makes a mailing and returns its id. Raises `NotFound` for a foreign list, and what §4 forbids."""
    if wanted.list_id is not None:
        await lists.check_lists(unit, [wanted.list_id], "listId")
    version = await unit.settings()
    check_permission_based(version.settings, wanted.channel, wanted.tracking.permission_based, ())
    mailing_id = unit.instance.new_id()
    await unit.connection.execute(
        mailings.SQL.insert,
        mailing_id,
        unit.account_id,
        checked_name(wanted.name),
        wanted.channel.value,
        wanted.list_id,
        unit.user_id,
        wanted.tracking.opens,
        wanted.tracking.clicks,
        wanted.tracking.permission_based,
        unit.now,
        version.version,
    )
    return mailing_id


async def mailing_to_send(unit: Unit, mailing_id: int) -> MailingRow:
    """The mailing, protected from now on (I4). Raises `NotFound`; another user's one-to-one mailing is none."""
    row = own(unit, await mailings.held(unit.connection, unit.account_id, mailing_id), "mailingId")
    if row.protected:
        return row
    await unit.connection.execute(mailings.SQL.protect, mailing_id)
    # Whoever was changing it has ended by now, so what is sent is what they made of it.
    return own(unit, await mailings.held(unit.connection, unit.account_id, mailing_id), "mailingId")


async def numbered(unit: Unit, mailing_id: int, targets: Iterable[str]) -> dict[str, int]:
    """The numbers of these targets, from 1; a new target gets the next one. Raises `LimitExceeded`."""
    wanted = list(dict.fromkeys(targets))
    numbers = await _numbers(unit, mailing_id)
    if any(target not in numbers for target in wanted):
        # Only a template with new links comes here, and only then do senders of one mailing wait for each other.
        await mailings.locked(unit.connection, unit.account_id, mailing_id)
        numbers = await _numbers(unit, mailing_id)
        new = [target for target in wanted if target not in numbers]
        if len(numbers) + len(new) > MOST_LINKS:
            message = (
                f"A mailing has at most {MOST_LINKS} different links. Use merge tags, or another mailing."
            )
            raise LimitExceeded(message, path=("html",))
        first = len(numbers) + 1
        added = dict(zip(new, range(first, first + len(new)), strict=True))
        await unit.connection.execute(mailings.SQL.add_links, mailing_id, list(added.values()), list(added))
        numbers.update(added)
    return {target: numbers[target] for target in wanted}


async def _numbers(unit: Unit, mailing_id: int) -> dict[str, int]:
    found = await mailings.links(unit.connection, [mailing_id])
    return {url: number for number, url in found.get(mailing_id, {}).items()}
