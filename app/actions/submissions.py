"""Takes what somebody sent to a form, so that neither the answer nor its time tells whether the address is known.

    submission      before the answer                          after the answer
    without a no    is checked; nobody is looked up            signs up, by a queue
    with a no       signs up, since a no counts at once and    nothing
                    is durable when it is answered; the
                    answer leaves on the next beat
    into the trap   nothing; of one with a no, the no alone    nothing
                    counts, and is answered as above

Whoever fills in the trap is a robot, or a person whose browser did it for them: a no only protects, so it counts, and
nobody joins a list or is mailed. The letter that asks for the confirmation is asked for by the sign-up and mailed by another process (`letters`).

What is known of the address changes how much a sign-up has to do. Behind the answer nobody can time that; a refusal
is answered at multiples of BEAT instead, which is many times what it takes. A sign-up without a no is lost if the
process dies between the two; the person, who gets no mail then, signs up again. Where the queue is full, the form says
so before it takes anything. Source: domain.md §3 (forms); contract of the public addresses.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from app.actions.forms import opened_form
from app.actions.sign_up import Submission, check, must_confirm, sign_up, take_no
from app.domain.errors import RequestError
from app.domain.forms import FormAnswer
from app.instance import DatabaseAway, Instance

BEAT = 0.25
"""Seconds between the moments at which a refusal is answered."""

logger = logging.getLogger(__name__)


class Busy(Exception):
    """More sign-ups wait than this process takes. Nothing was changed; try again shortly."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the door says, by the form alone, and what it runs once it has said so."""

    must_confirm: bool
    rest: Callable[[], Awaitable[None]]


async def take(instance: Instance, form_id: int, submission: Submission, *, by_robot: bool = False) -> Taken:
    """Takes a submission, by the table at the top. Raises `InvalidEmail`, `InvalidValue`, `NotFound`, `Busy`."""
    check(submission)
    refuses = FormAnswer.NO in submission.answers.values()
    if refuses:
        return await _refused(instance, form_id, submission, by_robot=by_robot)
    async with opened_form(instance, form_id) as (unit, form):
        waits = await must_confirm(unit, form)
    if by_robot:
        return Taken(waits, _nothing)
    if instance.signing_up.is_full:
        raise Busy
    return Taken(waits, partial(_sign_up_later, instance, form_id, submission))


async def _refused(instance: Instance, form_id: int, submission: Submission, *, by_robot: bool) -> Taken:
    clock = asyncio.get_running_loop().time
    begun = clock()
    waits = await _signed_up(instance, form_id, submission, only_no=by_robot)
    await asyncio.sleep(BEAT - (clock() - begun) % BEAT)
    return Taken(waits, _nothing)


async def _signed_up(
    instance: Instance, form_id: int, submission: Submission, *, only_no: bool = False
) -> bool:
    """Signs up, or takes only the no; whether sign-ups of this form wait for their confirmation."""
    async with opened_form(instance, form_id) as (unit, form):
        await (take_no(unit, submission) if only_no else sign_up(unit, form, submission))
        return await must_confirm(unit, form)


async def _sign_up_later(instance: Instance, form_id: int, submission: Submission) -> None:
    """Nobody is there to read an error any more: it is logged, without the address."""
    try:
        done = await instance.signing_up.run(partial(_signed_up, instance, form_id, submission))
    except (DatabaseAway, RequestError) as failure:
        logger.error("A sign-up that was answered was not taken: %s", type(failure).__name__)  # noqa: TRY400
        return
    if done is None:
        logger.error("A sign-up that was answered was not taken: too many wait")


async def _nothing() -> None:
    """What remains to be done for a robot, and behind a refusal."""
