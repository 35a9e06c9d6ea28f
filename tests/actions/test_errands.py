"""Errands after an answer: one after the other, only as many as may wait, and counted where they are dropped."""

import asyncio

import pytest

from app.errands import Errands


async def test_one_runs_the_others_wait_and_what_is_too_much_is_dropped_and_counted():
    """One slot and two that wait: of four errands the last is dropped, the others run in their order."""
    errands = Errands(slots=1, most_waiting=2)
    go, begun = asyncio.Event(), []

    async def errand(number: int) -> int:
        begun.append(number)
        await go.wait()
        return number

    running = [asyncio.create_task(errands.run(lambda number=number: errand(number))) for number in range(4)]
    await asyncio.sleep(0.01)

    assert (begun, errands.is_full, errands.dropped) == ([0], True, 1)
    go.set()
    assert await asyncio.gather(*running) == [0, 1, 2, None]
    assert (errands.is_full, errands.dropped) == (False, 1)


async def test_an_errand_that_fails_says_so_and_leaves_its_place():
    errands = Errands(slots=1, most_waiting=0)

    async def failing() -> None:
        raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            await errands.run(failing)

    assert (errands.is_full, errands.dropped) == (False, 0)
