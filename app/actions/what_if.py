"""A what-if that takes too long for a request is reckoned by a job; its figures are the job's counts.

What it reckons is the gate's to say: the process that does the jobs brings it along. Source: contract.md (over 5 s).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.actions.jobs import Handler, Running, enqueue
from app.actions.unit import Unit
from app.instance import Instance

KIND = "policy_impact"

Reckon = Callable[[Instance, int, Mapping[str, Any]], Awaitable[dict[str, Any]]]
"""Answers what a plan would do to an account, as plain JSON values."""


async def reckon_later(unit: Unit, plan: Mapping[str, Any]) -> int:
    """Asks for the job and returns its id; `plan` is plain JSON and names nobody."""
    return await enqueue(unit, KIND, plan)


def handler_of(reckon: Reckon) -> Handler:
    """The handler of such jobs."""

    async def handler(running: Running) -> None:
        figures = await reckon(running.instance, running.account_id, running.arguments)
        async with running.step() as step:
            await step.save(1, 1.0, figures)

    return handler
