r"""What the person does at their own page: answers, stops tracking, leaves lists and comes back to them.

Every verb here is the person's own, so the last one wins (`permission.answer_of_person`). Saying again what the
person has said already is no new answer, so a reload or a second click writes nothing:

    stands \ says       NO              YES
    NO by the person    nothing new     a line
    YES by the person   a line          a line if the wording is another or the answer is over a day old
    anything else       a line          a line

A YES that has outlived its lifetime counts as UNKNOWN. Source: domain.md §3, §8; RFC 8058 §3.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.actions import answers, lists, people
from app.actions.unit import Unit
from app.actions.withdrawal import sever
from app.actions.wordings import Shown, create_wording
from app.domain.errors import ErasedEarlier, NotFound, RequestError
from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import Permission, PermissionSource, answer_of_person, standing
from app.domain.settings import Withdrawal
from app.instance import Instance
from app.storage import erasure, ledger, mailings, subscribers
from app.storage import lists as stored_lists
from app.storage.database import Connection
from app.storage.subscribers import SubscriberRow

PERSON = "person"
"""How the ledger names somebody who acts for themselves."""

_RENEWED_AFTER = timedelta(days=1)
_LINES_TO_LOOK_AT = 20


@asynccontextmanager
async def persons_unit(instance: Instance, subscriber_id: UUID) -> AsyncIterator[Unit]:
    """A unit of the account that this person is in; the sealed link that named them is their right to it.

    Raises `NotFound` where there is no such person, `ErasedEarlier` where there was one, and `DatabaseAway`.
    """
    async with instance.database.transaction() as connection:
        row = await subscribers.anywhere(connection, subscriber_id)
        if row is None:
            raise await gone(connection, subscriber_id)
        yield Unit(instance, connection, row.account_id, PERSON, instance.clock())


async def gone(connection: Connection, subscriber_id: UUID) -> RequestError:
    """Why there is nobody behind a link: an error to raise."""
    if await erasure.erased_anywhere(connection, subscriber_id):
        return ErasedEarlier(path=("subscriber",))
    return NotFound(path=("subscriber",))


async def answer(
    unit: Unit,
    subscriber_id: UUID,
    given: Mapping[Axis, Permission],
    source: PermissionSource = PermissionSource.PREFERENCE_CENTER,
    shown: Shown | None = None,
) -> int:
    """Writes the answers (YES or NO) that are given, and touches no other axis; returns how many were new.

    `shown` is the question exactly as it stood on the page.
    """
    row = await people.locked(unit, subscriber_id)
    wording_id = None if shown is None else await create_wording(unit, shown)
    lifetime = (await unit.settings()).settings.permission_lifetime_days
    new = {
        axis: answer_of_person(row.permissions.on(axis), value, source, unit.now)
        for axis, value in given.items()
        if not await _said_already(unit, row, axis, value, lifetime, wording_id)
    }
    await answers.write(unit, row, new, source, wording_id=wording_id)
    return len(new)


async def _said_already(
    unit: Unit,
    row: SubscriberRow,
    axis: Axis,
    value: Permission,
    lifetime_days: int | None,
    wording_id: int | None,
) -> bool:
    state = row.permissions.on(axis)
    if not state.by_person or standing(state, lifetime_days, unit.now).value is not value:
        return False
    if value is Permission.NO:
        return True
    recent = state.person_time is not None and unit.now - state.person_time < _RENEWED_AFTER
    return recent and await _wording_of_last_line(unit, row, axis) == wording_id


async def _wording_of_last_line(unit: Unit, row: SubscriberRow, axis: Axis) -> int | None:
    lines = await ledger.page_backwards(
        unit.connection, unit.account_id, row.id, before=row.ledger_length + 1, limit=_LINES_TO_LOOK_AT
    )
    for kept in lines:
        if kept.line.axis is axis and kept.line.wording_id is not None:
            return int.from_bytes(kept.line.wording_id, "big")
        if kept.line.axis is axis:
            break
    return None


async def stop_tracking(
    unit: Unit, subscriber_id: UUID, source: PermissionSource = PermissionSource.ONE_CLICK
) -> int:
    """NO on both axes, for mails already sent too; returns how many axes it changed. It leaves no list."""
    return await answer(unit, subscriber_id, dict.fromkeys(Axis, Permission.NO), source)


async def stop_and_erase(
    unit: Unit, subscriber_id: UUID, source: PermissionSource = PermissionSource.PREFERENCE_CENTER
) -> None:
    """NO on both axes, and everything recorded on them is deleted, whatever the account promises others.

    Sent and delivered stay. A NO that stood already gets no new line. Source: domain.md §8.
    """
    row = await people.locked(unit, subscriber_id)
    new = {
        axis: replace(
            answer_of_person(row.permissions.on(axis), Permission.NO, source, unit.now),
            withdrawal=Withdrawal.SEVER,
        )
        for axis in Axis
        if not await _said_already(unit, row, axis, Permission.NO, None, None)
    }
    await answers.write(unit, row, new, source)
    await sever(unit, row.id, [axis for axis in Axis if axis not in new])


async def leave_lists(unit: Unit, subscriber_id: UUID, mailing_id: int) -> int:
    """Leaves the mailing's list, or every list where the mailing names none; returns how many were left.

    It says nothing about tracking. Source: RFC 8058, domain.md §2 (mailing).
    """
    row = await people.locked(unit, subscriber_id)
    found = await mailings.by_ids(unit.connection, unit.account_id, [mailing_id])
    mailing = found.get(mailing_id)
    return await lists.leave(unit, row.id, None if mailing is None else mailing.list_id)


async def leave_list(unit: Unit, subscriber_id: UUID, list_id: int | None) -> int:
    """Leaves one list, or every list where none is named; returns how many were left."""
    row = await people.locked(unit, subscriber_id)
    return await lists.leave(unit, row.id, list_id)


async def return_to_list(unit: Unit, subscriber_id: UUID, list_id: int) -> None:
    """Comes back to a list that the person has left. Raises `NotFound` for any other list.

    Only for people who have shown that the mailbox is theirs: a forwarded link must not bring anybody back.
    """
    row = await people.locked(unit, subscriber_id)
    places = await stored_lists.memberships(unit.connection, unit.account_id, [row.id])
    left = {p.list_id for p in places.get(row.id, ()) if p.status is MembershipStatus.UNSUBSCRIBED}
    if list_id not in left:
        raise NotFound(path=("return",))
    await lists.join(unit, row, [list_id], MembershipStatus.SUBSCRIBED, asked_again=False)
