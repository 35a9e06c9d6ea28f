"""What would be decided for a message, with every layer that spoke; nothing is stored."""

from collections.abc import Sequence

from app.account_keys import account_keys
from app.disclosure.reader import Reader
from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.decisions import Decision
from app.domain.errors import InvalidEmail, LimitExceeded, NotFound
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, PermissionState, Reason
from app.domain.precedence import Permissions, Sending, decide
from app.storage import accounts, erasure, mailings, subscribers
from app.storage.database import Connection

MOST_ADDRESSES = 100
_NO = PermissionState(Permission.NO, Reason.DENIED, source=PermissionSource.ERASURE, by_person=True)
_ERASED = Permissions(_NO, _NO)
_NEVER_ASKED = Permissions(NEVER_ASKED, NEVER_ASKED)


async def tracking_decision(reader: Reader, mailing_id: int, emails: Sequence[str]) -> Decision:
    """The decision for one message to these addresses, in this mailing.

    An unknown address is one that was never asked. Raises `Forbidden` without `personal:read`, `NotFound`,
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
    return decide(
        Sending(
            instance_tracking=reader.instance.tracking,
            settings=settings,
            channel=mailing.channel,
            mailing=mailing.tracking,
            addressed=addressed,
            now=reader.now,
        )
    )


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
    gone = await erasure.erased(connection, reader.account_id, set(owners.values()) - set(rows))
    return [
        rows[owner].permissions if owner in rows else _ERASED if owner in gone else _NEVER_ASKED
        for owner in (owners[each] for each in born)
    ]
