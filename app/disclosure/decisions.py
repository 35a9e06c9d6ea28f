"""What would be decided for a message, with every layer that spoke; nothing is stored."""

from collections.abc import Mapping, Sequence

from app.account_keys import account_keys
from app.disclosure.reader import Reader
from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.decisions import Decision
from app.domain.errors import InvalidEmail, LimitExceeded, NotFound
from app.domain.modes import Axis, Channel
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, PermissionState, Reason
from app.domain.precedence import Permissions, Sending, decide
from app.domain.toggles import ALL_OFF, Toggles, toggled
from app.storage import accounts, erasure, identities, mailings, subscribers, users
from app.storage.database import Connection
from app.storage.identities import Refusal
from app.storage.mailings import MailingRow

MOST_ADDRESSES = 100
_NO = PermissionState(Permission.NO, Reason.DENIED, source=PermissionSource.ERASURE, by_person=True)
_ERASED = Permissions(_NO, _NO)


async def tracking_decision(reader: Reader, mailing_id: int, emails: Sequence[str]) -> Decision:
    """The decision for one message to these addresses, in this mailing.

    An unknown address is one that was never asked, unless a NO stays on it from somebody who left it. Raises `Forbidden` without `personal:read`, `NotFound`,
    `InvalidEmail` with the position, `LimitExceeded`.
    """
    reader.must_see_people("emails")
    addresses = [_address(email, place) for place, email in enumerate(emails)]
    if len(addresses) > MOST_ADDRESSES:
        message = f"A message has at most {MOST_ADDRESSES} addresses."
        raise LimitExceeded(message, path=("emails",))
    async with reader.instance.database.connection() as connection:
        mailing = (await mailings.by_ids(connection, reader.account_id, [mailing_id])).get(mailing_id)
        if mailing is None or not reader.owns(mailing):
            raise NotFound(path=("mailingId",))
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
        addressed = await _permissions(reader, connection, addresses)
        toggles = await _toggles(connection, mailing)
    return decide(
        Sending(
            instance_tracking=reader.instance.tracking,
            settings=settings,
            channel=mailing.channel,
            mailing=mailing.tracking,
            addressed=addressed,
            now=reader.now,
            toggle_opens=toggles.opens,
            toggle_clicks=toggles.clicks,
        )
    )


async def _toggles(connection: Connection, mailing: MailingRow) -> Toggles:
    """What the next mail starts with: the toggles of the user's last one in one-to-one mail, none elsewhere."""
    if mailing.channel is not Channel.ONE_TO_ONE or mailing.user_id is None:
        return Toggles()
    found = await users.by_ids(connection, mailing.account_id, [mailing.user_id])
    switches = found[mailing.user_id].switches if mailing.user_id in found else ALL_OFF
    return toggled(switches, Toggles())[0]


def _address(email: str, place: int) -> Address:
    try:
        return normalise(email)
    except AddressInvalid as flaw:
        raise InvalidEmail(str(flaw), path=("emails", place)) from None


async def _permissions(
    reader: Reader, connection: Connection, addresses: Sequence[Address]
) -> list[Permissions]:
    keys = await account_keys(reader.instance, connection, reader.account_id)
    born = [keys.subscriber_id(address) for address in addresses]
    owners = await subscribers.resolve(connection, reader.account_id, born)
    rows = await subscribers.by_ids(connection, reader.account_id, list(owners.values()))
    kept = await identities.refusals(connection, reader.account_id, born)
    gone = await erasure.erased(connection, reader.account_id, set(owners.values()) - set(rows))
    return [
        rows[owner].permissions if owner in rows else _ERASED if owner in gone else _left(kept.get(each, {}))
        for each, owner in ((each, owners[each]) for each in born)
    ]


def _left(kept: Mapping[Axis, Refusal]) -> Permissions:
    """What stands for an address that nobody has: the NOs that stay on it."""
    states = {axis: kept[axis].state if axis in kept else NEVER_ASKED for axis in Axis}
    return Permissions(states[Axis.OPENS], states[Axis.CLICKS])
