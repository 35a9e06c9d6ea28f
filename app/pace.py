"""The pace of strangers: how often one of them may do something, without remembering who they are.

Theory: somebody is known here by a keyed hash under a key that is random and dies with the process, and of each there
is one number: until when their pace is used up (a leaky bucket: `burst` at once, then one every `seconds`). What is
over is forgotten; what is remembered is bounded, and beyond it whoever came the longest time ago is forgotten.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

MOST_KNOWN = 50_000


class Pace:
    """One kind of doing. Each process counts for itself."""

    def __init__(
        self,
        burst: int,
        seconds: float,
        *,
        most_known: int = MOST_KNOWN,
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self._key = secrets.token_bytes(32)
        self._span = burst * seconds
        self._seconds = seconds
        self._most_known = most_known
        self._ticks = ticks
        self._used: OrderedDict[bytes, float] = OrderedDict()

    def wait(self, who: bytes) -> float:
        """0 where they may go on, which then counts; else how many seconds they have to wait, and nothing counts."""
        now = self._ticks()
        name = hmac.digest(self._key, who, hashlib.sha256)[:16]
        used = max(self._used.get(name, now), now)
        if used + self._seconds > now + self._span:
            return used + self._seconds - now - self._span
        self._used[name] = used + self._seconds
        self._used.move_to_end(name)
        self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """A few at a time, the oldest first, so that no caller pays for all the others."""
        for _ in range(2):
            name, used = next(iter(self._used.items()))
            if used > now and len(self._used) <= self._most_known:
                return
            del self._used[name]
