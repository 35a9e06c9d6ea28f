"""Errands: what is left to do once an answer has gone out, a few at a time and only as many as may wait.

Theory: whoever is not logged in can cause an errand, so errands must not pile up. Each queue holds a few slots (and
with them connections) and a bounded number that wait; what comes beyond is dropped and counted. The caller awaits its
own errand, usually as the background task of its answer, so a process that ends well ends its errands first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")


class Errands:
    """One queue of one process. `dropped` counts what found it full."""

    def __init__(self, slots: int = 1, most_waiting: int = 1_000) -> None:
        """`slots` errands run at once; `most_waiting` more may wait."""
        self._free = asyncio.Semaphore(slots)
        self._room = slots + most_waiting
        self._inside = 0
        self.dropped = 0

    @property
    def is_full(self) -> bool:
        """Whether the next errand would be dropped."""
        return self._inside >= self._room

    async def run(self, errand: Callable[[], Awaitable[Result]]) -> Result | None:
        """What the errand returns, once its turn came; None where it was dropped. Raises what the errand raises."""
        if self.is_full:
            self.dropped += 1
            return None
        self._inside += 1
        try:
            async with self._free:
                return await errand()
        finally:
            self._inside -= 1
