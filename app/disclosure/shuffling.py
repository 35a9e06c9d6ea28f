"""Equal lines in an order that says nothing, without ever holding them all.

Lines are drawn from the whole of what is left, a block at a time, so every order is as likely as every other one.
Source: domain.md §7 (rows are shuffled).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from random import SystemRandom

_BLOCK = 10_000


def shuffled(lines: Iterable[tuple[bytes, int]], block: int = _BLOCK) -> Iterator[bytes]:
    """Blocks of at most `block` lines: each line as often as it stands there."""
    left: Counter[bytes] = Counter()
    for text, times in lines:
        left[text] += times
    dice = SystemRandom()
    while total := left.total():
        drawn = dice.sample(list(left), k=min(block, total), counts=list(left.values()))
        left.subtract(drawn)
        left = +left
        yield b"".join(drawn)
