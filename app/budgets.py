"""What tokens may still spend: so much cost a minute, all of it at once if it was saved up.

Theory: a leaky bucket is one number, the time until which a budget is used up. Whoever spends pushes it on; it may lie
a minute ahead of now and no further. The numbers stand on the board, so all workers count together; a spending that two
of them make in the same microsecond may be lost, for this limits and does not bill. A token's place is its id modulo
the number of places: of ten tokens, two share a place once in fifteen hundred installations.
"""

from collections.abc import Callable, MutableSequence
from time import monotonic_ns

from app.board import BUDGETS

Wait = Callable[[int, int], float]
"""Answers how many seconds the token of this id has to wait until it may spend so much; 0 where it is spent."""

MINUTE = 60_000_000
"""Of microseconds, in which the numbers count."""


class Budgets:
    """The budgets of all tokens; `places` are the board's, or of this process alone."""

    def __init__(self, a_minute: int, places: MutableSequence[int] | memoryview | None = None) -> None:
        """`a_minute` is the cost that a token may spend in a minute."""
        self._a_minute = a_minute
        self._places = [0] * BUDGETS if places is None else places

    def wait(self, token_id: int, cost: int) -> float:
        """0 where the cost is spent now; else how many seconds to wait, and nothing is spent.

        What costs more than a minute's budget takes all of it.
        """
        now, place = monotonic_ns() // 1_000, token_id % len(self._places)
        takes = min(cost, self._a_minute) * MINUTE // self._a_minute
        until = max(self._places[place], now) + takes
        if until > now + MINUTE:
            return (until - now - MINUTE) / 1_000_000
        self._places[place] = until
        return 0.0
