"""Keeps addresses of personal hits for accounts with `keep_ip`, and forgets them in time.

    when                          an address is kept only if
    the mail is sent              the settings that are frozen have `keep_ip`, and it goes to one person
    the hit comes                 the account keeps addresses now (`app/keepers`), no Sec-GPC, no proxy of ours
    the drain writes its event    the event is PERSONAL; the frozen settings, read once more, and the account's of now
                                  both have `keep_ip`; the hit is not older than addresses are kept

An account that switches `keep_ip` off shows no address from that moment on (a file that was made before is kept for its
day), and all that it has kept are deleted by the chore that it asks for in the same transaction. Whoever writes an event's address holds the account's word until the end
of the transaction, so none comes in behind the deletion; where it is switched on again before the chore has come to it, what
is left goes then, so that nothing of before is ever shown again. Addresses go after 30 days, with their event (SEVER, erasure,
retention), and never into an anonymous record. Source: domain.md §4 (`keep_ip`), §6, §8.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from app.actions.drain_written import Personal
from app.actions.unit import Unit
from app.countries import written
from app.domain.retention import addresses_since
from app.domain.settings import AccountSettings
from app.instance import DatabaseAway, Instance
from app.keepers import Keepers
from app.storage import jobs, kept_addresses, purge, queue
from app.storage.copying import microseconds
from app.storage.database import Connection
from app.storage.kept_addresses import KeptAddress
from app.storage.tracked import Sent

CHORE: Final = "addresses"
"""The kind of the chore that forgets what is not to be kept any longer."""

LOOKING_SECONDS: Final = 1.0
_FOR_EVER: Final = timedelta(days=36_500)

logger = logging.getLogger(__name__)


async def keep(
    connection: Connection,
    personal: Sequence[Personal],
    settings: Mapping[Sent, AccountSettings],
    now: datetime,
) -> None:
    """Keeps what may be kept of the addresses of recorded hits, in the transaction that writes their events."""
    since = microseconds(addresses_since(now))
    asked = [each for each in personal if each.hit.address is not None and _may_keep(each, settings, since)]
    if not asked:
        return
    keepers = await kept_addresses.hold_keepers(connection, {each.found.sent.account_id for each in asked})
    rows = [_row(each) for each in asked if each.found.sent.account_id in keepers]
    await kept_addresses.insert(connection, rows)


def _may_keep(personal: Personal, settings: Mapping[Sent, AccountSettings], since: int) -> bool:
    sent = personal.found.sent
    frozen = settings.get(sent)
    return (
        frozen is not None
        and frozen.keep_ip
        and sent.recipients is None
        and not personal.manner.gpc_seen
        and personal.at >= since
    )


def _row(personal: Personal) -> KeptAddress:
    found, address = personal.found, personal.hit.address or b""
    return KeptAddress(
        found.subscriber, personal.at, personal.event_id, found.sent.account_id, found.id, written(address)
    )


async def choose(unit: Unit, *, keep_ip: bool) -> None:
    """Makes it the account's word of now; where it keeps none any more, asks for the deletion of what it has."""
    await unit.connection.execute(kept_addresses.SQL.choose, unit.account_id, keep_ip)
    if keep_ip:
        await unit.connection.execute(kept_addresses.SQL.forget_all, unit.account_id)
        return
    job_id = unit.instance.new_id()
    # Whatever chore of this kind was done or is at it may have looked before this transaction ends.
    never = unit.now + _FOR_EVER
    await unit.connection.execute(jobs.SQL.insert_chore, job_id, CHORE, unit.now, never, never)
    await queue.add(unit.connection, CHORE, job_id)


async def forget(instance: Instance, owner_dsn: str) -> int:
    """Deletes what is not to be kept any longer; returns how many addresses. Raises `DatabaseAway`."""
    async with purge.as_owner(owner_dsn) as connection:
        return await kept_addresses.forget(connection, addresses_since(instance.clock()))


async def look(instance: Instance, keepers: Keepers) -> None:
    """Asks which accounts keep addresses. Raises `DatabaseAway`; what was known is then believed for a while."""
    asked_at = keepers.ticks()
    rows = await instance.database.fetch(kept_addresses.SQL.keepers)
    keepers.know([row["id"] for row in rows], asked_at)


async def keep_looking(instance: Instance, keepers: Keepers, seconds: float = LOOKING_SECONDS) -> None:
    """Does so every second, for as long as it is let; whatever goes wrong is told once, and it is asked again."""
    told = False
    while True:
        try:
            await look(instance, keepers)
            told = False
        except DatabaseAway:
            pass
        except Exception as error:  # noqa: BLE001  Nobody's addresses are kept meanwhile, and nobody else would say so.
            if not told:
                logger.error("Who keeps addresses is not known: %s", type(error).__name__)  # noqa: TRY400
            told = True
        await asyncio.sleep(seconds)
