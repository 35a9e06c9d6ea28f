"""Erases a person (GDPR 17): what remains is a tombstone, counts that belong to nobody, and a chain without texts.

    goes                            the subscriber, memberships, events, sign-ups and letters that wait, exports, texts and
                                    salts of the ledger
    is detached                     deliveries, which keep when they were sent, arrived and bounced, for nobody
    becomes nobody's                their place among those whom a job names and has yet to do something for
    stays                           counts, the ledger's lines, and the tombstone: the id and its NO

Whoever writes to the address later is told ERASED_EARLIER; only the person's own confirmed sign-up brings them back.
Source: domain.md §8.
"""

from dataclasses import replace
from uuid import UUID

from app.actions import answers, people
from app.actions.exports import withdraw_exports
from app.actions.unit import Unit
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, answer_of_person
from app.domain.settings import Withdrawal
from app.storage import erasure, identities, jobs


async def erase(unit: Unit, subscriber_id: UUID) -> None:
    """Erases one person of the account. Raises `NotFound`, and `ErasedEarlier` where that has happened."""
    await _forget_in_jobs(unit, subscriber_id)
    row = await people.locked(unit, subscriber_id)
    states = {
        axis: replace(
            answer_of_person(row.permissions.on(axis), Permission.NO, PermissionSource.ERASURE, unit.now),
            # Counts stay: what is erased is whose they were.
            withdrawal=Withdrawal.KEEP,
        )
        for axis in Axis
    }
    row = await answers.write(unit, row, states, PermissionSource.ERASURE)
    chain = (row.ledger_length, row.ledger_head)
    await withdraw_exports(unit, row.id)
    await erasure.bury(unit.connection, unit.account_id, row.id, chain, unit.now)


async def _forget_in_jobs(unit: Unit, subscriber_id: UUID) -> None:
    """Before the subscriber is locked, since jobs lock themselves first."""
    owner = (await identities.current(unit.connection, [subscriber_id]))[subscriber_id]
    former = await identities.formers(unit.connection, unit.account_id, [owner])
    names = {subscriber_id.hex, owner.hex, *(each.id.hex for each in former.get(owner, ()))}
    for job in await unit.connection.fetch(jobs.SQL.naming, unit.account_id, list(names)):
        # Everybody else keeps their place, which is how the job knows where it is.
        left = [erasure.NOBODY.hex if each in names else each for each in job["arguments"]["people"]]
        await unit.connection.execute(jobs.SQL.set_arguments, job["id"], {**job["arguments"], "people": left})
