"""Mails people a question: may opens and clicks be tracked? (M5).

The mail is untracked, is text and HTML, and leads to the person's own page; what they answer there counts as source
REQUEST_MAIL. Whoever is asked stands at ASKED_NO_ANSWER from then on, with the wording that they were asked with.

A job asks for the letters in steps, and ends when the last of them has (`letters`). The ledger's line is written with
a letter's end, so it never says of anybody that they were asked who was not; a crash in between may ask a few people
twice. Whoever answers, leaves or says no before their letter goes out is not asked; nor is anybody once the job was
called off. Locks: the job, then the subscriber, then the letter. Source: domain.md §3, row M5.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from app.actions import answers, lists, segment_people
from app.actions.jobs import Running, Step, Waiting, enqueue
from app.actions.letters import Writers, Written, ask_for, mailbox
from app.actions.segment_people import Eyes
from app.actions.unit import Unit
from app.actions.wordings import Shown, create_wording
from app.domain.asking import Asking, asking
from app.domain.errors import InvalidValue, LimitExceeded, NotFound
from app.domain.letters import LetterFate, LetterKind
from app.domain.modes import MembershipStatus
from app.domain.permission import PermissionSource, asked_without_answer
from app.domain.person_links import PreferencesLink
from app.look.languages import language
from app.look.letters import Letter, compose
from app.storage import accounts, jobs, letters, subscribers
from app.storage.letters import LetterRow
from app.storage.lists import MEMBERSHIPS, MembershipRow, memberships
from app.storage.subscribers import SubscriberRow

KIND = "permission_request"
MOST_NAMED = 1_000
"""How many people one request may name, and of how many on a list it says at once who is skipped."""

_A_STEP = 50
_LOOK_AGAIN = timedelta(seconds=15)
"""How long the job waits between looks at whether its letters have ended."""
_FIRST = UUID(int=0)
_HALF = 65
"""A place among ids is kept as the upper 63 bits of an id. They are as good as random, so no two people share it."""
_END = (1 << (128 - _HALF)) - 1
"""The place behind all ids, so that a job that looks again at its letters asks nobody a second time."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who was asked recently. `place` is theirs among those named, None for a list."""

    subscriber_id: UUID
    place: int | None


async def request_permission(
    unit: Unit,
    *,
    list_id: int | None = None,
    segment_id: int | None = None,
    subscriber_ids: Sequence[UUID] | None = None,
    sees_people: bool = False,
) -> tuple[int, list[Skipped]]:
    """Asks for the job; returns its id and who is skipped, as far as that can be said at once.

    `sees_people` says whether the caller may know who was asked because of what they did or are: it shows in their
    permission. Raises `InvalidValue`, `NotFound`, `LimitExceeded` and `Forbidden`.
    """
    if [list_id, segment_id, subscriber_ids].count(None) != 2:  # noqa: PLR2004  All of them but one.
        message = "Name the people by one of listId, segmentId and subscriberIds."
        raise InvalidValue(message, path=("listId",))
    if subscriber_ids is not None:
        return await _request_named(unit, subscriber_ids)
    if segment_id is not None:
        return await _request_segment(unit, segment_id, Eyes(unit.user_id, sees_people))
    assert list_id is not None  # noqa: S101 - said above; for the types
    await lists.check_lists(unit, [list_id], "listId")
    total = await unit.connection.fetchval(MEMBERSHIPS.count_of_list, unit.account_id, list_id)
    ids = await _page_of_list(unit, list_id, _FIRST, MOST_NAMED)
    return await enqueue(unit, KIND, {"list": list_id, "total": total}), await _recent(unit, ids)


async def _request_segment(unit: Unit, segment_id: int, eyes: Eyes) -> tuple[int, list[Skipped]]:
    """The job asks whom the segment takes when their turn comes. Its eyes are those of the user who asks for it."""
    ids, _ = await segment_people.next_taken(unit, segment_id, eyes, _FIRST, MOST_NAMED)
    arguments = {"segment": segment_id, "user": eyes.user_id, "sees_people": eyes.sees_people}
    return await enqueue(unit, KIND, arguments), await _recent(unit, ids)


async def _recent(unit: Unit, ids: list[UUID]) -> list[Skipped]:
    rows = await subscribers.by_ids(unit.connection, unit.account_id, ids)
    fates = await _fates(unit, list(rows.values()))
    return [Skipped(each, None) for each, fate in fates.items() if fate is Asking.ASKED_RECENTLY]


async def _request_named(unit: Unit, ids: Sequence[UUID]) -> tuple[int, list[Skipped]]:
    if not 0 < len(ids) <= MOST_NAMED:
        message = f"One request names between 1 and {MOST_NAMED} subscribers. For more, put them on a list."
        raise LimitExceeded(message, path=("subscriberIds",))
    owners = await subscribers.resolve(unit.connection, unit.account_id, list(ids))
    rows = await subscribers.by_ids(unit.connection, unit.account_id, list(set(owners.values())))
    for place, each in enumerate(ids):
        if owners[each] not in rows:
            raise NotFound(path=("subscriberIds", place))
    fates = await _fates(unit, list(rows.values()))
    skipped = [
        Skipped(owners[each], place)
        for place, each in enumerate(ids)
        if fates[owners[each]] is Asking.ASKED_RECENTLY
    ]
    people = list(dict.fromkeys(owners[each].hex for each in ids))
    return await enqueue(unit, KIND, {"people": people, "total": len(people)}), skipped


async def ask_people(running: Running) -> None:
    """The job: asks for a letter to everybody whom the request means, a few in each step. Raises `Waiting`."""
    more = True
    while more:
        async with running.step() as step:
            more = await _ask_some(step, running.arguments)
    ((waiting,),) = await running.instance.database.fetch(letters.SQL.of_job, running.job_id)
    if waiting:
        raise Waiting(_LOOK_AGAIN)


async def _ask_some(step: Step, arguments: dict[str, Any]) -> bool:
    unit = step.unit
    ids, position, more = await _next(unit, arguments, step.position)
    rows = await subscribers.lock(unit.connection, unit.account_id, ids)
    fates = await _fates(unit, list(rows.values()))
    counts = Counter(step.counts)
    for row in rows.values():
        if fates[row.id] is Asking.ASKED:
            spoken = language(known=row.locale)
            await ask_for(unit, LetterKind.ASK, (row.id, row.address_id), spoken.tag, job_id=step.job_id)
        else:
            counts[fates[row.id].value] += 1
    if len(rows) < len(ids):
        counts[Asking.NOT_SENT.value] += len(ids) - len(rows)
    await step.save(position, _progress(arguments, counts.total(), position), counts)
    return more


def _progress(arguments: dict[str, Any], done: int, position: int) -> float:
    """How far the work is. Nobody knows beforehand how many a segment takes, but ids are spread evenly."""
    total = arguments.get("total")
    if total is None:
        return position / _END
    return min(done / total, 1.0) if total else 1.0


async def _next(unit: Unit, arguments: dict[str, Any], position: int) -> tuple[list[UUID], int, bool]:
    """The people of the next step, the place behind them, and whether there may be more."""
    if "people" in arguments:
        named = [UUID(hex=each) for each in arguments["people"][position : position + _A_STEP]]
        return named, position + len(named), len(named) == _A_STEP
    after = UUID(int=(position << _HALF) | ((1 << _HALF) - 1)) if position else _FIRST
    if "segment" in arguments:
        eyes = Eyes(arguments["user"], arguments.get("sees_people", False))
        ids, last = await segment_people.next_taken(unit, arguments["segment"], eyes, after, _A_STEP)
        return ids, _END if last is None else last.int >> _HALF, last is not None
    ids = await _page_of_list(unit, arguments["list"], after, _A_STEP)
    return ids, ids[-1].int >> _HALF if ids else position, len(ids) == _A_STEP


async def _page_of_list(unit: Unit, list_id: int, after: UUID, limit: int) -> list[UUID]:
    rows = await unit.connection.fetch(MEMBERSHIPS.page_of_list, unit.account_id, list_id, after, limit)
    return [row["subscriber_id"] for row in rows]


async def _fates(unit: Unit, rows: Sequence[SubscriberRow]) -> dict[UUID, Asking]:
    settings = (await unit.settings()).settings
    ids = [row.id for row in rows]
    places = await memberships(unit.connection, unit.account_id, ids)
    on_their_way = await unit.connection.fetch(letters.SQL.asking, ids, unit.account_id)
    fates = {
        row.id: asking(
            row.permissions, row.asked_at, settings, unit.now, on_a_list=_on_a_list(places.get(row.id, []))
        )
        for row in rows
    }
    return fates | {row["subscriber_id"]: Asking.ASKED_RECENTLY for row in on_their_way}


def _on_a_list(places: Sequence[MembershipRow]) -> bool:
    return not places or any(each.status is MembershipStatus.SUBSCRIBED for each in places)


async def write_question(unit: Unit, row: LetterRow) -> Written | None:
    """The letter that asks; none where the job was called off or the person is not to be asked any more."""
    job = await unit.connection.fetchrow(jobs.SQL.lock, row.job_id)
    people = await subscribers.by_ids(unit.connection, unit.account_id, [row.subscriber_id])
    person = people.get(row.subscriber_id)
    if job is None:
        return None
    if person is None or person.address_id != row.address_id:
        await _count(unit, row, Asking.NOT_SENT)
        return None
    fate = await _fate_now(unit, person)
    if fate is not Asking.ASKED:
        await _count(unit, row, fate)
        return None
    account = await unit.connection.fetchrow(accounts.SQL.by_id, unit.account_id)
    name = "" if account is None else str(account["name"])
    spoken = language(row.language)
    question = spoken.say("question.both", account=name)
    url = unit.instance.addresses.preferences(PreferencesLink(person.id, delivery=row.job_id or 0))
    letter = Letter("ask", name, url, question)
    mail = compose(letter, mailbox(person.address), spoken, unit.instance.public_url, unit.now)
    return Written(mail, partial(_asked, row=row, shown=Shown(spoken.tag, question)))


async def _fate_now(unit: Unit, person: SubscriberRow) -> Asking:
    """As `_fates`, for the person to whom this very letter goes."""
    settings = (await unit.settings()).settings
    places = await memberships(unit.connection, unit.account_id, [person.id])
    on_a_list = _on_a_list(places.get(person.id, []))
    return asking(person.permissions, person.asked_at, settings, unit.now, on_a_list=on_a_list)


async def _asked(unit: Unit, fate: LetterFate, *, row: LetterRow, shown: Shown) -> None:
    """Writes into the ledger that somebody was asked, and with which words."""
    await _count(unit, row, Asking.ASKED if fate is LetterFate.SENT else Asking.NOT_SENT)
    people = await subscribers.lock(unit.connection, unit.account_id, [row.subscriber_id])
    person = people.get(row.subscriber_id)
    if fate is not LetterFate.SENT or person is None:
        return
    wording_id = await create_wording(unit, shown)
    source = PermissionSource.REQUEST_MAIL
    states = answers.changed(person, lambda state, _axis: asked_without_answer(state, source, unit.now))
    await answers.write(unit, person, states, source, wording_id=wording_id)
    await unit.connection.execute(subscribers.SQL.mark_asked, [person.id], unit.now)


async def _count(unit: Unit, row: LetterRow, fate: Asking) -> None:
    """Counts one person of the job; nothing where it was called off."""
    job = await unit.connection.fetchrow(jobs.SQL.lock_whole, row.job_id)
    if job is not None:
        counts = Counter(job["counts"])
        counts[fate.value] += 1
        progress = _progress(job["arguments"], counts.total(), job["position"])
        values = (job["position"], progress, dict(counts), unit.now)
        await unit.connection.execute(jobs.SQL.save, row.job_id, *values)


WRITERS: Writers = {LetterKind.ASK: write_question}
