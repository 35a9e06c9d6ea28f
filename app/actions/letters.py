"""Mails our own letters, by the queue of jobs, and tries again what could not be mailed (`domain/letters`).

A verb asks for a letter in its own transaction, so there is one exactly if the verb commits. What waits is a row of
ids: of the person, of the address that was meant, of the sign-up or the job. No address, no link and no text waits
anywhere; they are made at the moment of sending, by the `Writer` of the letter's kind, and so a private link is fresh
when it arrives. The row dies with the letter, after a day, or with the person; the queue and its log hold its number.

    moment               in a transaction of its own
    before the server    the writer writes; None ends the letter as GONE
    at the server        (no transaction, no lock)
    behind the server    `ended` of what was written, the row deleted, the fate counted

Behind the server nothing is tried again but the last of these: where `ended` fails for good, it is left out. What the
server has taken is mailed twice, under the same Message-ID, only if the process dies or the database goes away for
longer than a few seconds before the row is deleted. Where somebody moved to another address in
the meantime, the letter is GONE: it was meant for the mailbox behind the address that was named. Nobody who asks for a
letter waits for the server, or learns what came of it. Source: domain.md §8 (links are mailed on request).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from traceback import extract_tb
from uuid import UUID

from app.actions.unit import Unit
from app.domain.addresses import Address
from app.domain.asking import Asking
from app.domain.errors import Conflict
from app.domain.letters import PATIENCE, LetterFate, LetterKind, next_try
from app.instance import DatabaseAway, Instance
from app.outbox.mailer import MailNotSent, MailRefused
from app.storage import jobs, letters, queue
from app.storage.database import Connection
from app.storage.letters import LetterRow

ACTOR = "letters"
AT_ONCE = 4
_AGAIN_SOON = timedelta(seconds=1)
_TRIES = 5
_COUNTS_KEPT = timedelta(days=30)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it goes out. `ended` writes down what came of it, in the transaction that forgets the letter."""

    mail: EmailMessage
    ended: Callable[[Unit, LetterFate], Awaitable[None]] | None = None


Writer = Callable[[Unit, LetterRow], Awaitable[Written | None]]
"""Writes the letters of one kind; None where there is nobody to write to any more, or nothing to say."""

Writers = Mapping[LetterKind, Writer]


async def ask_for(
    unit: Unit,
    kind: LetterKind,
    person: tuple[UUID, UUID],
    language: str,
    *,
    sign_up_id: UUID | None = None,
    job_id: int | None = None,
) -> None:
    """Asks for a letter in the caller's transaction. `person` is the subscriber's id and that of the address."""
    row = LetterRow(
        id=unit.instance.new_id(),
        account_id=unit.account_id,
        kind=kind,
        subscriber_id=person[0],
        address_id=person[1],
        language=language,
        created_at=unit.now,
        sign_up_id=sign_up_id,
        job_id=job_id,
    )
    await letters.add(unit.connection, row)


def mailbox(address: str) -> Address:
    """A stored address, which is in its one spelling already."""
    local_part, _, domain = address.rpartition("@")
    return Address(local_part, domain)


async def work(instance: Instance, writers: Writers, stop: asyncio.Event) -> None:
    """Mails letters until `stop` is set. Raises `DatabaseAway`."""

    async def one(_queue: str, letter_id: int) -> None:
        await send(instance, writers, letter_id)

    await queue.work(instance.database, (letters.QUEUE,), one, stop, at_once=AT_ONCE)


async def send(instance: Instance, writers: Writers, letter_id: int) -> None:
    """One try at one letter. Raises `queue.Postponed` where it is to be tried again, and nothing else."""
    try:
        await _send(instance, writers, letter_id)
    except (DatabaseAway, Conflict):
        raise queue.Postponed(_AGAIN_SOON) from None


async def _send(instance: Instance, writers: Writers, letter_id: int) -> None:
    row = await letters.by_id(instance.database, letter_id)
    if row is None:
        return
    written: Written | None = None
    try:
        written = await _written(instance, writers, row)
        fate = LetterFate.GONE if written is None else await _mailed(instance, written)
    except (DatabaseAway, Conflict):
        raise
    except MailNotSent as failure:
        # The kind of failure alone: what the server says may repeat the address.
        logger.warning("A letter was not taken and is tried again: %s", failure)
        await _failed(instance, row, written)
    except Exception as error:  # noqa: BLE001  The queue would keep its text, which may quote a person.
        _log("A letter failed with %s at %s", error)
        await _failed(instance, row, None)
    else:
        await _end_for_good(instance, row, fate, written)


def _log(sentence: str, error: Exception) -> None:
    """Names the kind of an error and its place; its text may quote a person."""
    frames = extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "-"
    logger.error(sentence, type(error).__name__, place)


async def _written(instance: Instance, writers: Writers, row: LetterRow) -> Written | None:
    async with instance.database.transaction() as connection:
        unit = Unit(instance, connection, row.account_id, ACTOR, instance.clock())
        written = await writers[row.kind](unit, row)
    if written is not None:
        # The same at every try, so that who gets it twice can tell.
        domain = str(written.mail["Message-ID"]).rpartition("@")[2]
        written.mail.replace_header("Message-ID", f"<{row.id}@{domain}")
    return written


async def _mailed(instance: Instance, written: Written) -> LetterFate:
    try:
        await instance.mailer.send(written.mail)
    except MailRefused as refusal:
        logger.warning("A letter was refused for good: %s", refusal)
        return LetterFate.REFUSED
    return LetterFate.SENT


async def _failed(instance: Instance, row: LetterRow, written: Written | None) -> None:
    async with instance.database.connection() as connection:
        attempts: int | None = await connection.fetchval(letters.SQL.failed, row.id)
    if attempts is None:
        return
    pause = next_try(row.created_at, attempts, instance.clock())
    if pause is None:
        await _end_for_good(instance, row, LetterFate.GIVEN_UP, written)
    else:
        raise queue.Postponed(pause)


async def _end_for_good(
    instance: Instance, row: LetterRow, fate: LetterFate, written: Written | None
) -> None:
    """As `_end`, a few times, and then without `ended`: what the server has taken is not to be mailed again.

    Raises `DatabaseAway` alone. A row that cannot be deleted for another reason is left to `tidy_letters`.
    """
    for _ in range(_TRIES - 1):
        try:
            return await _end(instance, row, fate, written)
        except (DatabaseAway, Conflict):
            await asyncio.sleep(_AGAIN_SOON.total_seconds())
        except Exception as error:  # noqa: BLE001  Whatever it is, the letter is on its way.
            _log("What came of a letter was not written down: %s at %s", error)
            break
    try:
        await _end(instance, row, fate, None)
    except DatabaseAway:
        raise
    except Exception as error:  # noqa: BLE001  As above.
        _log("A letter that has ended was not forgotten: %s at %s", error)


async def _end(instance: Instance, row: LetterRow, fate: LetterFate, written: Written | None) -> None:
    async with instance.database.transaction() as connection:
        unit = Unit(instance, connection, row.account_id, ACTOR, instance.clock())
        if written is not None and written.ended is not None:
            await written.ended(unit, fate)
        if written is None and fate is LetterFate.GIVEN_UP:
            await _give_up(unit.connection, row, unit.now)
        else:
            await letters.end(connection, row, fate, unit.now)


async def _give_up(connection: Connection, row: LetterRow, now: datetime) -> None:
    """Gives up a letter of which nobody wrote down what came of it; its job counts the person as not asked."""
    # The job first, in the order of `request_permission`.
    job = await connection.fetchrow(jobs.SQL.lock, row.job_id)
    if await letters.end(connection, row, LetterFate.GIVEN_UP, now) and job is not None:
        counts = dict(Counter(job["counts"]) + Counter([Asking.NOT_SENT.value]))
        await connection.execute(jobs.SQL.save, row.job_id, job["position"], None, counts, now)


async def tidy_letters(instance: Instance) -> None:
    """Gives up letters that no worker ended, and forgets old counts."""
    now = instance.clock()
    async with instance.database.transaction() as connection:
        for row in await letters.forgotten(connection, now - 2 * PATIENCE):
            await _give_up(connection, row, now)
        await connection.execute(letters.SQL.delete_counts, (now - _COUNTS_KEPT).date())
